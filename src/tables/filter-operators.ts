// Which operators a column has, by its type. Rules, the generated inputs and what reads them all ask here, so that the
// same operators exist everywhere.

import type { Equality, Filter, ListMatch, Ordering, RelatedRows, TextMatch } from './filter.ts';
import type { ColumnType } from './model.ts';
import type { ValueSource } from './value-source.ts';

/** What an operator is given: one value of the column's type, a list of them, a text, or yes and no. */
export type OperandKind = 'one' | 'many' | 'text' | 'flag';

const EQUALITY = { eq: 'one', ne: 'one', in: 'many', notIn: 'many' } as const satisfies Record<Equality, OperandKind>;
const ORDERING = { lt: 'one', lte: 'one', gt: 'one', gte: 'one' } as const satisfies Record<Ordering, OperandKind>;
const TEXT = { contains: 'text', startsWith: 'text', endsWith: 'text' } as const satisfies Record<
  TextMatch,
  OperandKind
>;
const LIST = { has: 'one', hasEvery: 'many', hasSome: 'many' } as const satisfies Record<ListMatch, OperandKind>;

const COMPARISONS = { ...EQUALITY, ...ORDERING, ...TEXT };
/** Every operator that some column has. */
export const ALL_OPERATORS: readonly string[] = [
  ...Object.keys({ ...COMPARISONS, ...LIST }),
  ...['ignoreCase', 'isNull', 'isEmpty', 'exists'],
];
/** What the number of related rows is compared with. */
export const COUNT_OPERATORS = { ...EQUALITY, ...ORDERING };

/** An enum is a text inside, but its values have no order that a person means; a Version is opaque. */
const UNORDERED = ['Boolean', 'Bytes', 'Version'];
/** A UUID is compared as a text, and searched by nobody. */
const SEARCHED = ['String', 'ID'];

/** The operators of a column and what each takes, in the order in which they are shown. */
export function operatorsOf(column: {
  readonly type: ColumnType;
  readonly list: boolean;
}): Readonly<Record<string, OperandKind>> {
  const { type, list } = column;
  if (list) return { ...LIST, isEmpty: 'flag', isNull: 'flag' };
  // A text may be contained in a text at the path, and any value in an object or a list.
  if (type.name === 'JSON') return { ...COMPARISONS, contains: 'one', isNull: 'flag', exists: 'flag' };
  const ordered = type.kind !== 'enum' && !UNORDERED.includes(type.name);
  const ignoring = isSearched(type) ? ({ ...TEXT, ignoreCase: 'flag' } as const) : {};
  return { ...EQUALITY, ...(ordered ? ORDERING : {}), ...ignoring, isNull: 'flag' };
}

/** Whether texts of the type can be searched, and compared without regard to case. */
export function isSearched(type: ColumnType): boolean {
  return type.kind === 'scalar' && SEARCHED.includes(type.name);
}

/** What stands beside the operators of one column, and is about all of them. */
export interface Beside {
  readonly ignoreCase: ValueSource;
  readonly path: ValueSource;
}

/** The filter of one operator of a column; programmer error when the column does not have it. */
export function columnFilter(
  column: { readonly name: string; readonly type: ColumnType; readonly list: boolean },
  operator: string,
  operand: ValueSource,
  { ignoreCase, path }: Beside,
): Filter {
  const of = { column: column.name } as const;
  const json = column.type.name === 'JSON' && !column.list;
  if (operator === 'isEmpty') return { kind: 'isEmpty', ...of, value: operand };
  if (operator === 'exists' || (operator === 'isNull' && json)) {
    return { kind: 'jsonIs', ...of, path, test: operator, value: operand };
  }
  if (operator === 'isNull') return { kind: 'isNull', ...of, value: operand };
  if (isOneOf(LIST, operator)) return { kind: 'list', ...of, operator, operand };
  if (!isOneOf(COMPARISONS, operator)) throw new Error(`no operator ${operator}`);
  if (json) return { kind: 'json', ...of, path, operator, operand };
  const plain = { kind: 'compare', ...of, operator, operand } as const;
  return 'value' in ignoreCase && ignoreCase.value !== true ? plain : { ...plain, ignoreCase };
}

/** The filter of one operator of a count; null when counts do not have it. */
export function countFilter(
  related: { readonly relation: string } & RelatedRows,
  operator: string,
  operand: ValueSource,
): Filter | null {
  const { relation, rows, linkRows } = related;
  return isOneOf(COUNT_OPERATORS, operator) ? { kind: 'count', relation, operator, operand, rows, linkRows } : null;
}

function isOneOf<Names extends object>(names: Names, name: string): name is Extract<keyof Names, string> {
  return Object.hasOwn(names, name);
}
