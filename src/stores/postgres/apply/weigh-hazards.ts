// Whether the rows that are there let a plan be carried out: they are counted, and what they stand against is refused unless
// it is allowed by name.

import type pg from 'pg';
import { type Change, type Leftover, type ModelPlan, rowsInWords } from './model-plan.ts';

/** A plan, after the rows were counted. */
export interface WeighedPlan {
  /** What is carried out: hazards without rows are changes like any other, those that are allowed mend their rows. */
  readonly changes: readonly Change[];
  /** Why it cannot be, in words, each with the name that would allow it where there is one. */
  readonly refusals: readonly string[];
  /** What is kept, in words. */
  readonly kept: readonly string[];
}

export interface WeighingOptions {
  /** Names of what may be lost. One that allows nothing here is no error: another start has used it. */
  readonly allowed: readonly string[];
  /** Whether what is kept is counted too: it takes reading it. */
  readonly countKept: boolean;
}

/** Counts the rows of every hazard, by the names of before, and judges the plan. */
export async function weighHazards(
  client: pg.ClientBase,
  plan: ModelPlan,
  { allowed, countKept }: WeighingOptions,
): Promise<WeighedPlan> {
  const refusals = [...plan.refusals];
  const changes: Change[] = [];
  for (const change of plan.changes) {
    const { hazard } = change;
    const rows = hazard ? await countRows(client, hazard.count) : 0;
    if (!hazard || rows === 0) changes.push(change);
    else if (hazard.allowed && allowed.includes(hazard.allowed.name)) {
      const { mend, instead, words, name } = hazard.allowed;
      const step = `${name}: in ${rowsInWords(rows)}, ${words}`;
      changes.push({ ...change, statements: mend, step, impact: mend.length > 0 ? 'writes' : 'none' });
      changes.push({ ...change, statements: instead ?? change.statements });
    } else {
      const way = hazard.allowed ? `; with --allow ${hazard.allowed.name} ${hazard.allowed.words}` : '';
      refusals.push(`${hazard.words(rows)}${way}`);
    }
  }
  const kept: string[] = [];
  for (const leftover of plan.leftovers) {
    if (leftover.drop && allowed.includes(leftover.drop.name))
      changes.push(await dropped(client, leftover, leftover.drop));
    else kept.push(await inWords(client, leftover, countKept));
  }
  return { changes, refusals, kept };
}

async function dropped(
  client: pg.ClientBase,
  { what, table }: Leftover,
  drop: NonNullable<Leftover['drop']>,
): Promise<Change> {
  const rows = await countRows(client, drop.count);
  return { statements: drop.statements, step: `drop ${what}, with ${rowsInWords(rows)}`, impact: 'moment', table };
}

async function inWords(client: pg.ClientBase, { what, drop }: Leftover, counted: boolean): Promise<string> {
  if (!drop) return what;
  if (!counted) return `${what}; --allow ${drop.name} drops it`;
  return `${what}, with ${rowsInWords(await countRows(client, drop.count))}; --allow ${drop.name} drops it`;
}

/** The answer of a statement that counts. */
export async function countRows(client: pg.ClientBase, text: string): Promise<number> {
  const { rows } = await client.query<{ rows: string }>(text);
  return Number(rows[0]?.rows ?? 0);
}
