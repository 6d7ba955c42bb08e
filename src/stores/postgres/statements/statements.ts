// Running statements on the connections of a pool: under names that the server plans once, where its sessions are the
// service's own; with the limits of time, where they are lent. A server that does not know a name, or knows it otherwise,
// has done nothing: the statement is run once more without.

import type pg from 'pg';
import { ServiceError } from '../../../platform/errors.ts';
import type { Logger } from '../../../platform/log.ts';
import { dropName, keepName } from './connection-names.ts';
import type { RepeatedStatement } from './repeated-statement.ts';
import { RowShapes } from './row-shapes.ts';
import { limitedBegin, limitStatement, type SessionLimits } from './session-limits.ts';
import { sendTogether, whenReady, wireOf } from './wire.ts';

export interface StatementsOptions {
  /** Whether statements get names. */
  readonly named: boolean;
  /** For each transaction; null where the sessions have limits. */
  readonly limits: SessionLimits | null;
  readonly log: Logger | null;
}

/** The transaction that a statement is run in. */
export interface Place {
  /** Statements that answer no rows, to be run before it, in one message with it. */
  readonly ahead: readonly string[];
}

/** The name is not known on this session, or another statement has it: a pooler gave away a session between two uses. */
const SESSION_IS_ANOTHER = ['26000', '42P05'];
/** The statement's result has another type than when it was planned: a table was altered. Other things have this code too. */
const PLAN_IS_OLD = '0A000';
const BEGIN: readonly string[] = ['BEGIN'];

export class Statements {
  /** The rows that statements on these connections may make. */
  readonly rowShapes = new RowShapes();
  #named: boolean;

  constructor(private readonly options: StatementsOptions = { named: true, limits: null, log: null }) {
    this.#named = options.named;
  }

  /** Whether statements get names still. */
  get named(): boolean {
    return this.#named;
  }

  /**
   * Runs a statement on a connection that is the caller's alone: in the transaction that is open there, or, without a `place`,
   * by itself. Throws the driver's errors.
   */
  async run<Row extends pg.QueryResultRow>(
    client: pg.ClientBase,
    statement: RepeatedStatement,
    values: unknown[],
    place: Place | null = null,
  ): Promise<Row[]> {
    const ahead = place?.ahead ?? this.#ownLimits;
    if (!place && ahead.length > 0) await whenReady(client);
    const name = this.#mayName(place) ? statement.use() : undefined;
    if (name === undefined) return send(client, { text: statement.text, values }, ahead);
    keepName(wireOf(client), name, statement.text);
    try {
      return await send(client, { name, text: statement.text, values }, ahead);
    } catch (error) {
      if (!isAboutName(error)) throw error;
      dropName(wireOf(client), name);
      if (SESSION_IS_ANOTHER.includes(error.code)) this.#stopNaming(error);
      // Its error has ended the transaction, and what was done before it in there is undone.
      if (place) throw undone(error);
      return send(client, { text: statement.text, values }, ahead);
    }
  }

  /** A transaction ends with the first error in it, so that a name that a lent session may not know is not tried in one. */
  #mayName(place: Place | null): boolean {
    return this.#named && (place === null || this.options.limits === null);
  }

  /** What begins a transaction, statement by statement. */
  get beginning(): readonly string[] {
    const { limits } = this.options;
    return limits ? limitedBegin(limits) : BEGIN;
  }

  /** What a statement by itself needs before it. */
  get #ownLimits(): readonly string[] {
    const { limits } = this.options;
    return limits ? [limitStatement(limits)] : [];
  }

  #stopNaming(error: Error): void {
    if (!this.#named) return;
    this.#named = false;
    this.options.log?.warn(
      { error: error.message },
      'statements are run without names from now on: a connection pooler between here and the database gives every transaction another session. TABLECAST_PREPARED_STATEMENTS=off says so from the start',
    );
  }
}

async function send<Row extends pg.QueryResultRow>(
  client: pg.ClientBase,
  query: pg.QueryConfig,
  ahead: readonly string[],
): Promise<Row[]> {
  if (ahead.length === 0) return (await client.query<Row>(query)).rows;
  const answered = sendTogether(wireOf(client), ahead, () => client.query<Row>(query));
  // Several statements were run, and the driver answers with all of them.
  const results = [await answered].flat();
  return results.at(-1)?.rows ?? [];
}

function isAboutName(error: unknown): error is Error & { readonly code: string } {
  const { code = '', routine } = (error ?? {}) as { code?: string; routine?: string };
  return SESSION_IS_ANOTHER.includes(code) || (code === PLAN_IS_OLD && routine === 'RevalidateCachedQuery');
}

function undone(cause: unknown): ServiceError {
  return new ServiceError(
    'SERVICE_UNAVAILABLE',
    'The database was changed meanwhile, and nothing was done. Try again.',
    {
      retryAfter: 1,
      cause,
    },
  );
}
