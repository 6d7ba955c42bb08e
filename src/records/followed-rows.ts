// What a caller may be told of while it happens: who may subscribe to a table is told of the rows that it may subscribe to and
// read, both; of a row, the columns that it may read.

import type { CallerClass } from '../access/caller-class.ts';
import { decideColumn, decideTable } from '../access/decide.ts';
import { allOf, type Filter, NO_ROW } from '../tables/filter.ts';
import type { Column, Model, TableModel } from '../tables/model.ts';
import { guardFilter } from './guard-filter.ts';
import { guardList } from './guard-selection.ts';
import type { ListSelection, RequestedList } from './plan.ts';
import { visibleRows } from './readable-rows.ts';

/** Whether the class may subscribe to a table at all. */
export function mayFollowRows(caller: CallerClass, table: TableModel): boolean {
  return decideTable(caller, table, 'READ') !== null && decideTable(caller, table, 'SUBSCRIBE') !== null;
}

/** The living rows that the class may be told of. */
export function followableRows(caller: CallerClass, table: TableModel): Filter {
  const grant = decideTable(caller, table, 'SUBSCRIBE');
  return grant ? allOf([grant.rows, visibleRows(caller, table)]) : NO_ROW;
}

/** Those of them that pass a client's filter. Throws when it mentions what the class may not read. */
export function followedRows(model: Model, caller: CallerClass, table: TableModel, where: Filter): Filter {
  return allOf([followableRows(caller, table), guardFilter(model, caller, table, where)]);
}

/** The columns that the class may be shown. */
export function followedColumns(caller: CallerClass, table: TableModel): readonly Column[] {
  if (!mayFollowRows(caller, table)) return [];
  return [...table.columns.values()].filter((column) => decideColumn(caller, column, 'READ'));
}

/** A list, over the rows that the class may be told of. */
export function guardFollowedList(model: Model, caller: CallerClass, asked: RequestedList): ListSelection {
  const list = guardList(model, caller, asked);
  return { ...list, rows: allOf([followableRows(caller, asked.table), list.rows]) };
}
