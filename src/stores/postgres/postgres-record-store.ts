// The record store on PostgreSQL: compiled plans run on the pool. A read that meets a broken connection is tried again on
// another one; a write never is.

import type pg from 'pg';
import { ServiceError } from '../../platform/errors.ts';
import type { Release } from '../../platform/slots.ts';
import type { ReadPlan } from '../../records/plan.ts';
import type {
  CompiledFind,
  CompiledLink,
  CompiledRead,
  CompiledReadBack,
  CompiledWrite,
  RecordStore,
} from '../../records/ports.ts';
import type { PlainRow } from '../../records/row-scripts.ts';
import type { StoreTransaction, TransactionOptions } from '../../records/store-transaction.ts';
import { bindSlot, type Request } from '../../records/value-source.ts';
import type { FindPlan, JudgedRow, LinkPlan, ReadBackPlan, WritePlan } from '../../records/writes/write-plan.ts';
import type { Model, TableModel } from '../../tables/model.ts';
import { runAppStatement } from './app-statement.ts';
import { compileRead, type Statement } from './compile/compile-read.ts';
import { encodeParameter } from './encode-parameter.ts';
import { PostgresTransaction, usedTransaction } from './postgres-transaction.ts';
import { scriptSlot } from './script-slots.ts';
import { type Parameters, ROOT_COLLATION, type TextCollation } from './sql-text.ts';
import { RepeatedStatement } from './statements/repeated-statement.ts';
import { Statements } from './statements/statements.ts';
import { isConnectionLoss, isLost, isSilence, toServiceError, unavailable } from './store-error.ts';
import { compileFind, compileLink, compileReadBack } from './write/compile-find.ts';
import { compileWrite, isByFilter, tableOfWrite } from './write/compile-write.ts';

/** How often work is tried that other transactions are in the way of. */
const TRIES = 4;
/** Milliseconds that are waited for before the first of the others, at most; each after it waits for longer. */
const BUSY_PAUSE = 10;

/** The records of one model in one database. The pool is the caller's to close. */
export class PostgresRecordStore implements RecordStore {
  constructor(
    private readonly pool: pg.Pool,
    private readonly model: Model,
    private readonly textCollation: TextCollation = ROOT_COLLATION,
    private readonly statements: Statements = new Statements(),
    /** Is told that something was committed. */
    private readonly committed: () => void = () => undefined,
    /** Whether transactions may be open for as long as they like: somebody is looking at what goes on in them. */
    private readonly patient = false,
  ) {}

  compileRead(plan: ReadPlan): CompiledRead {
    const { text, parameters } = compileRead(plan, this.model, this.textCollation, this.statements.rowShapes);
    const statement = new RepeatedStatement(text, fitsAnyValues(plan));
    return {
      run: async (request) => {
        const values = bind(parameters, request);
        try {
          const rows = await this.#read<{ answer: string | null }>(statement, values, request.transaction);
          return rows[0]?.answer ?? 'null';
        } catch (error) {
          throw toServiceError(error, { table: plan.selection.table, reading: true });
        }
      },
    };
  }

