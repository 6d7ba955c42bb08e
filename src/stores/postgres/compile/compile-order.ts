// Orders of rows in SQL. What a key needs of other tables is joined: a to-one relation leads to one row at most, so that no
// row is there twice, and one that may not be seen is missing like one that is not there.

import { termType } from '../../../records/cursor.ts';
import type { OrderTerm } from '../../../records/plan.ts';
import type { ColumnType } from '../../../tables/model.ts';
import { columnOf } from '../../../tables/model.ts';
import { type Compilation, columnRef, isText, tableName } from '../sql-text.ts';
import { compileFilter, joinCondition, type Placed } from './compile-filter.ts';
import { enumPosition } from './enum-position.ts';

/** One key of an order, over the rows of a statement. */
export interface SortKey {
  readonly term: OrderTerm;
  readonly type: ColumnType;
  /** Its value for a row. */
  readonly value: string;
}

export interface CompiledOrder {
  /** What the keys need besides the rows themselves: `LEFT JOIN ...`, or nothing. */
  readonly joins: string;
  readonly keys: readonly SortKey[];
}

/** The keys of an order over the rows `of`. */
export function compileOrder(orderBy: readonly OrderTerm[], of: Placed, to: Compilation): CompiledOrder {
  const joined = new Map<string, Placed>();
  const joins: string[] = [];
  const follow = (path: OrderTerm['path']): Placed => {
    const last = path.at(-1);
    if (!last) return of;
    const name = JSON.stringify(path.map(({ relation }) => relation.name));
    const known = joined.get(name);
    if (known) return known;
    const owner = follow(path.slice(0, -1));
    const table = to.tableOf(last.relation.target);
    const target = { table, alias: to.aliases.next() };
    const belongs = joinCondition(last.relation, owner, target, last.linkRows, to);
    const seen = compileFilter(last.rows, table, target.alias, to);
    joins.push(` LEFT JOIN ${tableName(table)} ${target.alias} ON ${belongs}${seen === 'TRUE' ? '' : ` AND ${seen}`}`);
    joined.set(name, target);
    return target;
  };
  const keys = orderBy.map((term): SortKey => {
    const owner = follow(term.path);
    const type = termType(term);
    if (term.by.kind === 'column') return { term, type, value: columnRef(owner.alias, term.by.column) };
    const { relation, rows, linkRows } = term.by;
    const counted = { table: to.tableOf(relation.target), alias: to.aliases.next() };
    const belongs = joinCondition(relation, owner, counted, linkRows, to);
    const seen = compileFilter(rows, counted.table, counted.alias, to);
    // Behind a row that is missing there is no number, not even 0.
    const number = term.nullable ? `CASE WHEN ${idOf(owner)} IS NOT NULL THEN count(*) END` : 'count(*)';
    const count = `SELECT ${number} AS n FROM ${tableName(counted.table)} ${counted.alias} WHERE ${belongs}${seen === 'TRUE' ? '' : ` AND ${seen}`}`;
    const alias = to.aliases.next();
    joins.push(` LEFT JOIN LATERAL (${count}) ${alias} ON TRUE`);
    return { term, type, value: `${alias}.n` };
  });
  return { joins: joins.join(''), keys };
}

/** The keys as ORDER BY, or the other way round. */
export function compileOrderBy(keys: readonly SortKey[], reversed: boolean, to: Compilation): string {
  const sorted = keys.map(({ term, type, value }) => {
    const descending = term.descending !== reversed;
    const nullsFirst = term.nullsFirst !== reversed;
    // Said only where it is not PostgreSQL's own.
    const nulls = nullsFirst === descending ? '' : ` NULLS ${nullsFirst ? 'FIRST' : 'LAST'}`;
    return `${inOrder(type, value, to)}${descending ? ' DESC' : ''}${nulls}`;
  });
  return `ORDER BY ${sorted.join(', ')}`;
}

/** A value as what puts it in its place: texts as people order them, ids by code point, enums as they are declared. */
export function inOrder(type: ColumnType, value: string, to: Compilation): string {
  if (type.kind === 'enum') return enumPosition(type, value);
  if (type.name === 'String') return `${value} COLLATE ${to.textCollation}`;
  return value;
}

/** The same for a parameter, which has no collation of its own. */
export function parameterInOrder(type: ColumnType, value: string, to: Compilation): string {
  const ordered = inOrder(type, value, to);
  return ordered === value && isText(type) ? `${value} COLLATE "C"` : ordered;
}

function idOf({ table, alias }: Placed): string {
  return columnRef(alias, columnOf(table, 'id'));
}
