// The one filter tree. Client filters, row rules, subscription filters and sync all become this; it is evaluated in SQL
// (`stores/postgres/compile/compile-filter.ts`) and in memory (`prepare-filter.ts`), and property tests hold the two
// equal.
//
// It has three values. A comparison with a missing value is unknown, unknown stays unknown under `not`, and what is not
// true is no. What every operator means, and what it says of nothing, is the table in docs/filters.md.

import { modelValue, type ValueSource } from './value-source.ts';

export type Equality = 'eq' | 'ne' | 'in' | 'notIn';
export type Ordering = 'lt' | 'lte' | 'gt' | 'gte';
/** Of texts, by code point. Nothing in the operand is a wildcard. */
export type TextMatch = 'contains' | 'startsWith' | 'endsWith';
export type ListMatch = 'has' | 'hasEvery' | 'hasSome';

/** Which rows a relation leads to: of the table itself, and of the table of the model between, if there is one. */
export interface RelatedRows {
  readonly rows: Filter;
  readonly linkRows: Filter;
}

export type Filter =
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Filter[] }
  | { readonly kind: 'not'; readonly part: Filter }
  /** One value of a column, of any type but JSON. `in` and `notIn` take a list. */
  | {
      readonly kind: 'compare';
      readonly column: string;
      readonly operator: Equality | Ordering | TextMatch;
      readonly operand: ValueSource;
      /** Of texts: whether both sides are folded (`fold-case.ts`) before they are compared. Left out: no. */
      readonly ignoreCase?: ValueSource;
    }
  /** Two-valued, whatever the column. */
  | { readonly kind: 'isNull'; readonly column: string; readonly value: ValueSource }
  /** The items of a list column. `has` takes one value, the others a list. */
  | { readonly kind: 'list'; readonly column: string; readonly operator: ListMatch; readonly operand: ValueSource }
  | { readonly kind: 'isEmpty'; readonly column: string; readonly value: ValueSource }
  /** What stands at a path in a JSON column; JSON's null there is a missing value. */
  | {
      readonly kind: 'json';
      readonly column: string;
      /** Names of members and, in lists, positions. */
      readonly path: ValueSource;
      readonly operator: Equality | Ordering | TextMatch;
      readonly operand: ValueSource;
    }
  /** `isNull`: nothing is there, or JSON's null. `exists`: something is, even null. Two-valued. */
  | {
      readonly kind: 'jsonIs';
      readonly column: string;
      readonly path: ValueSource;
      readonly test: 'isNull' | 'exists';
      readonly value: ValueSource;
    }
  /** `one` for a to-one relation: the related row exists and passes. */
  | ({
      readonly kind: 'relation';
      readonly relation: string;
      readonly quantifier: 'one' | 'some' | 'every' | 'none';
      readonly filter: Filter;
    } & RelatedRows)
  /** How many rows a to-many relation leads to, compared as an Int. */
  | ({
      readonly kind: 'count';
      readonly relation: string;
      readonly operator: Equality | Ordering;
      readonly operand: ValueSource;
    } & RelatedRows);

export const EVERY_ROW: Filter = Object.freeze({ kind: 'constant', value: true });
export const NO_ROW: Filter = Object.freeze({ kind: 'constant', value: false });

/** All of `parts`; none at all is every row. */
export function allOf(parts: readonly Filter[]): Filter {
  if (parts.some((part) => part.kind === 'constant' && !part.value)) return NO_ROW;
  const telling = parts.filter((part) => part.kind !== 'constant');
  return telling.length === 0 ? EVERY_ROW : (telling.length === 1 && telling[0]) || { kind: 'and', parts: telling };
}

/** Any of `parts`; none at all is no row. */
export function anyOf(parts: readonly Filter[]): Filter {
  if (parts.some((part) => part.kind === 'constant' && part.value)) return EVERY_ROW;
  const telling = parts.filter((part) => part.kind !== 'constant');
  return telling.length === 0 ? NO_ROW : (telling.length === 1 && telling[0]) || { kind: 'or', parts: telling };
}

/** What tells whether rows of a table can be soft-deleted. */
type Columns = { readonly columns: ReadonlyMap<string, { readonly system: boolean }> };

/** The rows of a table that are not soft-deleted. */
export function livingRows(table: Columns): Filter {
  return table.columns.get('deleted')?.system ? rowsWhereDeleted(false) : EVERY_ROW;
}

/** The rows of a table that are soft-deleted. */
export function deletedRows(table: Columns): Filter {
  return table.columns.get('deleted')?.system ? rowsWhereDeleted(true) : NO_ROW;
}

const rowsWhereDeleted = (deleted: boolean): Filter => ({
  kind: 'compare',
  column: 'deleted',
  operator: 'eq',
  operand: modelValue(deleted),
});
