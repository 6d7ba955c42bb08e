// Rows as JSON, made by PostgreSQL and passed on as they come. The forms of values are the API's (docs/decisions/
// 0004-json-from-postgresql.md): whatever a JS number or Date would spoil is text.

import type { RowSelection, SelectedField } from '../../records/plan.ts';
import type { Column } from '../../tables/model.ts';
import { compileRows } from './compile-read.ts';
import { type Compilation, columnRef, quoteText } from './sql-text.ts';

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

function compileColumn(column: Column, alias: string): string {
  const value = columnRef(alias, column);
  const convert = CONVERSIONS[column.type.name];
  if (column.type.kind === 'enum' || !convert) return value;
  if (!column.list) return convert(value);
  const items = `(SELECT coalesce(json_agg(${convert('item')} ORDER BY at), '[]') FROM unnest(${value}) WITH ORDINALITY AS items (item, at))`;
  return `CASE WHEN ${value} IS NULL THEN NULL ELSE ${items} END`;
}

/** The types whose JSON is not PostgreSQL's own. */
const CONVERSIONS: Record<string, (value: string) => string> = {
  BigInt: (value) => `${value}::text`,
  Version: (value) => `${value}::text`,
  Decimal: (value) => `${value}::text`,
  DateTime: (value) => `to_char(${value} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`,
  Date: (value) => `to_char(${value}, 'YYYY-MM-DD')`,
  Time: (value) => `to_char(${value}, 'HH24:MI:SS.US')`,
  Bytes: (value) => `translate(encode(${value}, 'base64'), E'\\n', '')`,
};
