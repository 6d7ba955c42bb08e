// A write plan as one statement.

import type { WritePlan } from '../../../records/writes/write-plan.ts';
import type { Model, TableModel } from '../../../tables/model.ts';
import type { Statement } from '../compile/compile-read.ts';
import type { TextCollation } from '../sql-text.ts';
import { compileDelete, compileLock } from './compile-delete.ts';
import { compileExamine } from './compile-examine.ts';
import { compileInsert } from './compile-insert.ts';
import { compileUpdate } from './compile-update.ts';
import { compileUpsert } from './compile-upsert.ts';

/** The statement; its answer is rows as `JudgedRow` has them, where what is left out is as it is for most. */
export function compileWrite(plan: WritePlan, model: Model, textCollation?: TextCollation): Statement {
  switch (plan.kind) {
    case 'insert':
      return compileInsert(plan, model, textCollation);
    case 'update':
      return compileUpdate(plan, model, textCollation);
    case 'examine':
      return compileExamine(plan, model, textCollation);
    case 'delete':
      return compileDelete(plan, model, textCollation);
    case 'lock':
      return compileLock(plan, model, textCollation);
    case 'upsert':
      return compileUpsert(plan, model, textCollation);
  }
}

/** Whether its rows are what a filter leaves: one plan of the server is not as good as another then. */
export function isByFilter(plan: WritePlan): boolean {
  return 'target' in plan && plan.target.kind === 'filter';
}

/** The table that a plan writes. */
export function tableOfWrite(plan: WritePlan): TableModel {
  return plan.kind === 'upsert' ? plan.insert.table : plan.table;
}
