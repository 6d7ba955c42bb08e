// Which unique keys of a row have no place: another row has the same values already, in the table or earlier among the rows
// of the same write.

import { type Column, columnOf, type TableModel } from '../../../tables/model.ts';
import { type Compilation, columnRef, tableName } from '../sql-text.ts';
import { listOf } from './judge.ts';

/**
 * An array of places in `table.keys`, of a row under `alias`. `order` is what tells which of two rows under the alias comes
 * first. Unique means among the living, but an id stays used. With `changed`, of rows that are there: only keys with one of
 * these columns, and a row is not in its own way.
 */
export function compileTaken(
  table: TableModel,
  alias: string,
  order: string | null,
  to: Compilation,
  changed?: readonly Column[],
): string {
  const places = table.keys.flatMap(({ columns: names }, at): string[] => {
    const columns = names.map((name) => columnOf(table, name));
    if (changed && !columns.some((column) => changed.includes(column))) return [];
    const other = to.aliases.next();
    const conditions = columns.map((column) => `${columnRef(other, column)} = ${columnRef(alias, column)}`);
    if (table.softDelete && at > 0) conditions.push(`${columnRef(other, columnOf(table, 'deleted'))} = FALSE`);
    if (changed) {
      const id = columnOf(table, 'id');
      conditions.push(`${columnRef(other, id)} <> ${columnRef(alias, id)}`);
    }
    const stored = `EXISTS (SELECT 1 FROM ${tableName(table)} ${other} WHERE ${conditions.join(' AND ')})`;
    const keys = columns.map((column) => columnRef(alias, column));
    const whole = keys.map((key) => `${key} IS NOT NULL`).join(' AND ');
    const repeated = order
      ? ` OR (${whole} AND row_number() OVER (PARTITION BY ${keys.join(', ')} ORDER BY ${order}) > 1)`
      : '';
    return [`CASE WHEN ${stored}${repeated} THEN ${at} END`];
  });
  return listOf(places, 'integer');
}
