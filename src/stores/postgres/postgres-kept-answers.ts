// Kept answers in the database, in the transaction of the write that they tell of. A key that is in use is a row that another
// transaction has inserted: inserting it again waits for that one's end.

import type pg from 'pg';
import type { Claim, KeptAnswers, KeyedRequest } from '../../records/kept-answers.ts';
import type { StoreTransaction } from '../../records/store-transaction.ts';
import { ownTransaction } from './postgres-transaction.ts';
import { toServiceError } from './store-error.ts';

/** A key whose time is over is as good as new, whether or not its row was removed. */
const CLAIM = `
  INSERT INTO tablecast.kept_answer AS kept (actor, key, fingerprint) VALUES ($1, $2, $3)
  ON CONFLICT (actor, key) DO UPDATE SET fingerprint = excluded.fingerprint, answer = NULL, kept_at = now()
    WHERE kept.kept_at < now() - $4 * interval '1 ms'
  RETURNING TRUE`;
const READ = 'SELECT fingerprint, answer FROM tablecast.kept_answer WHERE actor = $1 AND key = $2';
const KEEP = 'UPDATE tablecast.kept_answer SET answer = $3 WHERE actor = $1 AND key = $2';
const FORGET = `
  DELETE FROM tablecast.kept_answer WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM tablecast.kept_answer WHERE kept_at < now() - $1 * interval '1 ms' LIMIT $2 FOR UPDATE SKIP LOCKED))`;
const FORGOTTEN_AT_ONCE = 1_000;

export class PostgresKeptAnswers implements KeptAnswers {
  /** `lifetime` in milliseconds. */
  constructor(
    private readonly pool: pg.Pool,
    private readonly lifetime: number,
  ) {}

  async claim({ actor, key, fingerprint }: KeyedRequest, transaction: StoreTransaction): Promise<Claim> {
    const { rowCount } = await run(transaction, CLAIM, [actor, key, fingerprint, this.lifetime]);
    if (rowCount === 1) return { kind: 'new' };
    const { rows } = await run<{ fingerprint: string; answer: string }>(transaction, READ, [actor, key]);
    const [kept] = rows;
    if (!kept) throw new Error('a key that is taken has its row');
    return { kind: 'answered', ...kept };
  }

  async keep({ actor, key }: KeyedRequest, answer: string, transaction: StoreTransaction): Promise<void> {
    await run(transaction, KEEP, [actor, key, answer]);
  }

  /** Removes the answers whose time is over; says how many there were. */
  async forget(): Promise<number> {
    for (let forgotten = 0; ; ) {
      const { rowCount } = await this.pool.query(FORGET, [this.lifetime, FORGOTTEN_AT_ONCE]);
      forgotten += rowCount ?? 0;
      if ((rowCount ?? 0) < FORGOTTEN_AT_ONCE) return forgotten;
    }
  }
}

async function run<Row extends pg.QueryResultRow>(transaction: StoreTransaction, text: string, values: unknown[]) {
  try {
    return await ownTransaction(transaction).use((client) => client.query<Row>(text, values));
  } catch (error) {
    throw toServiceError(error);
  }
}
