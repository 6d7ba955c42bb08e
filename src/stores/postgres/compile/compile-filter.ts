// Filter trees as SQL conditions. SQL's own three values carry the meaning: a missing value is NULL, a comparison with it
// is unknown, and WHERE drops what is not true. ANY and ALL keep the unknown through related rows. EXISTS forgets it, and
// is used where no NOT can turn its "false" into a "yes", or where nothing can be unknown: the planner knows more ways to
// run it.

import { unreachable } from '../../../platform/errors.ts';
import type { Filter } from '../../../tables/filter.ts';
import { columnOf, type Relation, type TableModel } from '../../../tables/model.ts';
import { type Compilation, columnRef, quoteName, tableName } from '../sql-text.ts';
import { compileComparison, compileListMatch, compileTest, OPERATORS } from './compile-comparison.ts';
import { compileJsonComparison, compileJsonTest } from './compile-json-filter.ts';
import { isCertain } from './is-certain.ts';

/** Where a filter stands: over which rows, and whether a NOT is around it. */
interface Place {
  readonly table: TableModel;
  readonly alias: string;
  readonly negated: boolean;
}

/** The condition that a filter puts on the rows of `table` under `alias`. Right where only true counts, as in WHERE. */
export function compileFilter(filter: Filter, table: TableModel, alias: string, to: Compilation): string {
  return compile(filter, { table, alias, negated: false }, to);
}

function compile(filter: Filter, place: Place, to: Compilation): string {
  const { table, alias } = place;
  switch (filter.kind) {
    case 'constant':
      return filter.value ? 'TRUE' : 'FALSE';
    case 'and':
    case 'or':
      return `(${filter.parts.map((part) => compile(part, place, to)).join(filter.kind === 'and' ? ' AND ' : ' OR ')})`;
    case 'not':
      return `(NOT ${compile(filter.part, { ...place, negated: true }, to)})`;
    case 'compare':
      return compileComparison(filter, columnOf(table, filter.column), alias, to);
    case 'isNull': {
      const value = columnRef(alias, columnOf(table, filter.column));
      return compileTest(`${value} IS NULL`, `${value} IS NOT NULL`, filter.value, to);
    }
    case 'list':
      return compileListMatch(filter, columnOf(table, filter.column), alias, to);
    case 'isEmpty': {
      const items = `cardinality(${columnRef(alias, columnOf(table, filter.column))})`;
      return compileTest(`${items} = 0`, `${items} > 0`, filter.value, to);
    }
    case 'json':
      return compileJsonComparison(filter, columnOf(table, filter.column), place, to);
    case 'jsonIs':
      return compileJsonTest(filter, columnOf(table, filter.column), alias, to);
    case 'relation':
      return compileRelation(filter, place, to);
    case 'count':
      return compileCount(filter, place, to);
    default:
      return unreachable(filter);
  }
}

function compileRelation(filter: Extract<Filter, { kind: 'relation' }>, place: Place, to: Compilation): string {
  const { quantifier } = filter;
  const { target, rows } = relatedRows(filter, place, to);
  const certain = isCertain(filter.filter, target.table, to.tableOf);
  const negated = !certain && (place.negated || quantifier === 'none');
  const inner = compile(filter.filter, { ...target, negated }, to);
  if (place.negated && !certain) {
    if (quantifier === 'every') return `(TRUE = ALL (SELECT ${inner} ${rows}))`;
    const some = `(TRUE = ANY (SELECT ${inner} ${rows}))`;
    return quantifier === 'none' ? `(NOT ${some})` : some;
  }
  if (quantifier === 'every') return `NOT EXISTS (SELECT 1 ${rows} AND (${inner}) IS NOT TRUE)`;
  if (quantifier !== 'none') return `EXISTS (SELECT 1 ${rows} AND ${inner})`;
  return `NOT EXISTS (SELECT 1 ${rows} AND ${certain ? inner : `(${inner}) IS NOT FALSE`})`;
}

/** Counts no further than the comparison can tell apart. */
function compileCount(filter: Extract<Filter, { kind: 'count' }>, place: Place, to: Compilation): string {
  const { operator, operand } = filter;
  const { rows } = relatedRows(filter, place, to);
  const many = operator === 'in' || operator === 'notIn';
  const value = to.parameters.add({ source: operand, type: { kind: 'scalar', name: 'Int' }, list: many });
  const most = many
    ? `(SELECT greatest(max(n), 0)::bigint + 1 FROM unnest(${value}) n)`
    : `greatest(${value}, 0)::bigint + 1`;
  const count = `(SELECT count(*) FROM (SELECT 1 ${rows} LIMIT ${most}) ${to.aliases.next()})`;
  return `${count} ${OPERATORS[operator]} ${many ? `(${value})` : value}`;
}

/** The related rows that count, as FROM and WHERE. */
function relatedRows(filter: Extract<Filter, { kind: 'relation' | 'count' }>, place: Place, to: Compilation) {
  const relation = place.table.relations.get(filter.relation);
  if (!relation) throw new Error(`no relation ${place.table.name}.${filter.relation} in the model`);
  const table = to.tableOf(relation.target);
  const target = { table, alias: to.aliases.next() };
  const joined = joinCondition(relation, place, target, filter.linkRows, to);
  const counting = compileFilter(filter.rows, table, target.alias, to);
  const and = counting === 'TRUE' ? '' : ` AND ${counting}`;
  return { target, rows: `FROM ${tableName(table)} ${target.alias} WHERE ${joined}${and}` };
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
