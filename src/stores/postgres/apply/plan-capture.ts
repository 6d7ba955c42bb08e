// The change log of tables that are there already: those from before there was a log get it.

import { captureTable, releaseTable } from '../change-log/capture-table.ts';
import { tableName } from '../sql-text.ts';
import type { TableState } from './database-state.ts';
import type { PlanDraft } from './model-plan.ts';

/** Plans that the changes of a table are logged. One of the triggers alone was made by nobody, and is made anew. */
export function planCapture(table: { readonly sqlName: string }, found: TableState, draft: PlanDraft): void {
  if (found.captured) return;
  draft.changes.push({
    statements: [...releaseTable(table), ...captureTable(table)],
    step: `log the changes of ${tableName(table)}`,
    impact: 'moment',
    table: found,
  });
}
