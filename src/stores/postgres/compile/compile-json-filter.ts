// A condition on what stands at a path in a JSON column. JSON's null is a missing value like SQL's own, and values of
// different types are never in an order.

import type { Filter } from '../../../tables/filter.ts';
import type { Column, ColumnType } from '../../../tables/model.ts';
import type { ValueSource } from '../../../tables/value-source.ts';
import { type Compilation, columnRef } from '../sql-text.ts';
import { compileMatch, compileTest, OPERATORS } from './compile-comparison.ts';

const JSON_TYPE: ColumnType = Object.freeze({ kind: 'scalar', name: 'JSON' });
const TEXT_TYPE: ColumnType = Object.freeze({ kind: 'scalar', name: 'String' });

/** Whether something is there, or nothing but null. */
export function compileJsonTest(
  { path, test, value }: Extract<Filter, { kind: 'jsonIs' }>,
  column: Column,
  alias: string,
  to: Compilation,
): string {
  // A column whose value is JSON's null has none: in an answer the two look alike.
  const there = foundAt(path, present(columnRef(alias, column)), to);
  const found = test === 'isNull' ? present(there) : there;
  const [none, some] = [`${found} IS NULL`, `${found} IS NOT NULL`];
  return test === 'isNull' ? compileTest(none, some, value, to) : compileTest(some, none, value, to);
}

/** A comparison of what is there. `negated`: a NOT is around it, so that "no" and "unknown" are apart. */
export function compileJsonComparison(
  { path, operator, operand }: Extract<Filter, { kind: 'json' }>,
  column: Column,
  { alias, negated }: { readonly alias: string; readonly negated: boolean },
  to: Compilation,
): string {
  const found = foundAt(path, columnRef(alias, column), to);
  const value = present(found);
  const text = `(${value} #>> '{}')`;
  const parameter = (list: boolean) => to.parameters.add({ source: operand, type: JSON_TYPE, list });
  const both = (type: string) => `jsonb_typeof(${parameter(false)}) = '${type}' AND jsonb_typeof(${value}) = '${type}'`;
  switch (operator) {
    case 'eq':
    case 'ne':
      return `${value} ${OPERATORS[operator]} ${parameter(false)}`;
    case 'in':
    case 'notIn':
      return `${value} ${OPERATORS[operator]} (${parameter(true)})`;
    case 'startsWith':
    case 'endsWith':
      return `CASE WHEN jsonb_typeof(${value}) = 'string' THEN ${compileMatch(text, operator, operand, false, to)} END`;
    case 'contains':
      // Of the column itself, where that is as good, so that a GIN index over it serves.
      return `CASE WHEN ${both('string')} THEN strpos(${text}, ${parameter(false)} #>> '{}') > 0 ELSE ${negated ? value : found} @> ${parameter(false)} END`;
    default: {
      const numbers = `(${value})::numeric ${OPERATORS[operator]} ${parameter(false)}::numeric`;
      const texts = `${text} COLLATE "C" ${OPERATORS[operator]} (${parameter(false)} #>> '{}')`;
      return `CASE WHEN ${both('number')} THEN ${numbers} WHEN ${both('string')} THEN ${texts} END`;
    }
  }
}

function foundAt(path: ValueSource, whole: string, to: Compilation): string {
  if (isWhole(path)) return whole;
  return `(${whole} #> ${to.parameters.add({ source: path, type: TEXT_TYPE, list: true })})`;
}

/** No path was given. */
const isWhole = (path: ValueSource) => path.from === 'model' && Array.isArray(path.value) && path.value.length === 0;
const present = (found: string) => `NULLIF(${found}, 'null'::jsonb)`;
