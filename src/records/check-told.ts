// What read scripts may tell: rows that they were given, with the same ids, and values that their columns can have.

import { ServiceError } from '../platform/errors.ts';
import type { Column, TableModel } from '../tables/model.ts';
import type { PlainRow } from './row-scripts.ts';
import { same } from './writes/script-item.ts';
import { toldValue } from './writes/told-rows.ts';

/** Throws SCRIPT_FAILED for rows that there cannot be. `given` are whole rows by their ids; which columns are asked is no matter. */
export function checkTold(
  table: TableModel,
  given: ReadonlyMap<string, PlainRow>,
  told: ReadonlyMap<string, PlainRow>,
): void {
  for (const [id, row] of told) {
    const own = given.get(id);
    if (!own) throw failed(table, `told a row ${id} that it was not given`);
    if (!same(row['id'], own['id'])) throw failed(table, `gave another id to the row ${id}: id stays as it is`);
    for (const column of table.columns.values()) valueOrKept(table, column, row, own[column.name]);
  }
}

/** The value to tell of a column: what the script left as it was `kept` is right, whatever it is. Throws SCRIPT_FAILED. */
export function valueOrKept(table: TableModel, column: Column, told: PlainRow, kept: unknown): unknown {
  const value = told[column.name];
  return same(value, kept) ? kept : toldValue(table, column, value);
}

function failed({ name }: TableModel, what: string): ServiceError {
  return new ServiceError('SCRIPT_FAILED', `The read script of ${name} ${what}.`);
}
