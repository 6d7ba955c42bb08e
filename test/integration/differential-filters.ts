// Filters of the differential test: made, written as GraphQL, and judged by loops over rows, with three values.

import type { Column, Relation, Row, Table } from './differential-world.ts';
import { type Dice, EnumValue, valuesOf } from './differential-world.ts';
import { compareValues } from './naive-aggregates.ts';

export type Where =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Where[] }
  | { readonly kind: 'not'; readonly part: Where }
  | { readonly kind: 'column'; readonly column: Column; readonly operators: readonly Operator[] }
  | { readonly kind: 'relation'; readonly relation: Relation; readonly quantifier: Quantifier; readonly where: Where }
  | { readonly kind: 'count'; readonly relation: Relation; readonly operator: string; readonly value: number };

export type Operator = readonly [name: string, operand: unknown];
export type Quantifier = 'one' | 'some' | 'every' | 'none';

const ORDERED = ['Int', 'BigInt', 'Float', 'Decimal', 'UUID', 'DateTime', 'Date', 'Time', 'String', 'ID'];
const SEARCHED = ['String', 'ID'];
const COMPARISONS = ['eq', 'ne', 'lt', 'lte', 'gt', 'gte'];

/** A filter on the rows of a table, at most `depth` objects deep. Lists have `least` members: a rule may have none empty. */
export function makeWhere(dice: Dice, table: Table, depth: number, least = 0): Where {
  const kinds = ['column', 'column', 'column', ...(depth > 0 ? ['and', 'or', 'not', 'relation', 'count'] : [])];
  const kind = dice.pick(kinds);
  if (kind === 'and' || kind === 'or') {
    return {
      kind,
      parts: Array.from({ length: least + dice.below(3 - least) }, () => makeWhere(dice, table, depth - 1, least)),
    };
  }
  if (kind === 'not') return { kind, part: makeWhere(dice, table, depth - 1, least) };
  const many = table.relations.filter((relation) => relation.many);
  if (kind === 'count' && many.length > 0) {
    return { kind, relation: dice.pick(many), operator: dice.pick(COMPARISONS), value: dice.below(4) };
  }
  if (kind === 'relation' && table.relations.length > 0) {
    const relation = dice.pick(table.relations);
    const quantifier = relation.many ? dice.pick(['some', 'every', 'none'] as const) : 'one';
    return { kind, relation, quantifier, where: makeWhere(dice, relation.target, depth - 1, least) };
  }
  const column = dice.pick(table.columns);
  return { kind: 'column', column, operators: makeOperators(dice, column, least) };
}

function makeOperators(dice: Dice, { type, list, values }: Column, least: number): Operator[] {
  const isNull: Operator = ['isNull', dice.chance(0.5)];
  if (type === 'JSON' || dice.chance(0.15)) return [isNull];
  const one = () => dice.pick(valuesOf(type));
  const several = () => Array.from({ length: least + dice.below(3 - least) }, one);
  if (list) {
    return [
      dice.pick<Operator>([
        ['has', one()],
        ['hasEvery', several()],
        ['hasSome', several()],
        ['isEmpty', dice.chance(0.5)],
      ]),
    ];
  }
  const names = ['eq', 'ne', 'in', 'notIn', ...(ORDERED.includes(type) && !values ? ['lt', 'lte', 'gt', 'gte'] : [])];
  if (SEARCHED.includes(type)) names.push('contains', 'startsWith', 'endsWith');
  const chosen = dice.some(names, 2).map((name): Operator => [name, /in$/i.test(name) ? several() : one()]);
  const caseless = SEARCHED.includes(type) && dice.chance(0.3);
  return caseless ? [...chosen, ['ignoreCase', true]] : chosen;
}

