// The record store on PostgreSQL: compiled plans run on the pool. A read that meets a broken connection is tried again on
// another one; a write never is.

import type pg from 'pg';
import { ServiceError } from '../../platform/errors.ts';
import type { InsertPlan, ReadPlan } from '../../records/plan.ts';
import type {
  CompiledInsert,
  CompiledRead,
  InsertOutcome,
  RecordStore,
  StoreTransaction,
} from '../../records/ports.ts';
import { bindSlot, type Request } from '../../records/value-source.ts';
import type { Model } from '../../tables/model.ts';
import { compileInsert } from './compile-insert.ts';
import { compileRead } from './compile-read.ts';
import { encodeParameter } from './encode-parameter.ts';
import { type Parameters, ROOT_COLLATION, type TextCollation } from './sql-text.ts';
import { RepeatedStatement } from './statements/repeated-statement.ts';
import { type Place, Statements } from './statements/statements.ts';
import { isConnectionLoss, isSilence, toServiceError, unavailable } from './store-error.ts';

interface InsertedRow {
  readonly id: string | null;
  readonly answer: string | null;
  readonly hidden: string[];
}

class PostgresTransaction implements StoreTransaction {
  open = true;
  constructor(readonly client: pg.PoolClient) {}
}

/** The records of one model in one database. The pool is the caller's to close. */
export class PostgresRecordStore implements RecordStore {
  constructor(
    private readonly pool: pg.Pool,
    private readonly model: Model,
    private readonly textCollation: TextCollation = ROOT_COLLATION,
    private readonly statements: Statements = new Statements(),
  ) {}

  compileRead(plan: ReadPlan): CompiledRead {
    const { text, parameters } = compileRead(plan, this.model, this.textCollation);
    const statement = new RepeatedStatement(text, plan.kind === 'one');
    return {
      run: async (request, transaction) => {
        const values = bind(parameters, request);
        try {
          const rows = await this.#read<{ answer: string | null }>(statement, values, transaction);
          return rows[0]?.answer ?? 'null';
        } catch (error) {
          throw toServiceError(error, { table: plan.selection.table, reading: true });
        }
      },
    };
  }

  compileInsert(plan: InsertPlan): CompiledInsert {
    const { text, parameters } = compileInsert(plan, this.model, this.textCollation);
    const statement = new RepeatedStatement(text);
    return {
      run: async (request, transaction): Promise<InsertOutcome> => {
        const values = bind(parameters, request);
        const client = clientOf(transaction) ?? (await this.#connect());
        try {
          const [row] = await this.statements.run<InsertedRow>(client, statement, values, placeOf(transaction));
          if (!transaction) client.release();
          return row?.id == null
            ? { inserted: false, hidden: row?.hidden ?? [] }
            : { inserted: true, id: row.id, row: row.answer };
        } catch (error) {
          if (!transaction) client.release(isConnectionLoss(error));
          // Inside a transaction nothing is kept before its COMMIT, so that a broken connection undid it.
          throw toServiceError(error, { table: plan.table, write: transaction === undefined });
        }
      },
    };
  }

  async transaction<T>(work: (transaction: StoreTransaction) => Promise<T>): Promise<T> {
    const client = await this.#connect();
    const transaction = new PostgresTransaction(client);
    let committing = false;
    let lost = false;
    try {
      await this.statements.begin(client);
      const result = await work(transaction);
      committing = true;
      const { command } = await client.query('COMMIT');
      // PostgreSQL answers so, and with no error, when a statement had failed and the work went on.
      if (command !== 'COMMIT') throw new Error(`the transaction ended with ${command}`);
      return result;
    } catch (error) {
      lost = isConnectionLoss(error instanceof ServiceError ? error.cause : error);
      lost ||= await client.query('ROLLBACK').then(
        () => false,
        () => true,
      );
      throw toServiceError(error, { write: committing });
    } finally {
      transaction.open = false;
      client.release(lost);
    }
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
    const own = clientOf(transaction);
    if (own) return this.statements.run<Row>(own, statement, values, placeOf(transaction));
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

function clientOf(transaction: StoreTransaction | undefined): pg.PoolClient | undefined {
  if (!transaction) return undefined;
  if (!(transaction instanceof PostgresTransaction) || !transaction.open)
    throw new Error('the transaction is not open here');
  return transaction.client;
}

function placeOf(transaction: StoreTransaction | undefined): Place {
  return transaction ? 'in a transaction' : 'alone';
}

function bind(parameters: Parameters, request: Request): unknown[] {
  for (const slot of parameters.unused) bindSlot(slot, request);
  return parameters.slots.map((slot) => encodeParameter(slot, bindSlot(slot, request)));
}
