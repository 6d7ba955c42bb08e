// The exam finds the mistakes that are usually made, and those that our own log could have.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CHANGE_LOG_CHECKS } from './change-log.suite.ts';
import { runLoad } from './change-log-load.ts';
import type { ChangeLogWorld } from './change-log-world.ts';
import { type MISTAKES, mistakenLog } from './mistaken-log.ts';
import { openPostgresWorld } from './postgres-world.ts';

const LATE = 'a change that is committed late is not lost, nor is anybody kept waiting for it';
const ORDER = 'changes of a row come as they were committed, whoever began first';
const UNDONE = 'what was rolled back is not told, nor what was undone';
const PAGES = 'pages of any length say the same, and go on where the last one ended';
const EXPIRED = 'what is too old is given up, and its readers are told';

const LOAD = { writers: 12, transactions: 40, seed: 3 };

/** The checks of those named that do not pass. */
async function failing(world: ChangeLogWorld, names: readonly string[]): Promise<string[]> {
  const failed: string[] = [];
  for (const name of names) {
    await CHANGE_LOG_CHECKS[name]?.(world).catch(async (error: unknown) => {
      assert.ok(error instanceof assert.AssertionError, String(error));
      failed.push(name);
      await world.abandon();
    });
  }
  return failed;
}

describe('an order', () => {
  const ORDERS: Readonly<Record<keyof typeof MISTAKES, { readonly fails: string[]; readonly load: string[] }>> = {
    'by sequence': { fails: [LATE], load: ['changes are missing at the end'] },
    'by time': { fails: [LATE], load: ['changes are missing at the end'] },
    'by transaction, below the oldest that is open': {
      fails: [LATE, ORDER],
      load: ['changes are missing while a transaction is open', 'UPDATE of a row that is not as it was before'],
    },
  };
  for (const [name, { fails, load }] of Object.entries(ORDERS))
    test(name, async () => {
      const mistake = name as keyof typeof MISTAKES;
      const world = await openPostgresWorld({ toLog: (pool) => mistakenLog(pool, mistake, 'counter') });
      try {
        const failed = await failing(world, [LATE, ORDER, UNDONE]);
        // A transaction that is open in another database of the server holds back what is below the oldest, and fails more.
        const more = mistake === 'by transaction, below the oldest that is open' ? [UNDONE] : [];
        assert.deepEqual(
          failed.filter((check) => !more.includes(check)),
          fails,
        );
        const { problems } = await runLoad(world, LOAD);
        for (const problem of load) assert.ok((problems[problem] ?? 0) > 0, JSON.stringify(problems));
      } finally {
        await world.close();
      }
    });
});

describe('our own order without a part of it', () => {
  /** In a function of the database: what is there, and what a mistake would have left. */
  const PARTS: Readonly<Record<string, readonly [fn: string, is: string, becomes: string, fails: string[]]>> = {
    'those that were open before': ['close_batch', 'OR c.xid = ANY (last.late)', '', [LATE, PAGES]],
    'those that were open before, in reading': ['read_changes', 'OR c.xid = ANY (b.late)', '', [LATE, PAGES]],
    'what a batch had not seen': [
      'read_changes',
      'AND pg_visible_in_snapshot(c.xid, b.seen) AND c.seq',
      'AND c.seq',
      [PAGES],
    ],
    'the sequence in a batch': ['read_changes', 'ORDER BY c.seq', 'ORDER BY c.xid, c.seq', [ORDER]],
    'where the last page ended': [
      'read_changes',
      'greatest(after_seq, b.first_seq - 1)',
      'b.first_seq - 1',
      [LATE, ORDER, UNDONE, PAGES],
    ],
    'what an earlier batch had seen': ['read_changes', 'AND NOT pg_visible_in_snapshot(c.xid, b.known)', '', [PAGES]],
  };
  for (const [name, [fn, is, becomes, fails]] of Object.entries(PARTS))
    test(name, async () => {
      const world = await openPostgresWorld({
        prepare: async (query) => {
          const [found] = await query<{ text: string }>(
            `SELECT pg_get_functiondef(oid) AS text FROM pg_proc WHERE proname = '${fn}'`,
          );
          const text = found?.text ?? '';
          assert.ok(text.includes(is), text);
          await query(text.replaceAll(is, becomes));
        },
      });
      try {
        assert.deepEqual(await failing(world, [LATE, ORDER, UNDONE, PAGES, EXPIRED]), fails);
      } finally {
        await world.close();
      }
    });
});
