// What a column's values must be, as SQL conditions: for checks, and for counting the rows that do not pass.

import type { Column } from '../../../tables/model.ts';
import { quoteText } from '../sql-text.ts';

/** The conditions, all of which a value must meet; null meets them. `name` is the column in SQL. */
export function columnConditions(column: Column, name: string): string[] {
  return column.system ? [] : [...typeConditions(column, name), ...ownConditions(column, name)];
}

/** What the column's type means here, where PostgreSQL's own would let more in than the API can answer. */
function typeConditions({ type, list }: Column, name: string): string[] {
  const conditions: string[] = list ? [`array_position(${name}, NULL) IS NULL`] : [];
  if (type.kind === 'enum') {
    const values = type.values.map(quoteText).join(', ');
    conditions.push(list ? `${name} <@ ARRAY[${values}]::text[]` : `${name} IN (${values})`);
  } else if (type.name === 'Float' || type.name === 'Decimal') {
    conditions.push(
      list ? `NOT ${name} && '{NaN,Infinity,-Infinity}'` : `${name} NOT IN ('NaN', 'Infinity', '-Infinity')`,
    );
  } else if (type.name === 'DateTime' || type.name === 'Date') {
    const value = list ? `ALL (${name})` : name;
    const zone = type.name === 'DateTime' ? ' 00:00Z' : '';
    conditions.push(`'0001-01-01${zone}' <= ${value}`, `'10000-01-01${zone}' > ${value}`);
  }
  return conditions;
}

function ownConditions({ checks: { length, range } }: Column, name: string): string[] {
  const conditions: string[] = [];
  if (length?.min != null) conditions.push(`char_length(${name}) >= ${length.min}`);
  if (length?.max != null) conditions.push(`char_length(${name}) <= ${length.max}`);
  if (range?.min != null) conditions.push(`${name} >= ${range.min}`);
  if (range?.max != null) conditions.push(`${name} <= ${range.max}`);
  return conditions;
}
