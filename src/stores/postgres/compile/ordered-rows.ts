// The rows of a list in SQL: which of a table, in which order, from where to where. Lists, connections and counts all read
// them from here.

import type { OrderTerm } from '../../../records/plan.ts';
import type { Filter } from '../../../tables/filter.ts';
import type { Relation, TableModel } from '../../../tables/model.ts';
import { type Compilation, tableName } from '../sql-text.ts';
import { compileFilter, joinCondition, type Placed } from './compile-filter.ts';
import { compileOrder, type SortKey } from './compile-order.ts';
import { compilePosition, type Position } from './compile-position.ts';

/** The row that rows are related to, and how. */
export interface Owner extends Placed {
  readonly relation: Relation;
  readonly linkRows: Filter;
}

interface Rows {
  readonly table: TableModel;
  readonly rows: Filter;
  readonly owner: Owner | undefined;
}

/** The conditions that rows under `alias` are among those meant, those of a relation first. */
export function compileMembership({ table, rows, owner }: Rows, alias: string, to: Compilation): string[] {
  return [
    ...(owner ? [joinCondition(owner.relation, owner, { table, alias }, owner.linkRows, to)] : []),
    compileFilter(rows, table, alias, to),
  ].filter((condition) => condition !== 'TRUE');
}

/** `WHERE` and the conditions, or nothing. */
export function where(conditions: readonly string[]): string {
  return conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : '';
}

export interface OrderedRows {
  readonly alias: string;
  readonly keys: readonly SortKey[];
  /** `FROM` and `WHERE`; in which order they are taken is left to say. */
  readonly text: string;
}

/** The rows of a list, on the given sides of cursors. */
export function compileOrderedRows(
  list: Rows & { readonly orderBy: readonly OrderTerm[] },
  positions: readonly Position[],
  to: Compilation,
): OrderedRows {
  const { table } = list;
  const alias = to.aliases.next();
  const { joins, keys } = compileOrder(list.orderBy, { table, alias }, to);
  const conditions = [
    ...compileMembership(list, alias, to),
    ...positions.map((position) => compilePosition(position, keys, to)),
  ];
  return { alias, keys, text: `FROM ${tableName(table)} ${alias}${joins}${where(conditions)}` };
}
