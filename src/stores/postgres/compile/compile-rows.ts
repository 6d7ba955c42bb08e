// Rows as JSON, whatever they nest: every related row comes from a subquery that carries its own rule, order and page. A
// page is chosen before anything is written as JSON, so that what is left out costs nothing.

import type { KeyValue, ListSelection, OneSelection, RowSelection, SelectedField } from '../../../records/plan.ts';
import { type Compilation, columnRef, quoteText, tableName } from '../sql-text.ts';
import { columnJsonType, compileColumn } from './column-json.ts';
import { compileAggregate } from './compile-aggregate.ts';
import { compileConnection } from './compile-connection.ts';
import { compileNodeId } from './compile-node-id.ts';
import { compileOrderBy } from './compile-order.ts';
import { jsonObject } from './json-object.ts';
import { type ColumnMember, namedRow } from './named-row.ts';
import { compileMembership, compileOrderedRows, type Owner, where } from './ordered-rows.ts';

/** A subquery whose value is the JSON object of one row, or NULL. */
export function compileOne(
  selection: OneSelection,
  { by = [], owner }: { readonly by?: readonly KeyValue[]; readonly owner?: Owner },
  to: Compilation,
): string {
  const { table, rows } = selection;
  const alias = to.aliases.next();
  const named = by.map(({ column, slot }) => `${columnRef(alias, column)} = ${to.parameters.add(slot)}`);
  const conditions = [...named, ...compileMembership({ table, rows, owner }, alias, to)];
  const from = `FROM ${tableName(table)} ${alias}${where(conditions)}`;
  const members = compileMembers(selection, alias, to);
  // A row that is asked for by itself is made once, which is as soon done either way.
  const row = owner ? namedRow(members, to) : null;
  if (!row) return `(SELECT ${jsonObject(members)} ${from})`;
  return `(SELECT row_to_json(${row.alias}) FROM (SELECT ${row.columns} ${from}) ${row.alias})`;
}

/** An expression whose value is the JSON array of a page. */
export function compileList(selection: ListSelection, owner: Owner | undefined, to: Compilation): string {
  const { alias, keys, text } = compileOrderedRows({ ...selection, owner }, [], to);
  const order = compileOrderBy(keys, false, to);
  const { first, skip } = selection.page;
  const limits = `LIMIT ${to.parameters.add(first)} OFFSET ${to.parameters.add(skip)}`;
  const page = to.aliases.next();
  const from = `FROM (SELECT ${alias}.* ${text} ${order} ${limits}) ${page}`;
  const members = compileMembers(selection, page, to);
  const row = namedRow(members, to);
  if (!row) return `(SELECT coalesce(json_agg(${jsonObject(members)}), '[]') ${from})`;
  return `array_to_json(ARRAY(SELECT ${row.alias} FROM (SELECT ${row.columns} ${from}) ${row.alias}))`;
}

/** The JSON object of one row under `alias`, of SQL type json. */
export function compileObject(selection: RowSelection, alias: string, to: Compilation): string {
  return jsonObject(compileMembers(selection, alias, to));
}

/** The members of that object. */
export function compileMembers(selection: RowSelection, alias: string, to: Compilation): ColumnMember[] {
  return selection.fields.map((field) => ({
    key: field.key,
    value: compileField(field, selection, alias, to),
    type: typeOf(field),
  }));
}

function typeOf(field: SelectedField): string {
  switch (field.kind) {
    case 'constant':
    case 'nodeId':
      return 'text';
    case 'column':
      return columnJsonType(field.column);
    default:
      return 'json';
  }
}

function compileField(field: SelectedField, { table }: RowSelection, alias: string, to: Compilation): string {
  switch (field.kind) {
    case 'constant':
      return `${quoteText(field.value)}::text`;
    case 'column':
      return compileColumn(field.column, alias);
    case 'nodeId':
      return compileNodeId(table, alias);
  }
  const { relation, linkRows } = field;
  const owner: Owner = { table, alias, relation, linkRows };
  switch (field.kind) {
    case 'one':
      return compileOne(field.one, { owner }, to);
    case 'list':
      return compileList(field.list, owner, to);
    case 'connection':
      return compileConnection(field.connection, owner, to);
    case 'aggregate':
      return compileAggregate(field.aggregate, owner, to);
  }
}
