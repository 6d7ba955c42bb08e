// A new row as its script has it, and what the script made of it: values by the names of columns, as GraphQL has them.

import { ServiceError } from '../../platform/errors.ts';
import type { TableModel } from '../../tables/model.ts';
import type { PlainRow } from '../row-scripts.ts';
import { pathOfColumn } from './lay-out-rows.ts';
import { columnsOf, givenValue, type NewRow, problemsOf } from './row-values.ts';

/** The row as it would be written; what is missing is left out, unless the client wrote null. */
export function itemOf({ input, cells }: NewRow): PlainRow {
  const members = columnsOf(input.table).flatMap((column, at): [string, unknown][] => {
    const value = cells[at] ?? null;
    return value === null && !input.cells.has(column) ? [] : [[column.name, value]];
  });
  return Object.fromEntries(members);
}

/** Takes over what a script changed, and finds what is wrong with the row then. Throws SCRIPT_FAILED for what is no column. */
export function takeItem(row: NewRow, item: PlainRow): void {
  const { table } = row.input;
  assertColumns(table, item);
  const before = itemOf(row);
  for (const [at, column] of columnsOf(table).entries()) {
    const { name } = column;
    if (same(before[name], item[name])) continue;
    if (name === 'id') row.id = String(item[name]);
    const given = { value: item[name] ?? null, path: pathOfColumn(row, column) };
    row.cells[at] = givenValue(column, given, row.problems);
  }
  row.problems.push(...problemsOf(row));
}

/** Throws for members that nothing can be written to. Those of the system may stand there as they were read. */
export function assertColumns(table: TableModel, item: PlainRow): void {
  for (const name of Object.keys(item)) {
    if (table.columns.has(name)) continue;
    throw new ServiceError('SCRIPT_FAILED', `The script of ${table.name} set "${name}", which is no column of it.`);
  }
}

/** Whether two values of JSON are the same; what is missing is null. */
export function same(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one ?? null) === JSON.stringify(other ?? null);
}
