// Rows as JSON, whatever they nest: every related row comes from a subquery that carries its own rule, order and page.

import type { KeyValue, Page, RowSelection, SelectedField } from '../../records/plan.ts';
import type { Filter } from '../../tables/filter.ts';
import { columnOf, type Relation } from '../../tables/model.ts';
import { compileColumn } from './column-json.ts';
import { compileFilter, joinCondition, type Placed } from './compile-filter.ts';
import { type Compilation, columnRef, quoteText, tableName } from './sql-text.ts';

interface Rows {
  readonly selection: RowSelection;
  /** The rows that may be seen. */
  readonly rows: Filter;
  /** Null: one row, or null when there is none. */
  readonly page: Page | null;
  readonly by?: readonly KeyValue[];
  /** The row that these are related to. */
  readonly owner?: Placed & { readonly relation: Relation; readonly linkRows: Filter };
}

/** A subquery whose value is the JSON of the rows: an array with a page, else an object or NULL. */
export function compileRows({ selection, rows, page, by = [], owner }: Rows, to: Compilation): string {
  const { table } = selection;
  const alias = to.aliases.next();
  const conditions = [
    ...by.map(({ column, slot }) => `${columnRef(alias, column)} = ${to.parameters.add(slot)}`),
    ...(owner ? [joinCondition(owner.relation, owner, { table, alias }, owner.linkRows, to)] : []),
    compileFilter(rows, table, alias, to),
  ].filter((condition) => condition !== 'TRUE');
  const object = compileObject(selection, alias, to);
  const where = conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : '';
  const from = `FROM ${tableName(table)} ${alias}${where}`;
  if (!page) return `(SELECT ${object} ${from})`;
  const order = `ORDER BY ${columnRef(alias, columnOf(table, 'id'))}`;
  const limits = `LIMIT ${to.parameters.add(page.first)} OFFSET ${to.parameters.add(page.skip)}`;
  const listed = to.aliases.next();
  return `(SELECT coalesce(json_agg(${listed}.item), '[]') FROM (SELECT ${object} AS item ${from} ${order} ${limits}) ${listed})`;
}

/** PostgreSQL takes at most 100 arguments a call, so that one json_build_object has at most this many members. */
const MEMBERS_PER_OBJECT = 50;

/** The JSON object of one row under `alias`, of SQL type json. */
export function compileObject(selection: RowSelection, alias: string, to: Compilation): string {
  const members = selection.fields.map(
    (field) => `${quoteText(field.key)}, ${compileField(field, selection, alias, to)}`,
  );
  const chunks = Array.from({ length: Math.ceil(members.length / MEMBERS_PER_OBJECT) }, (_, at) =>
    members.slice(at * MEMBERS_PER_OBJECT, (at + 1) * MEMBERS_PER_OBJECT),
  );
  const objects = chunks.map((chunk) => `json_build_object(${chunk.join(', ')})`);
  if (objects.length <= 1) return objects[0] ?? `'{}'::json`;
  // Joined as text, because only jsonb concatenates, and jsonb forgets the order of members.
  const inner = objects.map((object) => `substr(left(${object}::text, -1), 2)`);
  return `('{' || ${inner.join(` || ',' || `)} || '}')::json`;
}

function compileField(field: SelectedField, selection: RowSelection, alias: string, to: Compilation): string {
  switch (field.kind) {
    case 'constant':
      return `${quoteText(field.value)}::text`;
    case 'column':
      return compileColumn(field.column, alias);
    case 'related': {
      const owner = { table: selection.table, alias, relation: field.relation, linkRows: field.linkRows };
      return compileRows({ selection: field.selection, rows: field.rows, page: field.page, owner }, to);
    }
  }
}
