// The columns of a table that is there: added, made required or optional, given another default.

import type { Column, TableModel } from '../../../tables/model.ts';
import { logReset, logResetAfterDrop } from '../change-log/capture-table.ts';
import { quoteName, tableName } from '../sql-text.ts';
import type { DatabaseState, TableState } from './database-state.ts';
import { type PlanDraft, rowsInWords } from './model-plan.ts';
import { MODEL_NAMES, namesBefore, objectHazard } from './object-hazards.ts';
import { addColumn, ownDefault, setDefault } from './table-ddl.ts';
import { createUnvalidated, requiredObject } from './table-objects.ts';

/** Plans what the columns of `table` need. `found` is the table after renames and changes of type. */
export function planColumns(table: TableModel, found: TableState, state: DatabaseState, draft: PlanDraft): void {
  for (const column of table.columns.values()) {
    const existing = found.columns.get(column.sqlName);
    if (!existing) {
      planNewColumn(table, column, found, draft);
      continue;
    }
    if (!column.system && existing.ownDefault !== ownDefault(column) && column.name !== 'id')
      draft.changes.push({
        statements: setDefault(table, column),
        step: `set the default of ${table.name}.${column.name}`,
        impact: 'moment',
        table: found,
      });
    if (existing.required && !column.required)
      draft.changes.push({
        statements: [`ALTER TABLE ${tableName(table)} ALTER COLUMN ${quoteName(column.sqlName)} DROP NOT NULL`],
        step: `make ${table.name}.${column.name} optional`,
        impact: 'moment',
        table: found,
      });
    if (column.required && !existing.required) planRequired(table, column, found, state, draft);
  }
}

function planNewColumn(table: TableModel, column: Column, found: TableState, draft: PlanDraft): void {
  const name = `${table.name}.${column.name}`;
  const filled = column.defaultValue !== undefined || column.system;
  const fills = !column.required || filled;
  draft.changes.push({
    // Rows have a value now that the log does not know of.
    statements: [...addColumn(table, column), filled ? logReset(table) : logResetAfterDrop(table)],
    step: `add column ${name}`,
    impact: 'moment',
    table: found,
    ...(fills
      ? {}
      : {
          hazard: {
            count: `SELECT count(*) AS rows FROM ${tableName({ sqlName: found.name })}`,
            words: (rows: number) =>
              `${name} is new and required, and ${rowsInWords(rows)} would have no value: give it @default, or make it optional`,
            allowed: null,
          },
        }),
  });
}

/**
 * NOT NULL looks through the whole table while nobody may use it. A check in its place holds for new rows at once, is
 * validated while others read and write, and then spares NOT NULL the looking.
 */
function planRequired(
  table: TableModel,
  column: Column,
  found: TableState,
  state: DatabaseState,
  draft: PlanDraft,
): void {
  const object = requiredObject(table, column);
  const existing = found.objects.get(object.name);
  const hazard = objectHazard(table, object, namesBefore(state));
  const step = `make ${table.name}.${column.name} required`;
  const at = { table: found };
  if (!existing)
    draft.changes.push({
      statements: createUnvalidated(table, object, false),
      step: null,
      impact: 'moment',
      ...at,
      ...(hazard ? { hazard } : {}),
    });
  const validate = `ALTER TABLE ${tableName(table)} VALIDATE CONSTRAINT ${quoteName(object.name)}`;
  const settle = `ALTER TABLE ${tableName(table)} ALTER COLUMN ${quoteName(column.sqlName)} SET NOT NULL, DROP CONSTRAINT ${quoteName(object.name)}`;
  draft.afterwards.push({
    statements: existing?.valid ? [settle] : [validate, settle],
    step,
    impact: 'reads',
    ...at,
    cleanUp: [],
    against: objectHazard(table, object, MODEL_NAMES),
  });
}
