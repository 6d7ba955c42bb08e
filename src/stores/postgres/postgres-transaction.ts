// A transaction on a connection of the pool that is its own until it ends.

import type pg from 'pg';
import { ServiceError } from '../../platform/errors.ts';
import type { StoreTransaction } from '../../records/store-transaction.ts';

/** A transaction that has begun, or begins when something is first asked of it. */
export class PostgresTransaction implements StoreTransaction {
  open = true;
  used = false;
  /** Of whoever waits for its end; a savepoint that is undone tells those that came since. */
  waiting: ((committed: boolean) => void)[] = [];
  readonly #expiry = new AbortController();
  #timer: NodeJS.Timeout | null = null;
  #client: Promise<pg.PoolClient> | null = null;

  /** Parts of it that may be undone by themselves: how many are under way, and which are over and not yet let go of. */
  #parts = 0;
  readonly #over: boolean[] = [];

  /** `begin` answers a connection in a transaction, in which it has run what it was given. `budget`: milliseconds, from then on. */
  constructor(
    private readonly begin: (first: string) => Promise<pg.PoolClient>,
    private readonly budget: number | null = null,
    readonly apart = false,
  ) {}

  get expired(): AbortSignal {
    return this.#expiry.signal;
  }

  onceEnded(effect: (committed: boolean) => void): void {
    this.waiting.push(effect);
  }

  /** The connection; null: nothing was asked of it yet. */
  get begun(): Promise<pg.PoolClient> | null {
    return this.#client;
  }

  /** The connection, on which it begins if it has not. */
  client(): Promise<pg.PoolClient> {
    if (this.expired.aborted) return Promise.reject(this.expired.reason);
    this.#client ??= this.#begin('');
    return this.#client;
  }

  /**
   * Does work in a part of it, which is undone alone when the work fails. A part that is done is let go of with the message
   * that begins the next one, or with everything.
   */
  async part<T>(work: () => Promise<T>): Promise<T> {
    const before = this.waiting.length;
    const at = this.#parts;
    this.#parts += 1;
    try {
      const client = await this.#beginPart(at);
      try {
        const result = await work();
        this.#over[at] = true;
        return result;
      } catch (error) {
        this.undo(before);
        // On a connection that is lost this fails as well, and the error that says so is the one to tell.
        await client.query(`ROLLBACK TO part${at}; RELEASE part${at}`).catch(() => undefined);
        throw error;
      }
    } finally {
      this.#parts -= 1;
    }
  }

  async #beginPart(at: number): Promise<pg.PoolClient> {
    const isFirst = this.#client === null;
    const letGo = this.#over[at] ? `RELEASE part${at}; ` : '';
    // With it go those that were begun in it.
    this.#over.length = at;
    if (isFirst && !this.expired.aborted) this.#client = this.#begin(`; SAVEPOINT part${at}`);
    const client = await this.client();
    if (!isFirst) await client.query(`${letGo}SAVEPOINT part${at}`);
    return client;
  }

  async #begin(first: string): Promise<pg.PoolClient> {
    const client = await this.begin(first);
    const { budget } = this;
    if (budget !== null) this.#timer = setTimeout(() => this.#expiry.abort(overBudget(budget)), budget);
    return client;
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

/** The connection of a transaction, for rows; likewise. */
export function clientOf(transaction: StoreTransaction): Promise<pg.PoolClient> {
  const own = ownTransaction(transaction);
  own.used = true;
  return own.client();
}
