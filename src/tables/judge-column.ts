// One condition on the value of one column, in memory. The operand is taken once; the judge is asked for every row.

import { type Comparer, comparerOf } from './compare-values.ts';
import type { Equality, Filter, Ordering, TextMatch } from './filter.ts';
import { foldCase } from './fold-case.ts';
import { jsonAt, jsonContains } from './json-value.ts';
import type { Column, ColumnType } from './model.ts';
import type { ValueSource } from './value-source.ts';
import type { Verdict } from './verdict.ts';

/** The value of an operand, of its type; null when it is missing. */
export type ValueOf = (source: ValueSource, type: ColumnType, list: boolean) => unknown;

/** What a condition says of a value of its column; null is a missing one. */
export type Judge = (value: unknown) => Verdict;

type Of<Kind extends Filter['kind']> = Extract<Filter, { readonly kind: Kind }>;

const BOOLEAN: ColumnType = Object.freeze({ kind: 'scalar', name: 'Boolean' });
const TEXT: ColumnType = Object.freeze({ kind: 'scalar', name: 'String' });
const JSON_TYPE: ColumnType = Object.freeze({ kind: 'scalar', name: 'JSON' });

export function judgeComparison({ operator, operand, ignoreCase }: Of<'compare'>, column: Column, of: ValueOf): Judge {
  const folded = ignoreCase !== undefined && of(ignoreCase, BOOLEAN, false) === true;
  const fold = folded ? (value: unknown) => foldCase(value as string) : (value: unknown) => value;
  if (isMatch(operator)) {
    const text = of(operand, TEXT, false);
    const wanted = text === null ? null : fold(text);
    return (value) => (value === null || wanted === null ? null : matches(operator, fold(value), wanted));
  }
  return judgeOperator(operator, operand, column.type, of, comparerOf(column.type), fold);
}

/** An operator that compares. `own` turns both sides into what is compared. */
export function judgeOperator(
  operator: Equality | Ordering,
  operand: ValueSource,
  type: ColumnType,
  of: ValueOf,
  compare: Comparer,
  own: (value: unknown) => unknown = (value) => value,
): Judge {
  if (operator === 'in' || operator === 'notIn') {
    const given = of(operand, type, true) as readonly unknown[] | null;
    const items = given?.map(own);
    const found = operator === 'in';
    return (value) => {
      if (items === undefined) return null;
      // Of nothing, not even a missing value is one.
      if (items.length === 0) return !found;
      if (value === null) return null;
      const left = own(value);
      return items.some((item) => compare(left, item) === 0) === found;
    };
  }
  const given = of(operand, type, false);
  const right = given === null ? null : own(given);
  return (value) => (value === null || right === null ? null : COMPARED[operator](compare(own(value), right)));
}

const COMPARED: Readonly<Record<'eq' | 'ne' | Ordering, (order: number) => boolean>> = {
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
  lt: (order) => order < 0,
  lte: (order) => order <= 0,
  gt: (order) => order > 0,
  gte: (order) => order >= 0,
};

const isMatch = (operator: string): operator is TextMatch => MATCHES.has(operator);
const MATCHES: ReadonlySet<string> = new Set<TextMatch>(['contains', 'startsWith', 'endsWith']);

/** Well-formed texts: what is found by units is found by code points. */
function matches(operator: TextMatch, text: unknown, wanted: unknown): boolean {
  const [whole, part] = [text as string, wanted as string];
  if (operator === 'contains') return whole.includes(part);
  return operator === 'startsWith' ? whole.startsWith(part) : whole.endsWith(part);
}

export function judgeList({ operator, operand }: Of<'list'>, { type }: Column, of: ValueOf): Judge {
  const given = of(operand, type, operator !== 'has');
  const wanted = operator === 'has' && given !== null ? [given] : (given as readonly unknown[] | null);
  const compare = comparerOf(type);
  return (value) => {
    if (value === null || wanted === null) return null;
    const has = (item: unknown) => (value as readonly unknown[]).some((own) => compare(own, item) === 0);
    return operator === 'hasSome' ? wanted.some(has) : wanted.every(has);
  };
}

/** A test with two answers, for the flag that asks for one of them. */
export function judgeFlag(flag: ValueSource, of: ValueOf, test: (value: unknown) => Verdict): Judge {
  const asked = of(flag, BOOLEAN, false);
  return (value) => {
    const verdict = test(value);
    return asked === null || verdict === null ? null : verdict === asked;
  };
}

export function judgeJsonTest({ path, test, value: flag }: Of<'jsonIs'>, of: ValueOf): Judge {
  const steps = of(path, TEXT, true) as readonly string[];
  const found = (value: unknown) => jsonAt(value, steps) ?? null;
  if (test === 'isNull') return judgeFlag(flag, of, (value) => found(value) === null);
  // A column whose value is JSON's null has none: in an answer the two look alike.
  return judgeFlag(flag, of, (value) => value !== null && jsonAt(value, steps) !== undefined);
}

export function judgeJson({ path, operator, operand }: Of<'json'>, of: ValueOf): Judge {
  const steps = of(path, TEXT, true) as readonly string[];
  const judge = judgeJsonValue(operator, operand, of);
  return (value) => judge(jsonAt(value, steps) ?? null);
}

function judgeJsonValue(operator: Of<'json'>['operator'], operand: ValueSource, of: ValueOf): Judge {
  switch (operator) {
    case 'eq':
    case 'ne':
    case 'in':
    case 'notIn':
      return judgeOperator(operator, operand, JSON_TYPE, of, comparerOf(JSON_TYPE));
    case 'contains': {
      const part = of(operand, JSON_TYPE, false);
      return (value) => {
        if (value === null || part === null) return null;
        return typeof value === 'string' && typeof part === 'string' ? value.includes(part) : jsonContains(value, part);
      };
    }
    case 'startsWith':
    case 'endsWith': {
      const part = of(operand, TEXT, false);
      return (value) => (typeof value !== 'string' || part === null ? null : matches(operator, value, part));
    }
    default: {
      const right = of(operand, JSON_TYPE, false);
      const type: ColumnType | null =
        typeof right === 'number' ? { kind: 'scalar', name: 'Float' } : typeof right === 'string' ? TEXT : null;
      if (!type) return () => null;
      const compare = comparerOf(type);
      return (value) => (typeof value === typeof right ? COMPARED[operator](compare(value, right)) : null);
    }
  }
}