  compileWrite(plan: WritePlan): CompiledWrite {
    const run = this.#writing<Partial<JudgedRow>>(
      compileWrite(plan, this.model, this.textCollation),
      tableOfWrite(plan),
      { deleting: plan.kind === 'delete', fitsAnyValues: !isByFilter(plan) },
    );
    return {
      run: async (request) =>
        (await run(request)).map((row) => ({
          id: row.id ?? null,
          answers: row.answers ?? [],
          whole: row.whole ?? null,
          passed: row.passed ?? true,
          hidden: row.hidden ?? [],
          current: row.current ?? true,
          inserted: row.inserted ?? plan.kind === 'insert',
          target: row.target ?? null,
          taken: row.taken ?? [],
          beyond: row.beyond ?? [],
        })),
    };
  }

  compileFind(plan: FindPlan): CompiledFind {
    const run = this.#writing<{ id: string | null }>(compileFind(plan, this.model, this.textCollation), plan.table);
    return { run: async (request) => (await run(request)).map(({ id }) => id) };
  }

  compileReadBack(plan: ReadBackPlan): CompiledReadBack {
    const statement = compileReadBack(plan, this.model, this.textCollation);
    const run = this.#writing<{ answers: (string | null)[] }>(statement, plan.table, { writes: false });
    return { run: async (request) => (await run(request)).map(({ answers }) => answers) };
  }

  compileLink(plan: LinkPlan): CompiledLink {
    const run = this.#writing(compileLink(plan, this.model), null);
    return {
      run: async (request) => {
        await run(request);
      },
    };
  }

  /** Running a statement of a write: on its own it is done again where others were in the way. */
  #writing<Row extends pg.QueryResultRow>(
    compiled: Statement,
    table: TableModel | null,
    { deleting = false, fitsAnyValues = true, writes = true } = {},
  ) {
    const { text, parameters } = compiled;
    const statement = new RepeatedStatement(text, fitsAnyValues);
    const place = { ...(table ? { table } : {}), ...(deleting ? { model: this.model } : {}) };
    return async (request: Request): Promise<Row[]> => {
      const values = bind(parameters, request);
      const { transaction } = request;
      if (transaction) {
        try {
          return await this.#runIn<Row>(transaction, statement, values);
        } catch (error) {
          // Nothing is kept before a COMMIT, so that a broken connection undid it.
          throw toServiceError(error, place);
        }
      }
      return patiently(async () => {
        const client = await this.#connect();
        try {
          const rows = await this.statements.run<Row>(client, statement, values);
          client.release();
          if (writes) this.committed();
          return rows;
        } catch (error) {
          client.release(isConnectionLoss(error));
          throw toServiceError(error, { ...place, write: writes });
        }
      });
    };
  }

  transaction<T>(work: (transaction: StoreTransaction) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    return patiently((apart) => this.#transactionOnce(work, options, apart), options.repeatable);
  }

  async savepoint<T>(transaction: StoreTransaction, work: () => Promise<T>): Promise<T> {
    try {
      return await usedTransaction(transaction).part(work);
    } catch (error) {
      throw toServiceError(error);
    }
  }

  async query(request: Request, text: string, values: readonly unknown[]): Promise<readonly PlainRow[]> {
    const { transaction } = request;
    if (!transaction) {
      // What belongs to no write must not write.
      return this.transaction(async (own) => {
        await usedTransaction(own).use((client) => client.query('SET TRANSACTION READ ONLY'));
        return this.query({ ...request, transaction: own }, text, values);
      });
    }
    return usedTransaction(transaction)
      .use((client) => runAppStatement(client, request, text, values))
      .catch((error) => Promise.reject(toServiceError(error)));
  }

  async #transactionOnce<T>(
    work: (transaction: StoreTransaction) => Promise<T>,
    { scripted = false, budget }: TransactionOptions,
    apart: boolean,
  ): Promise<T> {
    let release: Release | null = null;
    const connect = async () => {
      if (scripted) release = await scriptSlot(this.pool);
      return this.#connect();
    };
    const beginning = this.statements.beginning;
    const transaction = new PostgresTransaction({
      connect,
      beginning,
      budget: this.patient ? undefined : budget,
      apart,
    });
    let committing = false;
    let done = false;
    let lost = false;
    try {
      const result = await work(transaction);
      const client = await transaction.connection;
      if (client && transaction.hasBegun) {
        if (transaction.expired.aborted) throw transaction.expired.reason;
        committing = true;
        const { command } = await client.query('COMMIT');
        // PostgreSQL answers so, and with no error, when a statement had failed and the work went on.
        if (command !== 'COMMIT') throw new Error(`the transaction ended with ${command}`);
        this.committed();
      }
      done = true;
      return result;
    } catch (error) {
      lost = isConnectionLoss(error instanceof ServiceError ? error.cause : error);
      const client = await transaction.connection?.catch(() => null);
      lost ||= client && transaction.hasBegun ? !(await isRolledBack(client)) : false;
      throw toServiceError(error, { write: committing });
    } finally {
      transaction.end(done);
      const client = await transaction.connection?.catch(() => null);
      client?.release(lost);
      (release as Release | null)?.();
    }
  }

  /** A statement of rows in a transaction. */
  #runIn<Row extends pg.QueryResultRow>(
    transaction: StoreTransaction,
    statement: RepeatedStatement,
    values: unknown[],
  ): Promise<Row[]> {
    return usedTransaction(transaction).run((client, ahead) =>
      this.statements.run<Row>(client, statement, values, { ahead }),
    );
  }

  /** Whatever keeps a connection from being made, nothing was done: the log has the reason. */
  async #connect(): Promise<pg.PoolClient> {
    try {
      return await this.pool.connect();
    } catch (error) {
      throw unavailable(error);
    }
  }

  async #read<Row extends pg.QueryResultRow>(
    statement: RepeatedStatement,
    values: unknown[],
    transaction?: StoreTransaction,
  ): Promise<Row[]> {
    if (transaction) return this.#runIn(transaction, statement, values);
    // What killed an idle connection may have killed them all: each is dropped as it fails, and the last try is on a new one.
    for (let tries = Math.max(2, this.pool.idleCount + 1); ; tries--) {
      const client = await this.#connect();
      let lost = false;
      try {
        return await this.statements.run<Row>(client, statement, values);
      } catch (error) {
        lost = isConnectionLoss(error);
        if (!lost || tries <= 1 || isSilence(error)) throw error;
      } finally {
        client.release(lost);
      }
    }
  }
}

/** Does work again whose transaction lost against another one, or was near something that broke: nothing of it was done. */
async function patiently<T>(work: (apart: boolean) => Promise<T>, repeatable: () => boolean = () => true): Promise<T> {
  let apart = false;
  for (let tries = 1; ; tries++) {
    try {
      return await work(apart);
    } catch (error) {
      if (!(error instanceof ServiceError) || tries >= TRIES || !repeatable()) throw error;
      const isSuspect: boolean = error.suspect && !apart;
      if (!isSuspect && !isLost(error.cause)) throw error;
      apart ||= isSuspect;
      if (isSuspect) continue;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * BUSY_PAUSE * 2 ** tries));
    }
  }
}

function isRolledBack(client: pg.PoolClient): Promise<boolean> {
  return client.query('ROLLBACK').then(
    () => true,
    () => false,
  );
}

function bind(parameters: Parameters, request: Request): unknown[] {
  for (const slot of parameters.unused) bindSlot(slot, request);
  return parameters.slots.map((slot) => encodeParameter(slot, bindSlot(slot, request)));
}

/**
 * Whether one plan of the server's is as good as another for all values. A row by its key has one plan; an aggregate goes over
 * all of its rows whatever they are, so that the server's own guess holds. A page in an order may end early, and its guess
 * was measured to be wrong by far.
 */
function fitsAnyValues({ kind }: ReadPlan): boolean {
  return kind === 'one' || kind === 'aggregate';
}
