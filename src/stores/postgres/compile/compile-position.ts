// Where rows stand to a cursor. Written for any mixture of directions, for missing values on either side, and so that an
// index over the first key can be entered at the cursor: its bound stands by itself, in front of what decides among equals.

import type { OrderTerm } from '../../../records/plan.ts';
import type { Slot } from '../../../records/value-source.ts';
import type { Compilation } from '../sql-text.ts';
import { inOrder, parameterInOrder, type SortKey } from './compile-order.ts';

/** Rows that come after the place of a cursor, or before it. */
export interface Position {
  readonly side: 'after' | 'before';
  readonly cursor: readonly Slot[];
  /** The row of the cursor too. */
  readonly inclusive?: boolean;
  /** Of these rows, those that have a value of the first key, or those that miss it. Only where `isSplit`. */
  readonly half?: 'present' | 'missing';
}

/**
 * Whether rows without a value of the first key are beyond all others on that side. No index is entered at a cursor for
 * both at once, so that each half is better asked for alone.
 */
export function isSplit(side: Position['side'], first: OrderTerm): boolean {
  return first.nullable && first.nullsFirst === (side === 'before');
}

/** The condition. True or not; what is not true is no. */
export function compilePosition(
  { half, ...position }: Position,
  [key, ...rest]: readonly SortKey[],
  to: Compilation,
): string {
  const { side, cursor, inclusive = false } = position;
  const [slot, ...others] = cursor;
  if (!key || !slot) throw new Error('a cursor has a value for each key');
  const { term, type, value } = key;
  const parameter = to.parameters.add(slot);
  const operator = term.descending === (side === 'before') ? '>' : '<';
  const [left, right] = [inOrder(type, value, to), parameterInOrder(type, parameter, to)];
  const [beyond, atOrBeyond] = [`${left} ${operator} ${right}`, `${left} ${operator}= ${right}`];
  if (rest.length === 0) return inclusive ? atOrBeyond : beyond;
  const inside = compilePosition({ ...position, cursor: others }, rest, to);
  if (half === 'missing') return `${value} IS NULL AND (${parameter} IS NOT NULL OR ${inside})`;
  if (half === 'present' || !term.nullable) return `${atOrBeyond} AND (${beyond} OR ${inside})`;
  // A comparison with what is missing is unknown, which is no: what remains is to say where the missing ones stand.
  const [orAt, orBeyond] = isSplit(side, term)
    ? [`${value} IS NULL`, `${value} IS NULL AND ${parameter} IS NOT NULL`]
    : [`${parameter} IS NULL`, `${value} IS NOT NULL AND ${parameter} IS NULL`];
  return `(${atOrBeyond} OR ${orAt}) AND (${beyond} OR ${orBeyond} OR ${inside})`;
}
