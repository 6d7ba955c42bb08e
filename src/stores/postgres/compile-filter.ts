// Filter trees as SQL conditions. SQL's own three values carry the meaning: a missing value is NULL, a comparison with it
// is unknown, and WHERE drops what is not true. Only EXISTS forgets the unknown, and is told of it where a NOT could turn
// its "false" into a "yes".

import { unreachable } from '../../platform/errors.ts';
import type { Comparison, Filter, Operand } from '../../tables/filter.ts';
import { type Column, columnOf, type Relation, type TableModel } from '../../tables/model.ts';
import { type Compilation, columnRef, isText, tableName } from './sql-text.ts';

const OPERATORS: Record<Comparison, string> = {
  eq: '=',
  ne: '<>',
  lt: '<',
  lte: '<=',
  gt: '>',
  gte: '>=',
  in: '= ANY',
  notIn: '<> ALL',
};

/** Where a filter stands: over which rows, and whether a NOT is around it. */
interface Place {
  readonly table: TableModel;
  readonly alias: string;
  readonly negated: boolean;
}

/** The condition that a filter puts on the rows of `table` under `alias`. */
export function compileFilter(filter: Filter, table: TableModel, alias: string, to: Compilation): string {
  return compile(filter, { table, alias, negated: false }, to);
}

function compile(filter: Filter, place: Place, to: Compilation): string {
  switch (filter.kind) {
    case 'constant':
      return filter.value ? 'TRUE' : 'FALSE';
    case 'and':
    case 'or':
      return `(${filter.parts.map((part) => compile(part, place, to)).join(filter.kind === 'and' ? ' AND ' : ' OR ')})`;
    case 'not':
      return `(NOT ${compile(filter.part, { ...place, negated: true }, to)})`;
    case 'isNull':
      return `${columnRef(place.alias, columnOf(place.table, filter.column))} IS ${filter.value ? '' : 'NOT '}NULL`;
    case 'compare':
      return compileComparison(columnOf(place.table, filter.column), filter.operator, filter.operand, place, to);
    case 'relation':
      return compileRelation(filter, place, to);
    default:
      return unreachable(filter);
  }
}

function compileComparison(
  column: Column,
  operator: Comparison,
  operand: Operand,
  { alias }: Place,
  to: Compilation,
): string {
  const left = columnRef(alias, column);
  // Written out, so that partial indexes over it are found.
  if (operand.kind === 'value' && typeof operand.value === 'boolean') {
    return `${left} ${OPERATORS[operator]} ${operand.value ? 'TRUE' : 'FALSE'}`;
  }
  const many = operator === 'in' || operator === 'notIn';
  const source = operand.kind === 'value' ? constant(operand.value) : ({ from: 'caller', path: operand.path } as const);
  const right = to.parameters.forColumn(column, source, many);
  const collate = isText(column.type) && !many && operator !== 'eq' && operator !== 'ne' ? ' COLLATE "C"' : '';
  return many ? `${left} ${OPERATORS[operator]} (${right})` : `${left} ${OPERATORS[operator]} ${right}${collate}`;
}

const constant = (value: unknown) => ({ from: 'constant', value }) as const;

function compileRelation(filter: Extract<Filter, { kind: 'relation' }>, place: Place, to: Compilation): string {
  const relation = place.table.relations.get(filter.relation);
  if (!relation) throw new Error(`no relation ${place.table.name}.${filter.relation} in the model`);
  const target = to.tableOf(relation.target);
  const alias = to.aliases.next();
  const { quantifier } = filter;
  const negated = place.negated || quantifier === 'none' || quantifier === 'every';
  const inner = compile(filter.filter, { table: target, alias, negated }, to);
  const living = target.softDelete ? ` AND ${columnRef(alias, columnOf(target, 'deleted'))} = FALSE` : '';
  const condition = quantifier === 'every' ? `(${inner}) IS NOT TRUE` : inner;
  const exists = `EXISTS (SELECT 1 FROM ${tableName(target)} ${alias} WHERE ${joinCondition(relation, place.table, place.alias, target, alias)}${living} AND ${condition})`;
  const answer = quantifier === 'none' || quantifier === 'every' ? `NOT ${exists}` : exists;
  const missing = negated ? missingOperands(filter.filter, target, to) : [];
  return missing.length > 0 ? `CASE WHEN ${missing.join(' OR ')} THEN NULL ELSE ${answer} END` : `(${answer})`;
}

/** `$2::text IS NULL` for each value of the caller that a filter compares with. */
function missingOperands(filter: Filter, table: TableModel, to: Compilation): string[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.parts.flatMap((part) => missingOperands(part, table, to));
    case 'not':
      return missingOperands(filter.part, table, to);
    case 'compare': {
      const { operand, operator } = filter;
      if (operand.kind !== 'caller') return [];
      const many = operator === 'in' || operator === 'notIn';
      const parameter = to.parameters.forColumn(
        columnOf(table, filter.column),
        { from: 'caller', path: operand.path },
        many,
      );
      return [`${parameter} IS NULL`];
    }
    case 'relation': {
      const relation = table.relations.get(filter.relation);
      return relation ? missingOperands(filter.filter, to.tableOf(relation.target), to) : [];
    }
    default:
      return [];
  }
}

/** How a row of `owner` and a row of the relation's target belong together. */
export function joinCondition(
  relation: Relation,
  owner: TableModel,
  ownerAlias: string,
  target: TableModel,
  targetAlias: string,
): string {
  return relation.kind === 'belongsTo'
    ? `${columnRef(targetAlias, columnOf(target, 'id'))} = ${columnRef(ownerAlias, columnOf(owner, relation.column))}`
    : `${columnRef(targetAlias, columnOf(target, relation.column))} = ${columnRef(ownerAlias, columnOf(owner, 'id'))}`;
}
