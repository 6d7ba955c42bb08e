// A change of rows as one statement: they are found and locked as they are, laid out as they will be, judged, written if all
// of them pass, and answered from what was written.

import type { Change, UpdatePlan } from '../../../records/writes/write-plan.ts';
import type { Model } from '../../../tables/model.ts';
import { ORIGIN, originCte } from '../change-log/write-origin.ts';
import { newCompilation, type Statement } from '../compile/compile-read.ts';
import { type Compilation, columnRef, quoteName, type TextCollation, tableName } from '../sql-text.ts';
import { toldColumns } from './answers.ts';
import { compileTarget, targetConditions } from './compile-target.ts';
import { ALLOWED, compileVerdict, isJudged } from './judge.ts';

/** The statement. Its answer is a row for each row of the target, in the order of ids, as `JudgedRow` has it. */
export function compileUpdate(plan: UpdatePlan, model: Model, textCollation?: TextCollation): Statement {
  const to = newCompilation(model, textCollation);
  const tells = plan.version !== null && !plan.silent;
  const simple = plan.target.kind === 'key' && !tells && !isJudged(plan);
  const text = simple
    ? updateInPlace(plan, to)
    : `WITH ${updateSteps(plan, to).join(',\n')}\n${updateAnswer(plan, to)}`;
  return { text, parameters: to.parameters };
}

/** One row, with nothing to be judged: no need to look at it first. */
function updateInPlace(plan: UpdatePlan, to: Compilation): string {
  const { table } = plan;
  const alias = to.aliases.next();
  const version = plan.version ? [`${alias}."version" = ${to.parameters.add(plan.version)}`] : [];
  const where = [targetConditions(plan, alias, to), ...version].join(' AND ');
  const set = assignments(plan, (change) => changed(change, alias, to));
  const told = toldColumns(plan, table, 'written', to);
  return [
    `WITH ${originCte(to.parameters)},`,
    `written AS (UPDATE ${tableName(table)} ${alias} SET ${set} FROM ${ORIGIN} WHERE ${where} RETURNING ${alias}.*)`,
    `SELECT TRUE AS passed, '{}'::text[] AS hidden, TRUE AS current, written."id", ${told} FROM written`,
  ].join('\n');
}

/** The steps up to `written`, as a WITH has them. */
export function updateSteps(plan: UpdatePlan, to: Compilation): string[] {
  const { table, ceiling } = plan;
  const names = plan.changes.map(({ column }) => column);
  const few = ceiling === null ? [] : [`(SELECT count(*) FROM verdict) <= ${ceiling}`];
  const all = [`NOT EXISTS (SELECT 1 FROM verdict WHERE NOT (${ALLOWED} AND verdict.current))`, ...few];
  const set = names.map(({ sqlName }) => `${quoteName(sqlName)} = next.${quoteName(sqlName)}`).join(', ');
  const conditions = `own."id" = next."id" AND ${all.join(' AND ')}`;
  const write =
    plan.changes.length > 0
      ? `UPDATE ${tableName(table)} own SET ${set} FROM next, ${ORIGIN} WHERE ${conditions} RETURNING own.*`
      : `SELECT own.* FROM target own, next WHERE ${conditions}`;
  return [
    originCte(to.parameters),
    compileTarget(plan, to, { lock: 'NO KEY UPDATE', ...givenEach(plan, to) }),
    nextRows(plan, (change) => changed(change, 'target', to), to),
    `verdict AS (SELECT next."id", next."#current" AS current, ${compileVerdict(plan, table, 'next', to)} FROM next)`,
    `written AS (${write})`,
  ];
}

/** `next`: the rows of the target as they will be. */
export function nextRows(
  { table, changes, version }: Pick<UpdatePlan, 'table' | 'changes' | 'version'>,
  nextOf: (change: Change) => string,
  to: Compilation,
): string {
  const values = [...table.columns.values()].map((column) => {
    const change = changes.find((one) => one.column === column);
    return `${change ? nextOf(change) : columnRef('target', column)} AS ${quoteName(column.sqlName)}`;
  });
  const current = version ? `target."version" = ${to.parameters.add(version)}` : 'TRUE';
  return `next AS (SELECT ${values.join(', ')}, ${current} AS "#current" FROM target)`;
}

/** What became of the rows. */
function updateAnswer(plan: UpdatePlan, to: Compilation): string {
  const told = toldColumns(plan, plan.table, 'written', to);
  return [
    `SELECT verdict.passed, verdict.hidden, verdict.current, verdict."id" AS target, written."id", ${told}`,
    'FROM verdict LEFT JOIN written ON written."id" = verdict."id" ORDER BY verdict."id"',
  ].join('\n');
}

/** The values that each row of the target has its own of, beside its id. */
function givenEach({ target, changes }: UpdatePlan, to: Compilation) {
  const own = changes.filter(({ each }) => each);
  if (target.kind !== 'ids' || own.length === 0) return {};
  const lists = [target.ids, ...own.map(({ slot }) => slot)].map((slot) => to.parameters.add(slot));
  const names = own.map((change) => givenName(change));
  return {
    extra: {
      join: `unnest(${lists.join(', ')}) AS given(id, ${names.join(', ')})`,
      columns: names.map((name) => `given.${name}`).join(', '),
    },
  };
}

/** No column of a table is called so: names of the model have no point. */
const givenName = ({ column }: Change) => quoteName(`given.${column.sqlName}`);

function assignments({ changes }: UpdatePlan, value: (change: Change) => string): string {
  return changes.map((change) => `${quoteName(change.column.sqlName)} = ${value(change)}`).join(', ');
}

/** The value that a column of the row under `alias` will have. Nothing counts as zero, and as an empty list. */
export function changed(change: Change, alias: string, to: Compilation): string {
  const { column, how, slot } = change;
  if (change.each) return `${alias}.${givenName(change)}`;
  const value = to.parameters.add(slot);
  const now = columnRef(alias, column);
  if (how === 'set') return value;
  return how === 'increment' ? `coalesce(${now}, 0) + ${value}` : `coalesce(${now}, '{}') || ${value}`;
}
