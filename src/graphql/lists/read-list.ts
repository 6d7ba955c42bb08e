// What a field asks of a list of rows: which, in which order, which page, and what of each.

import type { ListRequest, RequestedList, RowsRequest } from '../../records/plan.ts';
import type { Filter } from '../../tables/filter.ts';
import type { TableModel } from '../../tables/model.ts';
import type { AskedField } from '../asked-field.ts';
import { filterBudget } from '../filters/filter-budget.ts';
import { readWhere } from '../filters/read-where.ts';
import { readSelection } from '../read-selection.ts';
import { readDeleted } from './deleted-rows.ts';
import { readPage } from './page-arguments.ts';
import { readOrder } from './read-order.ts';

/** Which rows: `where` and `deleted`. */
export function readRows(asked: AskedField): RowsRequest {
  return { where: readFilter(asked, 'where'), deleted: readDeleted(asked.argument('deleted')) };
}

/** An argument that is a filter, with a budget of its own. */
export function readFilter(asked: AskedField, name: 'where' | 'having'): Filter {
  const budget = filterBudget(asked.document.limits, asked.path);
  return readWhere(asked.argumentType(name), asked.argument(name), [name], budget);
}

/** Which rows, and in which order. */
export function readOrderedRows(asked: AskedField): Omit<ListRequest, 'page'> {
  return { ...readRows(asked), orderBy: readOrder(asked) };
}

/** All that a list field asks for. */
export function readList(table: TableModel, asked: AskedField): RequestedList {
  return { ...readSelection(table, asked), ...readOrderedRows(asked), page: readPage(asked) };
}
