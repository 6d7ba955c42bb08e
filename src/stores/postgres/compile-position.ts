// Where rows stand to a cursor. Written for any mixture of directions, for missing values on either side, and so that an
// index over the first key can be entered at the cursor: its bound stands by itself, in front of what decides among equals.

import type { Slot } from '../../records/value-source.ts';
import { inOrder, parameterInOrder, type SortKey } from './compile-order.ts';
import type { Compilation } from './sql-text.ts';

/** Rows that come after the place of a cursor, or before it; with `inclusive`, the row of the cursor too. */
export interface Position {
  readonly side: 'after' | 'before';
  readonly cursor: readonly Slot[];
  readonly inclusive?: boolean;
}

/** The condition. True or not; what is not true is no. */
export function compilePosition(
  { side, cursor, inclusive = false }: Position,
  keys: readonly SortKey[],
  to: Compilation,
): string {
  const [key, ...rest] = keys;
  const [slot, ...others] = cursor;
  if (!key || !slot) throw new Error('a cursor has a value for each key');
  const compared = compare(key, slot, side, to);
  if (rest.length === 0) return inclusive ? compared.atOrBeyond : compared.beyond;
  const inside = compilePosition({ side, cursor: others, inclusive }, rest, to);
  return `${compared.atOrBeyond} AND (${compared.beyond} OR ${inside})`;
}

/** The two comparisons of a key with its value in the cursor. The value is a parameter, and may be missing. */
function compare({ term, type, value }: SortKey, slot: Slot, side: Position['side'], to: Compilation) {
  const reversed = side === 'before';
  const parameter = to.parameters.add(slot);
  const key = inOrder(type, value, to);
  const operator = term.descending === reversed ? '>' : '<';
  const other = parameterInOrder(type, parameter, to);
  const beyond = `${key} ${operator} ${other}`;
  const atOrBeyond = `${key} ${operator}= ${other}`;
  if (!term.nullable) return { beyond, atOrBeyond };
  // A comparison with what is missing is unknown, which is no: what remains is to say where the missing ones stand.
  return term.nullsFirst === reversed
    ? {
        beyond: `(${beyond} OR ${value} IS NULL AND ${parameter} IS NOT NULL)`,
        atOrBeyond: `(${atOrBeyond} OR ${value} IS NULL)`,
      }
    : {
        beyond: `(${beyond} OR ${value} IS NOT NULL AND ${parameter} IS NULL)`,
        atOrBeyond: `(${atOrBeyond} OR ${parameter} IS NULL)`,
      };
}
