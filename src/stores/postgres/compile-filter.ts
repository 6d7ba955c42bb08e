// Filter trees as SQL conditions. SQL's own three values carry the meaning: a missing value is NULL, a comparison with it
// is unknown, and WHERE drops what is not true. ANY and ALL keep the unknown through related rows. EXISTS forgets it, and
// is used where no NOT can turn its "false" into a "yes": the planner knows more ways to run it.

import { unreachable } from '../../platform/errors.ts';
import { type Comparison, EVERY_ROW, type Filter, type Operand } from '../../tables/filter.ts';
import { type Column, columnOf, type Relation, type TableModel } from '../../tables/model.ts';
import { type Compilation, columnRef, isText, quoteName, tableName } from './sql-text.ts';

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
  const negated = place.negated || quantifier === 'none';
  const inner = compile(filter.filter, { table: target, alias, negated }, to);
  const living = target.softDelete ? ` AND ${columnRef(alias, columnOf(target, 'deleted'))} = FALSE` : '';
  const rows = `FROM ${tableName(target)} ${alias} WHERE ${joinCondition(relation, place, { table: target, alias }, livingLinks(relation, to), to)}${living}`;
  if (quantifier === 'every') return `(TRUE = ALL (SELECT ${inner} ${rows}))`;
  if (!negated) return `EXISTS (SELECT 1 ${rows} AND ${inner})`;
  const some = `(TRUE = ANY (SELECT ${inner} ${rows}))`;
  return quantifier === 'none' ? `(NOT ${some})` : some;
}

/** A table under an alias. */
export interface Placed {
  readonly table: TableModel;
  readonly alias: string;
}

/** How a row of `owner` and a row of the relation's target belong together. `linkRows` are those of a table between that count. */
export function joinCondition(
  relation: Relation,
  owner: Placed,
  target: Placed,
  linkRows: Filter,
  to: Compilation,
): string {
  const ownerId = columnRef(owner.alias, columnOf(owner.table, 'id'));
  const targetId = columnRef(target.alias, columnOf(target.table, 'id'));
  if (relation.kind === 'belongsTo')
    return `${targetId} = ${columnRef(owner.alias, columnOf(owner.table, relation.column))}`;
  if (!relation.link) return `${columnRef(target.alias, columnOf(target.table, relation.column))} = ${ownerId}`;
  const { table, sqlName, ownerColumn, targetColumn } = relation.link;
  const alias = to.aliases.next();
  const counting = table === null ? 'TRUE' : compileFilter(linkRows, to.tableOf(table), alias, to);
  const and = counting === 'TRUE' ? '' : ` AND ${counting}`;
  return `${targetId} IN (SELECT ${alias}.${quoteName(targetColumn)} FROM ${tableName({ sqlName })} ${alias} WHERE ${alias}.${quoteName(ownerColumn)} = ${ownerId}${and})`;
}

/** The rows of a table of the model between two others that a rule counts. */
function livingLinks(relation: Relation, to: Compilation): Filter {
  const table = relation.link?.table ? to.tableOf(relation.link.table) : null;
  if (!table?.softDelete) return EVERY_ROW;
  return { kind: 'compare', column: 'deleted', operator: 'eq', operand: { kind: 'value', value: false } };
}
