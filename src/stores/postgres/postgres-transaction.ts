// A transaction on a connection of the pool that is its own until it ends.

import type pg from 'pg';
import type { StoreTransaction } from '../../records/store-transaction.ts';

export class PostgresTransaction implements StoreTransaction {
  open = true;
  constructor(readonly client: pg.PoolClient) {}
}

/** The connection of a transaction. Programmer error when it has ended, or is another store's. */
export function clientOf(transaction: StoreTransaction): pg.PoolClient {
  if (!(transaction instanceof PostgresTransaction) || !transaction.open)
    throw new Error('the transaction is not open here');
  return transaction.client;
}
