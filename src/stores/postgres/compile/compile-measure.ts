// What is computed over a group of rows, and what its rows have in common, as SQL. The results are of the types that
// `tables/measures.ts` says, and the same whatever the order in which the rows are met (the last digits of sums of Floats
// apart, where doubles round).

import type { GroupKey, Measure } from '../../../tables/measures.ts';
import type { Column, ColumnType } from '../../../tables/model.ts';
import { columnRef, isText } from '../sql-text.ts';
import { enumPosition, enumValues } from './enum-position.ts';

/** The aggregate over the rows under `alias`. */
export function compileMeasure(measure: Measure, alias: string): string {
  if (measure.function === 'count') return 'count(*)';
  const { function: name, column } = measure;
  const value = columnRef(alias, column);
  switch (name) {
    case 'sum':
      return isFloat(column.type) ? oneZero(`sum(${value})`) : `sum(${value})`;
    case 'avg':
      // PostgreSQL's avg of Floats fails for squares that overflow, which an average has no use for. That of the others
      // has at least 16 digits, and zeros after them that say nothing.
      return isFloat(column.type) ? oneZero(`sum(${value}) / count(${value})`) : `trim_scale(avg(${value}))`;
    case 'min':
    case 'max':
      return compileExtreme(name, column, value);
  }
}

function compileExtreme(name: 'min' | 'max', { type }: Column, value: string): string {
  if (type.kind === 'enum') return `(${enumValues(type)})[${name}(${enumPosition(type, value)})]`;
  // Not every supported version has an order of UUIDs for these; that of their texts is the same.
  if (type.name === 'UUID') return `${name}(${value}::text COLLATE "C")::uuid`;
  if (isText(type)) return `${name}(${value} COLLATE "C")`;
  return isFloat(type) ? oneZero(`${name}(${value})`) : `${name}(${value})`;
}

/** The value that the rows of a group have in common, for a row under `alias`. */
export function compileGroupKey({ column, unit, type }: GroupKey, alias: string): string {
  const value = columnRef(alias, column);
  if (unit === null) return isText(type) ? `${value} COLLATE "C"` : value;
  const start = `date_trunc('${unit}', ${column.type.name === 'Date' ? `${value}::timestamp` : `${value} AT TIME ZONE 'UTC'`})`;
  return type.name === 'Date' ? `${start}::date` : `${start} AT TIME ZONE 'UTC'`;
}

/** By what groups are ordered, for the value of a key. */
export function compileGroupOrder({ type }: GroupKey, value: string): string {
  return type.kind === 'enum' ? enumPosition(type, value) : value;
}

/** 12.5 and 12.50 are one group, and so are the two zeros of Floats: how they are shown must not be a matter of chance. */
export function compileSharedValue({ type }: GroupKey, value: string): string {
  if (type.name === 'Decimal') return `trim_scale(${value})`;
  return isFloat(type) ? oneZero(value) : value;
}

/** -0 becomes 0. */
function oneZero(value: string): string {
  return `(${value} + 0)`;
}

function isFloat({ name }: ColumnType): boolean {
  return name === 'Float';
}
