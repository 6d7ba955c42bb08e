// New rows as one statement: they are laid out, judged by their rules, written if they pass, and answered from what was
// written. Nothing of it reads the table back, which would not see the new rows.

import type { Slot } from '../../../records/value-source.ts';
import type { InsertPlan } from '../../../records/writes/write-plan.ts';
import type { Model } from '../../../tables/model.ts';
import { ORIGIN, originCte } from '../change-log/write-origin.ts';
import { newCompilation, type Statement } from '../compile/compile-read.ts';
import { type Compilation, type Parameter, quoteName, sqlType, type TextCollation, tableName } from '../sql-text.ts';
import { toldColumns } from './answers.ts';
import { ALLOWED, compileVerdict, isJudged, namedBy, systemValues } from './judge.ts';
import { compileTaken } from './taken-keys.ts';

/** The statement. Its answer is a row for each new row, in their order, as `JudgedRow` has it. */
export function compileInsert(plan: InsertPlan, model: Model, textCollation?: TextCollation): Statement {
  const to = newCompilation(model, textCollation);
  return { text: plan.many ? insertMany(plan, to) : insertOne(plan, to), parameters: to.parameters };
}

function insertOne(plan: InsertPlan, to: Compilation): string {
  const { table } = plan;
  const values = singleValues(plan, to);
  const told = toldColumns(plan, table, 'written', to);
  const into = `INSERT INTO ${tableName(table)} (${columnNames(plan)})`;
  if (!isJudged(plan)) {
    return [
      `WITH ${originCte(to.parameters)},`,
      `written AS (${into} SELECT ${values.join(', ')} FROM ${ORIGIN} RETURNING *)`,
      `SELECT TRUE AS passed, '{}'::text[] AS hidden, written."id", ${told} FROM written`,
    ].join('\n');
  }
  return [
    `WITH ${originCte(to.parameters)},`,
    `new AS (SELECT ${laidOut(plan, values).join(', ')}),`,
    `verdict AS (SELECT ${compileVerdict(plan, table, 'new', to)} FROM new),`,
    `written AS (${into} SELECT ${columnNames(plan, 'new.')} FROM new, verdict, ${ORIGIN} WHERE ${ALLOWED} RETURNING *)`,
    `SELECT verdict.passed, verdict.hidden, written."id", ${told} FROM verdict LEFT JOIN written ON TRUE`,
  ].join('\n');
}

function insertMany(plan: InsertPlan, to: Compilation): string {
  const { table, each } = plan;
  const told = toldColumns(plan, table, 'written', to);
  const taken = each ? `, new.${KEPT}, ${compileTaken(table, 'new', `new.${AT}`, to)} AS taken` : '';
  const write = each ? `verdict.${KEPT} AND ${ALLOWED}` : `NOT EXISTS (SELECT 1 FROM verdict WHERE NOT ${ALLOWED})`;
  const rows =
    isJudged(plan) || each ? ` JOIN verdict ON verdict.${AT} = new.${AT}, ${ORIGIN} WHERE ${write}` : `, ${ORIGIN}`;
  return [
    `WITH ${originCte(to.parameters)}, ${newRows(plan, to)},`,
    `verdict AS (SELECT new.${AT}, new."id", ${compileVerdict(plan, table, 'new', to)}${taken} FROM new),`,
    `written AS (INSERT INTO ${tableName(table)} (${columnNames(plan)}) SELECT ${columnNames(plan, 'new.')} FROM new${rows}${each ? ` ORDER BY new.${AT} ON CONFLICT DO NOTHING` : ''} RETURNING *)`,
    `SELECT verdict.passed, verdict.hidden${each ? ', verdict.taken' : ''}, written."id", ${told}`,
    `FROM verdict LEFT JOIN written ON written."id" = verdict."id"${each ? ` AND verdict.${KEPT}` : ''} ORDER BY verdict.${AT}`,
  ].join('\n');
}

/** The place of a row, and whether it is to be written, under names that no column has. */
const AT = '"#at"';
const KEPT = '"#kept"';

/** The values of one row, each a parameter of its column's type. */
export function singleValues({ columns }: InsertPlan, to: Compilation): string[] {
  return columns.map(({ type, list }, at) => to.parameters.add({ source: { from: 'write', at }, type, list }));
}

/** The columns of one row under their names, those of the system too. */
export function laidOut({ columns, table }: InsertPlan, values: readonly string[]): string[] {
  return [...columns.map(({ sqlName }, at) => `${values[at]} AS ${quoteName(sqlName)}`), ...systemValues(table)];
}

/**
 * `new`: the rows under the names of their columns, with what else is said of each. An array has no rows of arrays: lists come
 * as texts.
 */
function newRows({ columns, references, each, table }: InsertPlan, to: Compilation): string {
  const cells = columns.map(({ type, list, sqlName }, at) => {
    const slot: Parameter = { source: { from: 'write', at }, type, list: true };
    const value = to.parameters.add(list ? { ...slot, form: 'lists' } : slot);
    return { value, cell: list ? `::${sqlType(type, true)}` : '', name: quoteName(sqlName) };
  });
  const flag = (slot: Slot, name: string) => ({ value: to.parameters.add(slot), cell: '', name });
  const named = references.flatMap(({ among, relation }) => (among ? [flag(among, namedBy(relation))] : []));
  const given = [...cells, ...named, ...(each ? [flag(each, KEPT)] : [])];
  const from = `unnest(${given.map(({ value }) => value).join(', ')}) WITH ORDINALITY AS u(${[...given.map((_, at) => `c${at}`), AT].join(', ')})`;
  const values = given.map(({ cell, name }, at) => `u.c${at}${cell} AS ${name}`);
  return `new AS (SELECT ${[`u.${AT}`, ...values, ...systemValues(table)].join(', ')} FROM ${from})`;
}

/** The names of the columns that are written, each after `prefix`. */
export function columnNames({ columns }: InsertPlan, prefix = ''): string {
  return columns.map(({ sqlName }) => `${prefix}${quoteName(sqlName)}`).join(', ');
}
