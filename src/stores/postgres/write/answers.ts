// What a write answers of the rows under `alias`: of those that may be shown, a JSON text for each selection.

import type { Answered } from '../../../records/writes/write-plan.ts';
import type { TableModel } from '../../../tables/model.ts';
import { compileFilter } from '../compile/compile-filter.ts';
import { compileObject } from '../compile/compile-rows.ts';
import type { Compilation } from '../sql-text.ts';

/** What a write tells, as columns of its answer: `answers`, and the `whole` row where that is asked for. */
export function toldColumns(answered: Answered, table: TableModel, alias: string, to: Compilation): string {
  const answers = `${compileAnswers(answered, table, alias, to)} AS answers`;
  return answered.whole ? `${answers}, ${wholeRow(table, alias, to)} AS whole` : answers;
}

/** The text of every column of a row, under its name. */
export function wholeRow(table: TableModel, alias: string, to: Compilation): string {
  const fields = [...table.columns.values()].map((column) => ({ kind: 'column', key: column.name, column }) as const);
  return `${compileObject({ table, fields }, alias, to)}::text`;
}

/** An array of texts, one for each selection, all NULL for a row that is not shown. */
export function compileAnswers({ selections, shown }: Answered, table: TableModel, alias: string, to: Compilation) {
  if (selections.length === 0) return `'{}'::text[]`;
  const texts = selections.map((selection) => `${compileObject(selection, alias, to)}::text`);
  const whether = compileFilter(shown, table, alias, to);
  const shownTexts = whether === 'TRUE' ? texts : texts.map((text) => `CASE WHEN ${whether} THEN ${text} END`);
  return `ARRAY[${shownTexts.join(', ')}]`;
}
