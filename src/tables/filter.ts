// The one filter tree. Client filters, row rules, subscription filters and sync all become this; it is evaluated in SQL
// and in memory. Three-valued: a comparison with a missing value is unknown, unknown stays unknown under NOT, and what
// is not true is no.

export type Comparison = 'eq' | 'ne' | 'lt' | 'lte' | 'gt' | 'gte' | 'in' | 'notIn';

/** What a column is compared with. A caller path that leads nowhere is a missing value. */
export type Operand =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'caller'; readonly path: readonly string[] };

export type Filter =
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Filter[] }
  | { readonly kind: 'not'; readonly part: Filter }
  | { readonly kind: 'compare'; readonly column: string; readonly operator: Comparison; readonly operand: Operand }
  | { readonly kind: 'isNull'; readonly column: string; readonly value: boolean }
  /** `one` for a to-one relation: the related row exists and passes. */
  | {
      readonly kind: 'relation';
      readonly relation: string;
      readonly quantifier: 'one' | 'some' | 'every' | 'none';
      readonly filter: Filter;
    };

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
