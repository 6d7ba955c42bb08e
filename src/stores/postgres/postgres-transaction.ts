// A transaction on a connection of the pool that is its own until it ends.

import type pg from 'pg';
import { ServiceError } from '../../platform/errors.ts';
import type { StoreTransaction } from '../../records/store-transaction.ts';
import { whenReady } from './statements/wire.ts';

/** How a transaction is held. */
export interface Holding {
  /** A connection that is the transaction's alone. */
  readonly connect: () => Promise<pg.PoolClient>;
  /** What begins it, statement by statement. */
  readonly beginning: readonly string[];
  /** Milliseconds that it may hold the connection; left out: any. */
  readonly budget?: number | undefined;
  readonly apart?: boolean;
}

/** What the server has yet to be told, with the next statement: a transaction that begins, or a part of it. */
interface Ahead {
  /** The name of the part; null: the transaction. */
  readonly part: string | null;
  readonly texts: readonly string[];
}

/** A transaction that begins with the first statement in it: until then it holds nothing. */
export class PostgresTransaction implements StoreTransaction {
  open = true;
  used = false;
  readonly apart: boolean;
  /** Of whoever waits for its end; a part that is undone tells those that came since. */
  waiting: ((committed: boolean) => void)[] = [];
  readonly #expiry = new AbortController();
  #timer: NodeJS.Timeout | null = null;
  #connection: Promise<pg.PoolClient> | null = null;
  #ahead: Ahead[];
  /** Parts that are under way, one in the other. */
  #depth = 0;
  /** By depth, the last part that is over and that the server was not told to let go of. */
  readonly #over: string[] = [];
  #parts = 0;

  constructor(private readonly holding: Holding) {
    this.apart = holding.apart ?? false;
    this.#ahead = [{ part: null, texts: holding.beginning }];
  }

  get expired(): AbortSignal {
    return this.#expiry.signal;
  }

  onceEnded(effect: (committed: boolean) => void): void {
    this.waiting.push(effect);
  }

  /** The connection; null: it has none yet. */
  get connection(): Promise<pg.PoolClient> | null {
    return this.#connection;
  }

  /** Whether the server knows of it. */
  get hasBegun(): boolean {
    return this.#ahead[0]?.part !== null;
  }

  /** Work on its connection that sends `ahead` before its first statement, in one message with it and at once. */
  async run<T>(work: (client: pg.PoolClient, ahead: readonly string[]) => Promise<T>): Promise<T> {
    if (this.expired.aborted) throw this.expired.reason;
    this.#connection ??= this.#connect();
    const client = await this.#connection;
    // What the driver has in line must not be overtaken.
    if (this.#ahead.length > 0) await whenReady(client);
    const ahead = this.#ahead.splice(0).flatMap(({ texts }) => texts);
    return work(client, ahead);
  }

  /** Work on its connection that knows nothing of what is to be sent ahead. */
  use<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    return this.run(async (client, ahead) => {
      if (ahead.length > 0) await client.query(ahead.join('; '));
      return work(client);
    });
  }

  async #connect(): Promise<pg.PoolClient> {
    const client = await this.holding.connect();
    const { budget } = this.holding;
    if (budget !== undefined) this.#timer = setTimeout(() => this.#expiry.abort(overBudget(budget)), budget);
    return client;
  }

  /**
   * Does work in a part of it, which is undone alone when the work fails. The server is told of a part with the first statement
   * in it, and that it is over with the first one of the next.
   */
  async part<T>(work: () => Promise<T>): Promise<T> {
    const before = this.waiting.length;
    const depth = this.#depth;
    const name = `part${this.#parts++}`;
    const last = this.#over[depth];
    // With it go those that were begun in it.
    this.#over.length = depth;
    this.#ahead.push({ part: name, texts: [...(last ? [`RELEASE ${last}`] : []), `SAVEPOINT ${name}`] });
    this.#depth += 1;
    try {
      const result = await work();
      if (!this.#forget(name, depth, last)) this.#over[depth] = name;
      return result;
    } catch (error) {
      this.undo(before);
      // On a connection that is lost this fails as well, and the error that says so is the one to tell.
      if (!this.#forget(name, depth, last))
        await this.use((client) => client.query(`ROLLBACK TO ${name}; RELEASE ${name}`)).catch(() => undefined);
      throw error;
    } finally {
      this.#depth -= 1;
    }
  }

  /** Does not tell the server of a part in which no statement was run; false: one was. */
  #forget(name: string, depth: number, last: string | undefined): boolean {
    const at = this.#ahead.findIndex(({ part }) => part === name);
    if (at < 0) return false;
    this.#ahead.splice(at, 1);
    if (last) this.#over[depth] = last;
    return true;
  }

  /** Tells those who wait, of `first` others nothing: what they did is not undone. */
  undo(first: number): void {
    for (const tell of this.waiting.splice(first)) tell(false);
  }

  /** Nothing is done in it any more. */
  end(committed: boolean): void {
    this.open = false;
    if (this.#timer) clearTimeout(this.#timer);
    for (const tell of this.waiting.splice(0)) tell(committed);
  }
}

function overBudget(budget: number): ServiceError {
  return new ServiceError(
    'SCRIPT_TIMEOUT',
    `A script kept a transaction open for longer than ${budget} ms: nothing of the operation was done.`,
  );
}

/** The transaction of this store. Programmer error when it has ended, or is another store's. */
export function ownTransaction(transaction: StoreTransaction): PostgresTransaction {
  if (!(transaction instanceof PostgresTransaction) || !transaction.open)
    throw new Error('the transaction is not open here');
  return transaction;
}

/** The same, in which rows are asked for or written. */
export function usedTransaction(transaction: StoreTransaction): PostgresTransaction {
  const own = ownTransaction(transaction);
  own.used = true;
  return own;
}
