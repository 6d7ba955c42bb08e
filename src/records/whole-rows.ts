// Selections with the whole rows of tables that have a read script: every column besides what was asked, under keys that no
// client can use.

import type { TableModel } from '../tables/model.ts';
import type { ConnectionField } from './connection-plan.ts';
import type { ConnectionSelection, RowSelection, SelectedField } from './plan.ts';

/** The key of a column that nobody asked for: no name of GraphQL has such a sign. */
export const hidden = (column: string): string => `#${column}`;

/** Whether nobody asked for a field. */
export function isHidden(field: { readonly key: string } | undefined): boolean {
  return field?.key.startsWith('#') === true;
}

/** Whether a read script changes rows of the table. */
export function hasReadScript({ scripts }: TableModel): boolean {
  return scripts?.read === true;
}

/** Whether a selection tells rows of such a table, however deep. */
export function touches({ table, fields }: RowSelection): boolean {
  return hasReadScript(table) || fields.some(fieldTouches);
}

function fieldTouches(field: SelectedField): boolean {
  if (field.kind === 'one') return touches(field.one);
  if (field.kind === 'list') return touches(field.list);
  return field.kind === 'connection' && connectionTouches(field.connection);
}

function connectionTouches({ table, fields }: ConnectionSelection): boolean {
  // Without its row, nobody would know whether an edge is to be told.
  return selectionsIn(fields).some(touches) || (hasReadScript(table) && fields.some(({ kind }) => kind === 'edges'));
}

/** The selections of the rows of a page. */
function selectionsIn(fields: readonly ConnectionField<RowSelection>[]): readonly RowSelection[] {
  return fields.flatMap((field) => {
    if (field.kind === 'nodes') return [field.selection];
    if (field.kind !== 'edges') return [];
    return field.fields.flatMap((edge) => (edge.kind === 'edgeNode' ? [edge.selection] : []));
  });
}

/** The selection with whole rows. */
export function widened<Selection extends RowSelection>(selection: Selection): Selection {
  if (!touches(selection)) return selection;
  const { table } = selection;
  const columns = [...table.columns.values()].map(
    (column) => ({ kind: 'column', key: hidden(column.name), column }) as const,
  );
  const fields = [...selection.fields.map(widenedField), ...(hasReadScript(table) ? columns : [])];
  return { ...selection, fields };
}

function widenedField(field: SelectedField): SelectedField {
  if (field.kind === 'one') return { ...field, one: widened(field.one) };
  if (field.kind === 'list') return { ...field, list: widened(field.list) };
  return field.kind === 'connection' ? { ...field, connection: widenedConnection(field.connection) } : field;
}

/** The page with whole rows; itself, where there is nothing to add. */
export function widenedConnection(connection: ConnectionSelection): ConnectionSelection {
  if (!connectionTouches(connection)) return connection;
  const { table } = connection;
  const fields = connection.fields.map((field): ConnectionField<RowSelection> => {
    if (field.kind === 'nodes') return { ...field, selection: widened(field.selection) };
    if (field.kind !== 'edges') return field;
    const edges = field.fields.map((edge) =>
      edge.kind === 'edgeNode' ? { ...edge, selection: widened(edge.selection) } : edge,
    );
    const isRowless = hasReadScript(table) && !edges.some(({ kind }) => kind === 'edgeNode');
    const node = { kind: 'edgeNode', key: hidden('node'), selection: widened({ table, fields: [] }) } as const;
    return { ...field, fields: isRowless ? [...edges, node] : edges };
  });
  return { ...connection, fields };
}
