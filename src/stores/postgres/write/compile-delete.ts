// Rows removed for good, as one statement: found, locked, and answered as they were.

import type { DeletePlan, LockPlan } from '../../../records/writes/write-plan.ts';
import type { Model } from '../../../tables/model.ts';
import { ORIGIN, originCte } from '../change-log/write-origin.ts';
import { newCompilation, type Statement } from '../compile/compile-read.ts';
import { type TextCollation, tableName } from '../sql-text.ts';
import { toldColumns, wholeRow } from './answers.ts';
import { compileTarget } from './compile-target.ts';

/** The statement. Its answer is a row for each row of the target, in the order of ids, as `JudgedRow` has it. */
export function compileDelete(plan: DeletePlan, model: Model, textCollation?: TextCollation): Statement {
  const to = newCompilation(model, textCollation);
  const { table, version, ceiling } = plan;
  const target = compileTarget(plan, to, { lock: 'UPDATE' });
  const current = version ? `target."version" = ${to.parameters.add(version)}` : 'TRUE';
  const conditions = [
    'own."id" = target."id"',
    ...(version ? [current] : []),
    ...(ceiling === null ? [] : [`(SELECT count(*) FROM target) <= ${ceiling}`]),
  ];
  const told = toldColumns(plan, table, 'written', to);
  const text = [
    `WITH ${originCte(to.parameters)}, ${target},`,
    `written AS (DELETE FROM ${tableName(table)} own USING target, ${ORIGIN} WHERE ${conditions.join(' AND ')} RETURNING own.*)`,
    `SELECT TRUE AS passed, '{}'::text[] AS hidden, ${current} AS current, written."id", ${told}`,
    'FROM target LEFT JOIN written ON written."id" = target."id" ORDER BY target."id"',
  ].join('\n');
  return { text, parameters: to.parameters };
}

/** The statement that locks rows. Its answer is a row for each of them, with its `id`, and `whole` where that is asked for. */
export function compileLock(plan: LockPlan, model: Model, textCollation?: TextCollation): Statement {
  const to = newCompilation(model, textCollation);
  const target = compileTarget(plan, to, { lock: 'UPDATE' });
  const current = plan.version ? `target."version" = ${to.parameters.add(plan.version)}` : 'TRUE';
  const whole = plan.whole ? `, ${wholeRow(plan.table, 'target', to)} AS whole` : '';
  const text = `WITH ${target} SELECT target."id", ${current} AS current${whole} FROM target ORDER BY target."id"`;
  return { text, parameters: to.parameters };
}
