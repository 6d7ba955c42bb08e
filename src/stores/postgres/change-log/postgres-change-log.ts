// The change log of a database. Triggers write it; here it gets its order and is read, by as many processes as there are.

import type pg from 'pg';
import type { ChangeLog, ChangePage, ResetReason } from '../../../changes/change-log.ts';
import { comparePositions, type Position } from '../../../changes/position.ts';
import { isBusy, toServiceError } from '../store-error.ts';
import { closeBatch, ensureEpoch, type Now } from './epoch.ts';
import { expireChanges } from './expire-changes.ts';
import { readChanges } from './read-changes.ts';

/**
 * The pool is the caller's to close. Its statements should have minutes: after a transaction of millions of rows one of them
 * goes over all of these. The catalog must be there.
 */
export class PostgresChangeLog implements ChangeLog {
  constructor(private readonly pool: pg.Pool) {}

  head(): Promise<Position> {
    return asServiceErrors(async () => headOf(await ensureEpoch(this.pool)));
  }

  advance(): Promise<Position> {
    return asServiceErrors(async () => headOf((await this.#closeBatch()) ?? (await ensureEpoch(this.pool))));
  }

  read(after: Position, most: number): Promise<ChangePage> {
    return asServiceErrors(async () => {
      const page = await readChanges(this.pool, after, most);
      // Looked at afterwards: had something been given up before it was read, this tells.
      const now = await ensureEpoch(this.pool);
      const reason = resetReason(after, now);
      return reason ? { kind: 'reset', reason, head: headOf(now) } : { kind: 'changes', ...page };
    });
  }

  expire(keep: number): Promise<number> {
    return asServiceErrors(async () => {
      await this.advance();
      return expireChanges(this.pool, keep);
    });
  }

  async #closeBatch(): Promise<Now | null> {
    try {
      return await closeBatch(this.pool);
    } catch (error) {
      // Sessions that are SERIALIZABLE by themselves meet another process so.
      if (!isBusy(error)) throw error;
      return null;
    }
  }
}

function headOf({ epoch, batch, seq }: Now): Position {
  return { epoch, batch, seq };
}

function resetReason(after: Position, now: Now): ResetReason | null {
  if (after.epoch !== now.epoch) return 'another epoch';
  if (comparePositions(after, headOf(now)) > 0) return 'beyond the head';
  const oldest = { epoch: now.epoch, batch: now.oldest, seq: now.oldestSeq };
  return comparePositions(after, oldest) < 0 ? 'too old' : null;
}

async function asServiceErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toServiceError(error);
  }
}
