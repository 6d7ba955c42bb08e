// The rules of a write, in its statement: rows are laid out as they will be, judged, and written only if they pass.

import type { Judgement } from '../../../records/writes/write-plan.ts';
import { columnOf, type TableModel } from '../../../tables/model.ts';
import { compileFilter } from '../compile/compile-filter.ts';
import { type Compilation, columnRef, quoteName, quoteText, sqlType, tableName } from '../sql-text.ts';

/** Whether there is anything to judge. */
export function isJudged({ check, references }: Judgement): boolean {
  return references.length > 0 || check.kind !== 'constant' || !check.value;
}

/** What is said of a row under `alias`: `passed`, and `hidden`, the names of the relations that point at nothing that counts. */
export function compileVerdict(judgement: Judgement, table: TableModel, alias: string, to: Compilation): string {
  const hidden = judgement.references.map(({ relation, target, rows, among }) => {
    const other = to.aliases.next();
    const key = columnRef(alias, columnOf(table, relation.column));
    const found = `${columnRef(other, columnOf(target, 'id'))} = ${key} AND ${compileFilter(rows, target, other, to)}`;
    const unasked = among ? `NOT ${alias}.${namedBy(relation)} OR ` : '';
    const seen = `${unasked}${key} IS NULL OR EXISTS (SELECT 1 FROM ${tableName(target)} ${other} WHERE ${found})`;
    return `CASE WHEN ${seen} THEN NULL ELSE ${quoteText(relation.name)} END`;
  });
  return `coalesce(${compileFilter(judgement.check, table, alias, to)}, FALSE) AS passed, ${listOf(hidden, 'text')} AS hidden`;
}

/** The column that says whether a row is one of those whose reference is judged. Names of the model have no point. */
export function namedBy(relation: { readonly name: string }): string {
  return quoteName(`named.${relation.name}`);
}

/** Those of the values that are not NULL, as an array. */
export function listOf(values: readonly string[], type: 'text' | 'integer'): string {
  return values.length === 0 ? `'{}'::${type}[]` : `array_remove(ARRAY[${values.join(', ')}]::${type}[], NULL)`;
}

/** A verdict that lets a row be written. */
export const ALLOWED = `(verdict.passed AND verdict.hidden = '{}')`;

/** What rules see of the columns of a new row that the database will set. */
export function systemValues(table: TableModel): string[] {
  const values: Record<string, string> = { createdAt: 'now()', updatedAt: 'now()', deleted: 'FALSE' };
  return [...table.columns.values()]
    .filter((column) => column.system)
    .map((column) => {
      const value = values[column.name] ?? `NULL::${sqlType(column.type, column.list)}`;
      return `${value} AS ${quoteName(column.sqlName)}`;
    });
}
