// New rows as one statement: they are laid out, judged by their rules, written if they pass, and answered from what was
// written. Nothing of it reads the table back, which would not see the new rows.

import type { InsertPlan } from '../../../records/writes/write-plan.ts';
import type { Model } from '../../../tables/model.ts';
import { ORIGIN, originCte } from '../change-log/write-origin.ts';
import { newCompilation, type Statement } from '../compile/compile-read.ts';
import { type Compilation, quoteName, sqlType, type TextCollation, tableName } from '../sql-text.ts';
import { compileAnswers } from './answers.ts';
import { ALLOWED, compileVerdict, isJudged, systemValues } from './judge.ts';

/** The statement. Its answer is a row for each new row, in their order, as `JudgedRow` has it. */
export function compileInsert(plan: InsertPlan, model: Model, textCollation?: TextCollation): Statement {
  const to = newCompilation(model, textCollation);
  return { text: plan.many ? insertMany(plan, to) : insertOne(plan, to), parameters: to.parameters };
}

function insertOne(plan: InsertPlan, to: Compilation): string {
  const { table } = plan;
  const values = singleValues(plan, to);
  const answers = compileAnswers(plan, table, 'written', to);
  const into = `INSERT INTO ${tableName(table)} (${columnNames(plan)})`;
  if (!isJudged(plan)) {
    return [
      `WITH ${originCte(to.parameters)},`,
      `written AS (${into} SELECT ${values.join(', ')} FROM ${ORIGIN} RETURNING *)`,
      `SELECT TRUE AS passed, '{}'::text[] AS hidden, written."id", ${answers} AS answers FROM written`,
    ].join('\n');
  }
  return [
    `WITH ${originCte(to.parameters)},`,
    `new AS (SELECT ${laidOut(plan, values).join(', ')}),`,
    `verdict AS (SELECT ${compileVerdict(plan, table, 'new', to)} FROM new),`,
    `written AS (${into} SELECT ${columnNames(plan, 'new.')} FROM new, verdict, ${ORIGIN} WHERE ${ALLOWED} RETURNING *)`,
    `SELECT verdict.passed, verdict.hidden, written."id", ${answers} AS answers FROM verdict LEFT JOIN written ON TRUE`,
  ].join('\n');
}

function insertMany(plan: InsertPlan, to: Compilation): string {
  const { table, each } = plan;
  const answers = compileAnswers(plan, table, 'written', to);
  const write = each ? ALLOWED : `NOT EXISTS (SELECT 1 FROM verdict WHERE NOT ${ALLOWED})`;
  return [
    `WITH ${originCte(to.parameters)}, ${newRows(plan, to)},`,
    `verdict AS (SELECT new."#at", new."id", ${compileVerdict(plan, table, 'new', to)} FROM new),`,
    `written AS (INSERT INTO ${tableName(table)} (${columnNames(plan)}) SELECT ${columnNames(plan, 'new.')}`,
    `FROM new JOIN verdict ON verdict."#at" = new."#at", ${ORIGIN} WHERE ${write}${each ? ' ON CONFLICT DO NOTHING' : ''} RETURNING *)`,
    `SELECT verdict.passed, verdict.hidden, written."id", ${answers} AS answers`,
    `FROM verdict LEFT JOIN written ON written."id" = verdict."id" ORDER BY verdict."#at"`,
  ].join('\n');
}

/** The values of one row, each a parameter of its column's type. */
export function singleValues({ columns }: InsertPlan, to: Compilation): string[] {
  return columns.map(({ type, list }, at) => to.parameters.add({ source: { from: 'write', at }, type, list }));
}

/** The columns of one row under their names, those of the system too. */
export function laidOut({ columns, table }: InsertPlan, values: readonly string[]): string[] {
  return [...columns.map(({ sqlName }, at) => `${values[at]} AS ${quoteName(sqlName)}`), ...systemValues(table)];
}

/** `new`: the rows under the names of their columns, and their place under a name that no column has. An array has no rows of arrays: lists come as texts. */
function newRows({ columns, table }: InsertPlan, to: Compilation): string {
  const lists = columns.map(({ type, list }, at) =>
    to.parameters.add({ source: { from: 'write', at }, type, list: true, ...(list ? { form: 'lists' as const } : {}) }),
  );
  const names = columns.map((_, at) => `c${at}`);
  const cells = columns.map(
    ({ type, list, sqlName }, at) => `u.c${at}${list ? `::${sqlType(type, true)}` : ''} AS ${quoteName(sqlName)}`,
  );
  const from = `unnest(${lists.join(', ')}) WITH ORDINALITY AS u(${[...names, '"#at"'].join(', ')})`;
  return `new AS (SELECT ${['u."#at"', ...cells, ...systemValues(table)].join(', ')} FROM ${from})`;
}

/** The names of the columns that are written, each after `prefix`. */
export function columnNames({ columns }: InsertPlan, prefix = ''): string {
  return columns.map(({ sqlName }) => `${prefix}${quoteName(sqlName)}`).join(', ');
}
