// A row changed, or made when there is none with its key: one statement, both halves judged. Of two that make the same row
// at once one finds it taken, is told so, and may be done again.

import type { UpsertPlan } from '../../../records/writes/write-plan.ts';
import type { Model } from '../../../tables/model.ts';
import { ORIGIN } from '../change-log/write-origin.ts';
import { newCompilation, type Statement } from '../compile/compile-read.ts';
import { type TextCollation, tableName } from '../sql-text.ts';
import { compileAnswers } from './answers.ts';
import { columnNames, laidOut, singleValues } from './compile-insert.ts';
import { updateSteps } from './compile-update.ts';
import { ALLOWED, compileVerdict } from './judge.ts';
import { compileTaken } from './taken-keys.ts';

/** The statement. Its answer is one row, as `JudgedRow` has it. */
export function compileUpsert({ update, insert }: UpsertPlan, model: Model, textCollation?: TextCollation): Statement {
  const to = newCompilation(model, textCollation);
  const { table } = insert;
  const values = singleValues(insert, to);
  const allowed = ALLOWED.replaceAll('verdict.', 'made.');
  const text = [
    `WITH ${updateSteps(update, to).join(',\n')},`,
    `new AS (SELECT ${laidOut(insert, values).join(', ')} WHERE NOT EXISTS (SELECT 1 FROM target)),`,
    `made AS (SELECT ${compileVerdict(insert, table, 'new', to)}, ${compileTaken(table, 'new', null, to)} AS taken FROM new),`,
    `inserted AS (INSERT INTO ${tableName(table)} (${columnNames(insert)}) SELECT ${columnNames(insert, 'new.')} FROM new, made, ${ORIGIN} WHERE ${allowed} ON CONFLICT DO NOTHING RETURNING *)`,
    `SELECT verdict.passed, verdict.hidden, verdict.current, FALSE AS inserted, '{}'::integer[] AS taken, written."id", ${compileAnswers(update, table, 'written', to)} AS answers`,
    'FROM verdict LEFT JOIN written ON TRUE UNION ALL',
    `SELECT made.passed, made.hidden, TRUE, TRUE, made.taken, inserted."id", ${compileAnswers(insert, table, 'inserted', to)}`,
    'FROM made LEFT JOIN inserted ON TRUE',
  ].join('\n');
  return { text, parameters: to.parameters };
}
