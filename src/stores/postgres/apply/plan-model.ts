// From what a database holds to what a model says: the plan. Pure; nothing here asks the database.

import { type Model, tableOf } from '../../../tables/model.ts';
import { tableName } from '../sql-text.ts';
import { planColumnTypes } from './column-types.ts';
import type { DatabaseState } from './database-state.ts';
import { planLeftColumns, planLeftTables } from './leftovers.ts';
import { planLinkTable } from './link-tables.ts';
import { type Change, type ModelPlan, PlanDraft } from './model-plan.ts';
import { planCapture } from './plan-capture.ts';
import { planColumns } from './plan-columns.ts';
import { planObjects } from './plan-objects.ts';
import { planRenames } from './renames.ts';
import { createTable } from './table-ddl.ts';
import { createObject, tableObjects } from './table-objects.ts';

/** What has to be done to make `before` hold the model. Of the model to what it made, nothing. */
export function planModel(model: Model, before: DatabaseState): ModelPlan {
  const draft = new PlanDraft();
  const state = planRenames(model, before, draft);
  // Keys of new tables wait until every table and column is there.
  const objectsOfNew: Change[] = [];
  const planned = [...model.tables.values()].map((table) => {
    const wanted = tableObjects(table, (name) => tableOf(model, name), state.textCollation);
    const found = state.tables.get(table.sqlName);
    if (!found) {
      const step = `create table ${table.name} (${tableName(table)})`;
      draft.changes.push({ statements: createTable(table), step, impact: 'none' });
      const statements = wanted.flatMap((object) => createObject(table, object));
      objectsOfNew.push({ statements, step: null, impact: 'none' });
    } else if (!found.stamped) {
      draft.refusals.push(
        `${tableName(table)}, the table of ${table.name}, is there and was not made by Tablecast: give ${table.name} another with @table(name:)`,
      );
    } else {
      const retyped = planColumnTypes(table, found, draft);
      planColumns(table, retyped, state, draft);
      planLeftColumns(table, found, draft);
      planCapture(table, found, draft);
      return { table, found: retyped, wanted };
    }
    return null;
  });
  for (const kept of planned) if (kept) planObjects(kept.table, kept.found, kept.wanted, state, draft);
  draft.changes.push(...objectsOfNew);
  const renamedLinks = [...model.links.values()].map((link) => planLinkTable(link, model, state, draft));
  planLeftTables(model, state, renamedLinks, draft);
  return draft;
}
