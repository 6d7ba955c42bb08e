// Which rows of a table a class of callers may read, and the words for what it may not.

import type { CallerClass } from '../access/caller-class.ts';
import { readableRows } from '../access/decide.ts';
import { ServiceError } from '../platform/errors.ts';
import { allOf, deletedRows, EVERY_ROW, type Filter, livingRows, type RelatedRows } from '../tables/filter.ts';
import { type Model, type Relation, type TableModel, tableOf } from '../tables/model.ts';
import type { DeletedRows } from './plan.ts';

const AMONG: Readonly<Record<DeletedRows, (table: TableModel) => Filter>> = {
  EXCLUDE: livingRows,
  INCLUDE: () => EVERY_ROW,
  ONLY: deletedRows,
};

/** The rows of `table` that the class may read, of the living, the deleted, or both. */
export function readableRowsOf(caller: CallerClass, table: TableModel, deleted: DeletedRows): Filter {
  return allOf([readableRows(caller, table), AMONG[deleted](table)]);
}

/** The rows of `table` that the class may read and that are not deleted. */
export function visibleRows(caller: CallerClass, table: TableModel): Filter {
  return readableRowsOf(caller, table, 'EXCLUDE');
}

/** The rows of the table between, if a relation has one of the model, that the class may read. */
export function visibleLinkRows(model: Model, caller: CallerClass, { link }: Relation): Filter {
  return link?.table ? visibleRows(caller, tableOf(model, link.table)) : EVERY_ROW;
}

/** The rows that a relation leads the class to. */
export function rowsSeen(model: Model, caller: CallerClass, relation: Relation): RelatedRows {
  return {
    rows: visibleRows(caller, tableOf(model, relation.target)),
    linkRows: visibleLinkRows(model, caller, relation),
  };
}

/** The same words as for a field that does not exist. */
export function unknownField(table: TableModel, name: string): ServiceError {
  return new ServiceError('BAD_USER_INPUT', `Cannot query field "${name}" on type "${table.name}".`);
}

/** A read script may tell another value than the stored one, which must not be told by what it selects or where it stands. */
export function unsafeColumn(table: TableModel, name: string, how: string): ServiceError {
  return new ServiceError(
    'FORBIDDEN',
    `You cannot ${how} ${name}: the read script of ${table.name} may change it. If it does not, name ${name} in its settings.safe.`,
  );
}
