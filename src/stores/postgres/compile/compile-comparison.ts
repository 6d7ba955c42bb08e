// One condition on one column as SQL. A client's text is never a pattern: it is escaped where LIKE stands, which stands
// where it does because an index can serve it.

import type { Equality, Filter, Ordering, TextMatch } from '../../../tables/filter.ts';
import type { Column } from '../../../tables/model.ts';
import type { ValueSource } from '../../../tables/value-source.ts';
import { foldedText } from '../fold-case-function.ts';
import { type Compilation, columnRef, isText } from '../sql-text.ts';
import { isPresent } from './is-certain.ts';

export const OPERATORS: Readonly<Record<Equality | Ordering, string>> = {
  eq: '=',
  ne: '<>',
  lt: '<',
  lte: '<=',
  gt: '>',
  gte: '>=',
  in: '= ANY',
  notIn: '<> ALL',
};

type Of<Kind extends Filter['kind']> = Extract<Filter, { readonly kind: Kind }>;

/** A comparison of a column of one value. */
export function compileComparison(
  { operator, operand, ignoreCase }: Of<'compare'>,
  column: Column,
  alias: string,
  to: Compilation,
): string {
  const value = columnRef(alias, column);
  // Written out, so that partial indexes over it are found.
  if (operand.from === 'model' && typeof operand.value === 'boolean' && isPlain(operator)) {
    return `${value} ${OPERATORS[operator]} ${operand.value ? 'TRUE' : 'FALSE'}`;
  }
  const compared = (folded: boolean) => {
    const left = folded ? foldedText(value) : value;
    if (isMatch(operator)) return compileMatch(left, operator, operand, folded, to);
    const many = operator === 'in' || operator === 'notIn';
    const right = to.parameters.add({ source: operand, type: column.type, list: many, folded });
    if (many) return `${left} ${OPERATORS[operator]} (${right})`;
    const byCodePoint = isText(column.type) && operator !== 'eq' && operator !== 'ne';
    return `${left} ${OPERATORS[operator]} ${right}${byCodePoint ? ' COLLATE "C"' : ''}`;
  };
  if (ignoreCase === undefined) return compared(false);
  if (isKnown(ignoreCase)) return compared(ignoreCase.value === true);
  return `CASE WHEN ${flag(ignoreCase, to)} THEN ${compared(true)} ELSE ${compared(false)} END`;
}

/** Whether a text has another in it, at its start, or at its end. */
export function compileMatch(
  text: string,
  operator: TextMatch,
  operand: ValueSource,
  folded: boolean,
  to: Compilation,
): string {
  const slot = { source: operand, type: { kind: 'scalar', name: 'String' }, list: false, folded } as const;
  if (operator === 'startsWith') return `starts_with(${text}, ${to.parameters.add(slot)})`;
  return `${text} LIKE ${to.parameters.add({ ...slot, pattern: operator })}`;
}

/** A condition on the items of a list. */
export function compileListMatch(
  { operator, operand }: Of<'list'>,
  column: Column,
  alias: string,
  to: Compilation,
): string {
  const items = columnRef(alias, column);
  const right = to.parameters.add({ source: operand, type: column.type, list: operator !== 'has' });
  if (operator === 'hasEvery') return `${items} @> ${right}`;
  if (operator === 'hasSome') return `${items} && ${right}`;
  const item = `${items} @> ARRAY[${right}]`;
  // An array with a missing value in it is contained nowhere, which would be no and must be unknown.
  return isPresent(operand) ? item : `CASE WHEN ${right} IS NOT NULL THEN ${item} END`;
}

/** A test that a flag asks for: `yes`, or its contrary `no`. */
export function compileTest(yes: string, no: string, value: ValueSource, to: Compilation): string {
  if (isKnown(value)) return value.value === null ? 'NULL::boolean' : value.value === true ? yes : no;
  return `((${yes}) = ${flag(value, to)})`;
}

function flag(source: ValueSource, to: Compilation): string {
  return to.parameters.add({ source, type: { kind: 'scalar', name: 'Boolean' }, list: false });
}

/** A flag is part of what is asked, so that one which is written out stands in the statement. */
function isKnown(source: ValueSource): source is Extract<ValueSource, { from: 'model' | 'constant' }> {
  return source.from === 'model' || source.from === 'constant';
}

const isMatch = (operator: string): operator is TextMatch => !Object.hasOwn(OPERATORS, operator);
const isPlain = (operator: string): operator is 'eq' | 'ne' => operator === 'eq' || operator === 'ne';
