// What every change log must do. A check throws what is wrong; the same checks are run over logs with planted mistakes, and
// have to find them.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { comparePositions } from '../../src/changes/position.ts';
import { runLoad } from './change-log-load.ts';
import type { ChangeLogWorld, OpenTransaction } from './change-log-world.ts';
import { Replica } from './replica.ts';

/** How much load; a heavier one is for `test/heavy/change-log.ts`. */
const LOAD = { writers: 12, transactions: 60, seed: 7 };
const ALL = () => 1_000;

export const CHANGE_LOG_CHECKS: Readonly<Record<string, (world: ChangeLogWorld) => Promise<void>>> = {
  'a change that is committed late is not lost, nor is anybody kept waiting for it': async (world) => {
    const { log, replica } = await follower(world);
    const [early, late] = [await world.begin(), await world.begin()];
    await early.insert('late-a');
    await committed(late, () => late.insert('late-b'));
    await log.advance();
    await replica.follow(ALL);
    assert.deepEqual(idsOf(replica), ['late-b']);
    await early.commit();
    await log.advance();
    await replica.follow(ALL);
    assert.deepEqual(idsOf(replica), ['late-b', 'late-a']);
  },

  'changes of a row come as they were committed, whoever began first': async (world) => {
    const { log, replica } = await follower(world);
    const setUp = await world.begin();
    await committed(setUp, () => setUp.insert('order'));
    const older = await world.begin();
    await older.insert('order-older');
    const younger = await world.begin();
    await committed(younger, () => younger.update('order'));
    await committed(older, () => older.update('order'));
    await log.advance();
    await replica.follow(ALL);
    assert.deepEqual(replica.problems, []);
    assert.equal(replica.changes.length, 4);
  },

  'what was rolled back is not told, nor what was undone': async (world) => {
    const { log, replica } = await follower(world);
    const given = await world.begin();
    await given.insert('undone-a');
    await given.rollback();
    const kept = await world.begin();
    await kept.insert('undone-b');
    await kept.savepoint();
    await kept.update('undone-b');
    await kept.insert('undone-c');
    await kept.undo();
    await kept.savepoint();
    await kept.update('undone-b');
    await kept.commit();
    await log.advance();
    await replica.follow(ALL);
    assert.deepEqual(
      replica.changes.map(({ kind, id }) => `${kind} ${id}`),
      ['INSERT undone-b', 'UPDATE undone-b'],
    );
    assert.deepEqual(replica.problems, []);
  },

  'a change has both images, what differs, and its place': async (world) => {
    const { log, replica } = await follower(world);
    const transaction = await world.begin();
    await transaction.insert('images');
    await transaction.update('images');
    await transaction.delete('images');
    await transaction.commit();
    await log.advance();
    await replica.follow(ALL);
    const [inserted, updated, deleted] = replica.changes;
    assert.ok(inserted && updated && deleted && replica.changes.length === 3);
    assert.deepEqual([inserted.kind, updated.kind, deleted.kind], ['INSERT', 'UPDATE', 'DELETE']);
    assert.deepEqual([inserted.before, updated.before, deleted.before], [null, inserted.after, updated.after]);
    assert.equal(deleted.after, null);
    assert.deepEqual([inserted.after?.['n'], updated.after?.['n']], ['0', '1']);
    assert.ok(updated.changed.includes('n') && !updated.changed.includes('id'), updated.changed.join());
    assert.deepEqual([inserted.changed, deleted.changed], [[], []]);
    assert.deepEqual(new Set(replica.changes.map(({ table }) => table)), new Set([world.table]));
  },

  'the head is the end, for every process, and stays when nothing happens': async (world) => {
    const [one, other] = [world.openLog(), world.openLog()];
    const head = await one.advance();
    assert.deepEqual(await other.head(), head);
    assert.deepEqual(await other.advance(), head);
    assert.deepEqual(await other.read(head, 10), { kind: 'changes', changes: [], end: head });
    const transaction = await world.begin();
    await committed(transaction, () => transaction.insert('head'));
    assert.deepEqual(await one.head(), head);
    const next = await other.advance();
    assert.ok(comparePositions(next, head) > 0);
    assert.deepEqual(await one.head(), next);
  },

  'pages of any length say the same, and go on where the last one ended': async (world) => {
    const log = world.openLog();
    const start = await log.advance();
    const held = await world.begin();
    for (let part = 0; part < 3; part++) {
      const many = await world.begin();
      for (let at = 0; at < 20; at++) {
        if (part === 0 && at % 5 === 0) await held.insert(`page-held-${at}`);
        await many.insert(`page-${part}-${at}`);
      }
      await many.commit();
      if (part === 1) await held.commit();
      await log.advance();
    }
    const read = async (most: number) => {
      const replica = new Replica(log, start);
      await replica.follow(() => most);
      assert.deepEqual(replica.problems, []);
      return replica;
    };
    const whole = await read(1_000);
    assert.equal(whole.changes.length, 64);
    for (const most of [1, 2, 3, 7, 19, 20, 21, 63]) {
      const paged = await read(most);
      assert.deepEqual(paged.changes, whole.changes, `pages of ${most}`);
      assert.deepEqual(paged.position, whole.position);
    }
  },

  'who comes with a place that is none is told to begin anew': async (world) => {
    const log = world.openLog();
    const head = await log.advance();
    const reset = async (position: typeof head) => {
      const page = await log.read(position, 10);
      return page.kind === 'reset' ? [page.reason, page.head] : page;
    };
    assert.deepEqual(await reset({ ...head, epoch: 'x' }), ['another epoch', head]);
    assert.deepEqual(await reset({ ...head, batch: head.batch + 1n }), ['beyond the head', head]);
    assert.deepEqual(await reset({ ...head, seq: head.seq + 1n }), ['beyond the head', head]);
    assert.deepEqual(await reset({ ...head, batch: -1n }), ['too old', head]);
  },

  'what is too old is given up, and its readers are told': async (world) => {
    const log = world.openLog();
    const start = await log.advance();
    const transaction = await world.begin();
    await committed(transaction, () => transaction.insert('old'));
    const head = await log.advance();
    assert.equal(await log.expire(86_400_000), 0);
    assert.equal((await log.read(start, 10)).kind, 'changes');
    assert.ok((await log.expire(0)) > 0);
    assert.deepEqual(await log.read(start, 10), { kind: 'reset', reason: 'too old', head });
    assert.deepEqual(await log.read(head, 10), { kind: 'changes', changes: [], end: head });
    const next = await world.begin();
    await committed(next, () => next.update('old'));
    await log.advance();
    const page = await log.read(head, 10);
    assert.equal(page.kind === 'changes' && page.changes.length, 1);
  },

  'many writers at once: nothing is lost, nothing is told twice, and every row has its order': async (world) => {
    const { problems, changes } = await runLoad(world, LOAD);
    assert.deepEqual(problems, {});
    assert.ok(changes > LOAD.writers * LOAD.transactions, `only ${changes} changes`);
  },
};

/** Registers the checks, each in the same world. */
export function changeLogSuite(open: () => Promise<ChangeLogWorld>): void {
  describe('the change log', () => {
    let world: ChangeLogWorld;
    before(async () => {
      world = await open();
    });
    after(() => world?.close());
    for (const [name, check] of Object.entries(CHANGE_LOG_CHECKS)) test(name, () => check(world));
  });
}

async function follower(world: ChangeLogWorld) {
  const log = world.openLog();
  return { log, replica: new Replica(log, await log.advance()) };
}

async function committed(transaction: OpenTransaction, work: () => Promise<boolean>): Promise<void> {
  assert.ok(await work());
  await transaction.commit();
}

function idsOf({ changes }: Replica): (string | null)[] {
  return changes.map(({ id }) => id);
}
