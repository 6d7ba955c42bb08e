// The JSON of a column's value, made by PostgreSQL. The forms are the API's (docs/decisions/0004-json-from-postgresql.md):
// whatever a JS number or Date would spoil is text.

import type { Column, ColumnType } from '../../../tables/model.ts';
import { columnRef } from '../sql-text.ts';

/** The expression for a column under `alias`, to be a member of a JSON object. */
export function compileColumn(column: Column, alias: string): string {
  const value = columnRef(alias, column);
  const convert = conversionOf(column.type);
  if (!convert) return value;
  if (!column.list) return convert(value);
  const items = `(SELECT coalesce(json_agg(${convert('item')} ORDER BY at), '[]') FROM unnest(${value}) WITH ORDINALITY AS items (item, at))`;
  return `CASE WHEN ${value} IS NULL THEN NULL ELSE ${items} END`;
}

/** The same for one value of a type. */
export function compileValue(type: ColumnType, value: string): string {
  return conversionOf(type)?.(value) ?? value;
}

/** What settles the SQL type of the expression for a column, and its collation. */
export function columnJsonType({ type, list }: Column): string {
  return `${type.name}${list ? '[]' : ''}`;
}

function conversionOf({ kind, name }: ColumnType): ((value: string) => string) | undefined {
  return kind === 'enum' ? undefined : CONVERSIONS[name];
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
