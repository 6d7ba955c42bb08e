// The tables of a model, made in the database. What is missing is added, and what only held rows together is made to agree
// with the schema, in one transaction that locks each table for a moment; then rows are looked through and indexes built
// while others read and write. Rows that would lose a value are counted and refused, unless that is allowed by name. A
// process that dies at any point leaves what the next one completes.

import pg from 'pg';
import type { Logger } from '../../../platform/log.ts';
import type { Model } from '../../../tables/model.ts';
import { recordAppliedModel } from '../catalog/record-applied-model.ts';
import { ACTOR_SETTING } from '../change-log/settings.ts';
import { UnusableDatabase } from '../check-server.ts';
import { APP_SCHEMA, tableName } from '../sql-text.ts';
import { bePatient } from './be-patient.ts';
import { readDatabaseState } from './database-state.ts';
import { holdStructureLock } from './hold-structure-lock.ts';
import type { Afterthought, ModelPlan } from './model-plan.ts';
import { planModel } from './plan-model.ts';
import { countRows, weighHazards } from './weigh-hazards.ts';

export interface ApplyOptions {
  readonly log: Logger;
  /** Of this program, for the history. */
  readonly productVersion: string;
  /** What may be lost: the names that a refusal gives. */
  readonly allowed?: readonly string[];
}

/** In words, for people. */
export interface Applied {
  /** What was done; empty when there was nothing to do. */
  readonly steps: readonly string[];
  /** What is in the database, not in the schema, and was kept. */
  readonly kept: readonly string[];
}

/** Rows stand against the model, or something that is not ours. In the transaction nothing was done. */
export class ModelRefused extends Error {
  constructor(readonly reasons: readonly string[]) {
    super(
      `The tables in the database cannot become those of the schema:\n${reasons.map((reason) => `  - ${reason}`).join('\n')}`,
    );
  }
}

/** SQLSTATE of dropping what a view or another table stands on. */
const DEPENDED_ON = '2BP01';
const MAY_NOT = '42501';
/** SQLSTATE class 23: a row stands against a change. */
const ROW_AGAINST = /^23/;
/** Who the change log says it was, of rows that a change of the model touches. */
const ACTOR = 'admin:schema';
/** Times that rows may be written between counting them and the change that they stand against. */
const MAX_SURPRISES = 3;

/**
 * Makes the database hold the model's tables. Throws {@link ModelRefused}, or what the database says. Takes two connections of
 * `pool`, whose statements must have no limit of time; the catalog must be there.
 */
export async function applyModel(pool: pg.Pool, model: Model, options: ApplyOptions): Promise<Applied> {
  const release = await holdStructureLock(pool, options.log);
  try {
    const applied = await bePatient(options.log, 'change the tables', () => changeTables(pool, model, options));
    await finish(pool, model, options.log);
    return applied;
  } finally {
    await release();
  }
}

/** The transaction. Whatever it did not do, {@link finish} does. */
async function changeTables(pool: pg.Pool, model: Model, options: ApplyOptions, surprises = 0): Promise<Applied> {
  const { allowed = [], productVersion } = options;
  const client = await pool.connect();
  let lost = true;
  try {
    await client.query('BEGIN ISOLATION LEVEL READ COMMITTED');
    await client.query(
      `SELECT set_config('lock_timeout', '2s', true), set_config('statement_timeout', '0', true), set_config('${ACTOR_SETTING}', '${ACTOR}', true)`,
    );
    const plan = planModel(model, await readDatabaseState(client));
    await lockWhatLosesSilently(client, plan);
    const { changes, refusals, kept } = await weighHazards(client, plan, { allowed, countKept: false });
    if (refusals.length > 0) throw new ModelRefused(refusals);
    for (const { statements } of changes) for (const statement of statements) await client.query(statement);
    const steps = [...changes, ...plan.afterwards].flatMap(({ step }) => step ?? []);
    await recordAppliedModel(client, { modelVersion: model.version, productVersion, steps });
    await client.query('COMMIT');
    lost = false;
    return { steps, kept };
  } catch (error) {
    lost = await client.query('ROLLBACK').then(
      () => false,
      () => true,
    );
    if (error instanceof pg.DatabaseError && error.code === DEPENDED_ON)
      throw new ModelRefused([`${error.message} (${error.detail}): drop that first`]);
    if (error instanceof pg.DatabaseError && error.code === MAY_NOT) throw await toldWhatIsMissing(client, error);
    if (!isRowAgainst(error) || surprises >= MAX_SURPRISES) throw error;
  } finally {
    client.release(lost);
  }
  return changeTables(pool, model, options, surprises + 1);
}

/** The error for the person who starts the service, with the statement that gives what is missing. */
async function toldWhatIsMissing(client: pg.ClientBase, error: pg.DatabaseError): Promise<UnusableDatabase> {
  const { rows } = await client.query<{ own: string; may: boolean }>(
    `SELECT quote_ident(current_user) AS own, has_schema_privilege($1, 'CREATE') AS may`,
    [APP_SCHEMA],
  );
  const [found] = rows;
  const remedy = found?.may
    ? `Start the service as the owner of the tables, or as a member of that role.`
    : `As an administrator, run: GRANT USAGE, CREATE ON SCHEMA ${APP_SCHEMA} TO ${found?.own};`;
  return new UnusableDatabase(`The tables could not be made or changed, and nothing was: ${error.message}. ${remedy}`, {
    cause: error,
  });
}

/** A change of type that keeps some values would lose one that is written after the counting, and nobody would notice. */
async function lockWhatLosesSilently(client: pg.ClientBase, { changes }: ModelPlan): Promise<void> {
  const names = changes.flatMap(({ hazard, impact, table }) =>
    hazard && impact === 'rewrite' && table ? table.name : [],
  );
  for (const sqlName of new Set(names))
    await client.query(`LOCK TABLE ${tableName({ sqlName })} IN ACCESS EXCLUSIVE MODE`);
}

/** Looks rows through and builds indexes, one after the other, each by itself. */
async function finish(pool: pg.Pool, model: Model, log: Logger): Promise<void> {
  const { afterwards } = await withClient(pool, async (client) => planModel(model, await readDatabaseState(client)));
  for (const thought of afterwards) {
    let failed = false;
    await bePatient(log, thought.step ?? 'finish the tables', () =>
      withClient(pool, async (client) => {
        if (failed) for (const statement of thought.cleanUp) await client.query(statement);
        failed = true;
        await carryOut(client, thought);
      }),
    );
  }
}

async function carryOut(client: pg.ClientBase, { statements, against, cleanUp }: Afterthought): Promise<void> {
  try {
    // Nobody waits for a statement that waits here: it is for transactions that began before it to end.
    await client.query(`SET lock_timeout = '60s'`);
    for (const statement of statements) {
      if (!/CONCURRENTLY/.test(statement)) await client.query('RESET lock_timeout');
      await client.query(statement);
    }
  } catch (error) {
    if (!isRowAgainst(error) || !against) throw error;
    for (const statement of cleanUp) await client.query(statement);
    const rows = await countRows(client, against.count);
    throw new ModelRefused([`${against.words(rows)}. It was written meanwhile; everything else was done`]);
  } finally {
    await client.query('RESET lock_timeout').catch(() => undefined);
  }
}

async function withClient<T>(pool: pg.Pool, work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let failed = true;
  try {
    const result = await work(client);
    failed = false;
    return result;
  } finally {
    client.release(failed);
  }
}

function isRowAgainst(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && ROW_AGAINST.test(error.code ?? '');
}
