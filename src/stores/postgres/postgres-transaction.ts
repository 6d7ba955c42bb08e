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

  /** `begin` answers a connection in a transaction. `budget`: milliseconds, from then on. */
  constructor(
    private readonly begin: () => Promise<pg.PoolClient>,
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
    this.#client ??= this.#begin();
    return this.#client;
  }

  async #begin(): Promise<pg.PoolClient> {
    const client = await this.begin();
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
