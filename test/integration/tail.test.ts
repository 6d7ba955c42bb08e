// What following the log costs: nothing is read for nobody, commits do not hurry it, and who comes later misses nothing.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Change } from '../../src/changes/change.ts';
import type { ChangeLog } from '../../src/changes/change-log.ts';
import { comparePositions, type Position } from '../../src/changes/position.ts';
import { type Follower, openTail, type Tail } from '../../src/changes/tail.ts';
import { openLog } from '../../src/platform/log.ts';
import type { ChangeLogWorld } from '../contract/change-log-world.ts';
import { openPostgresWorld } from '../contract/postgres-world.ts';

interface Followed {
  readonly world: ChangeLogWorld;
  readonly tail: Tail;
  /** What was asked of the log, and how often it was rung. */
  readonly asked: { read: number; rings: number };
  /** Milliseconds from the end of a look until the next one. */
  readonly rests: number[];
  /** What was told, and where it was gone on without telling. */
  readonly told: Change[];
  readonly skipped: Position[];
  follow(isFollowed: boolean): void;
  write(id: string): Promise<void>;
}

async function following(work: (followed: Followed) => Promise<void>): Promise<void> {
  const world = await openPostgresWorld();
  const asked = { read: 0, rings: 0 };
  const rests: number[] = [];
  let ended: number | null = null;
  const told: Change[] = [];
  const skipped: Position[] = [];
  let isFollowed = false;
  const own = world.openLog();
  const changeLog: ChangeLog = {
    head: () => own.head(),
    advance: async () => {
      if (ended !== null) rests.push(performance.now() - ended);
      const head = await own.advance();
      ended = performance.now();
      return head;
    },
    read: (after, most) => {
      asked.read += 1;
      return own.read(after, most);
    },
    expire: (keep) => own.expire(keep),
  };
  const follower: Follower = {
    get isFollowed() {
      return isFollowed;
    },
    skip(end) {
      skipped.push(end);
      ended = performance.now();
    },
    take(changes) {
      told.push(...changes);
      ended = performance.now();
    },
    lose: () => assert.fail('nothing is lost'),
  };
  const tail = openTail({
    changeLog,
    log: openLog({ level: 'silent', readable: false }),
    start: await own.head(),
    follower,
    ring: () => {
      asked.rings += 1;
    },
  });
  const write = async (id: string) => {
    const transaction = await world.begin();
    await transaction.insert(id);
    await transaction.commit();
    tail.wake('commit');
  };
  try {
    await work({
      world,
      tail,
      asked,
      rests,
      told,
      skipped,
      write,
      follow: (value) => {
        isFollowed = value;
      },
    });
  } finally {
    await tail.close();
    await world.close();
  }
}

test('for nobody nothing is read, and others are told at once that there is something', () =>
  following(async ({ tail, asked, told, skipped, write }) => {
    for (let n = 0; n < 50; n++) await write(`n${n}`);
    assert.equal(asked.rings, 50);
    await tail.fresh();
    assert.deepEqual([asked.read, told.length], [0, 0]);
    assert.ok(skipped.length > 0);
    assert.ok(skipped.every((end, at) => at === 0 || comparePositions(skipped[at - 1] as Position, end) < 0));
    assert.equal(tail.lag(), 0);
  }));

test('who begins to follow is told everything from then on, once, in its order', () =>
  following(async ({ tail, told, write, follow }) => {
    for (let round = 0; round < 20; round++) {
      const before = Promise.all(Array.from({ length: 8 }, (_, at) => write(`before-${round}-${at}`)));
      if (round % 2 === 0) await before;
      follow(true);
      const from = told.length;
      await Promise.all(Array.from({ length: 8 }, (_, at) => write(`after-${round}-${at}`)));
      await before;
      await tail.fresh();
      const ids = told.slice(from).map(({ id }) => id);
      const missed = Array.from({ length: 8 }, (_, at) => `after-${round}-${at}`).filter((id) => !ids.includes(id));
      assert.deepEqual(missed, []);
      follow(false);
      await tail.fresh();
    }
    assert.equal(new Set(told.map(({ id }) => id)).size, told.length);
  }));

for (const [name, isFollowed, rest] of [
  ['with somebody', true, 3],
  ['with nobody', false, 25],
] as const) {
  test(`commits and rings end no rest, so that many are found together: ${name}`, () =>
    following(async ({ tail, rests, write, follow }) => {
      follow(isFollowed);
      let writing = true;
      const writers = Array.from({ length: 4 }, async (_, writer) => {
        for (let n = 0; writing; n++) {
          await write(`${writer}-${n}`);
          // A ring is no reason to hurry either, nor what leaves nothing in the log.
          tail.wake('ring');
          await pause(1);
          tail.wake('commit');
        }
      });
      await pause(400);
      writing = false;
      await Promise.all(writers);
      assert.ok(rests.length > 3);
      // A timer may be early by the fraction of a millisecond.
      assert.ok(Math.min(...rests) > rest - 1, `${rests}`);
    }));
}