/** As an input object. */
export function toInput(where: Where): Record<string, unknown> {
  switch (where.kind) {
    case 'and':
    case 'or':
      return { [where.kind.toUpperCase()]: where.parts.map(toInput) };
    case 'not':
      return { NOT: toInput(where.part) };
    case 'column': {
      const { column, operators } = where;
      const written = (value: unknown): unknown =>
        Array.isArray(value)
          ? value.map(written)
          : column.values && typeof value === 'string'
            ? new EnumValue(value)
            : value;
      return { [column.name]: Object.fromEntries(operators.map(([name, operand]) => [name, written(operand)])) };
    }
    case 'relation': {
      const inner = toInput(where.where);
      return { [where.relation.name]: where.quantifier === 'one' ? inner : { [where.quantifier]: inner } };
    }
    case 'count':
      return { [where.relation.name]: { count: { [where.operator]: where.value } } };
  }
}

/** Which of the rows that a relation leads to count. */
export type Seen = (relation: Relation, row: Row) => readonly Row[];

/** True, false, or null for unknown. `user` stands for `$user.id`. */
export function judge(where: Where, row: Row, seen: Seen, user: string | null): boolean | null {
  switch (where.kind) {
    case 'and':
      return all(where.parts.map((part) => judge(part, row, seen, user)));
    case 'or':
      return any(where.parts.map((part) => judge(part, row, seen, user)));
    case 'not':
      return not(judge(where.part, row, seen, user));
    case 'count':
      return compare(where.operator, Math.sign(seen(where.relation, row).length - where.value));
    case 'relation': {
      const verdicts = seen(where.relation, row).map((other) => judge(where.where, other, seen, user));
      if (where.quantifier === 'every') return all(verdicts);
      return where.quantifier === 'none' ? not(any(verdicts)) : any(verdicts);
    }
    case 'column': {
      const caseless = where.operators.some(([name, operand]) => name === 'ignoreCase' && operand === true);
      const asked = where.operators.filter(([name]) => name !== 'ignoreCase');
      return all(
        asked.map(([name, operand]) =>
          judgeOne(
            where.column,
            row[where.column.name] ?? null,
            name,
            operand === '$user.id' ? user : operand,
            caseless,
          ),
        ),
      );
    }
  }
}

function judgeOne(column: Column, own: unknown, name: string, operand: unknown, caseless: boolean): boolean | null {
  if (name === 'isNull') return (own === null) === operand;
  if (Array.isArray(operand) && operand.length === 0 && !column.list) return name === 'notIn';
  if (own === null || operand === null) return null;
  const fold = (value: unknown) => (caseless && typeof value === 'string' ? value.toLowerCase() : value);
  const order = (a: unknown, b: unknown) => compareValues(column, fold(a), fold(b));
  const items = (list: unknown) => list as readonly unknown[];
  const has = (item: unknown) => items(own).some((mine) => order(mine, item) === 0);
  const text = String(fold(own));
  switch (name) {
    case 'in':
      return items(operand).some((item) => order(own, item) === 0);
    case 'notIn':
      return !items(operand).some((item) => order(own, item) === 0);
    case 'has':
      return has(operand);
    case 'hasEvery':
      return items(operand).every(has);
    case 'hasSome':
      return items(operand).some(has);
    case 'isEmpty':
      return (items(own).length === 0) === operand;
    case 'contains':
      return text.includes(String(fold(operand)));
    case 'startsWith':
      return text.startsWith(String(fold(operand)));
    case 'endsWith':
      return text.endsWith(String(fold(operand)));
    default:
      return compare(name, order(own, operand));
  }
}

function compare(operator: string, order: number): boolean {
  const less = order < 0 && ['lt', 'lte', 'ne'].includes(operator);
  const equal = order === 0 && ['eq', 'lte', 'gte'].includes(operator);
  return less || equal || (order > 0 && ['gt', 'gte', 'ne'].includes(operator));
}

const not = (verdict: boolean | null) => (verdict === null ? null : !verdict);
const all = (verdicts: readonly (boolean | null)[]) =>
  verdicts.includes(false) ? false : verdicts.includes(null) ? null : true;
const any = (verdicts: readonly (boolean | null)[]) => not(all(verdicts.map(not)));
