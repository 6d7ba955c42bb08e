// An insert plan as one statement: the new row is laid out, judged by its rules, written only if it passes, and answered
// from what was written. Nothing of it reads the table back, which would not see the new row.

import type { InsertPlan } from '../../records/plan.ts';
import { columnOf, type Model } from '../../tables/model.ts';
import { compileFilter } from './compile-filter.ts';
import { newCompilation, type Statement } from './compile-read.ts';
import { compileObject } from './compile-rows.ts';
import { columnRef, quoteName, quoteText, sqlType, type TextCollation, tableName } from './sql-text.ts';

/**
 * The statement for an insert. Its answer is one row: `id` of the new row or null, `answer` its JSON text or null, and
 * `hidden`, the relations that point at rows which the caller may not read.
 */
export function compileInsert(plan: InsertPlan, model: Model, textCollation?: TextCollation): Statement {
  const to = newCompilation(model, textCollation);
  const { table, values, connections, returning } = plan;
  const laidOut = values.map(({ column, slot }) => `${to.parameters.add(slot)} AS ${quoteName(column.sqlName)}`);
  const names = values.map(({ column }) => quoteName(column.sqlName)).join(', ');
  const chosen = values.map(({ column }) => columnRef('new', column)).join(', ');
  const hidden = connections.map(({ relation, target, rows }) => {
    const alias = to.aliases.next();
    const key = columnRef('new', columnOf(table, relation.column));
    const found = `${columnRef(alias, columnOf(target, 'id'))} = ${key} AND ${compileFilter(rows, target, alias, to)}`;
    const seen = `${key} IS NULL OR EXISTS (SELECT 1 FROM ${tableName(target)} ${alias} WHERE ${found})`;
    return `CASE WHEN ${seen} THEN NULL ELSE ${quoteText(relation.name)} END`;
  });
  const check = compileFilter(plan.check, table, 'new', to);
  const shown = compileFilter(plan.rows, table, 'written', to);
  const answer = returning
    ? `CASE WHEN ${shown} THEN ${compileObject(returning, 'written', to)}::text END`
    : 'NULL::text';
  const text = [
    `WITH new AS (SELECT ${[...laidOut, ...systemValues(plan)].join(', ')}),`,
    `verdict AS (SELECT coalesce(${check}, FALSE) AS passed, array_remove(ARRAY[${hidden.join(', ')}]::text[], NULL) AS hidden FROM new),`,
    `written AS (INSERT INTO ${tableName(table)} (${names}) SELECT ${chosen} FROM new, verdict WHERE verdict.passed AND verdict.hidden = '{}' RETURNING *)`,
    `SELECT verdict.hidden, written.${quoteName('id')} AS id, ${answer} AS answer FROM verdict LEFT JOIN written ON TRUE`,
  ].join('\n');
  return { text, parameters: to.parameters };
}

/** What rules see of the columns that the database will set. */
function systemValues({ table }: InsertPlan): string[] {
  const values: Record<string, string> = { createdAt: 'now()', updatedAt: 'now()', deleted: 'FALSE' };
  return [...table.columns.values()]
    .filter((column) => column.system)
    .map(
      (column) =>
        `${values[column.name] ?? `NULL::${sqlType(column.type, column.list)}`} AS ${quoteName(column.sqlName)}`,
    );
}
