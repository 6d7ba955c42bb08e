// Answers that take their time, since related rows are read for them, and clients that take theirs: whatever fails, and whoever
// comes meanwhile, everybody is told everything once, and nothing is kept for who takes nothing.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { BatchWriter, EventBatch } from '../../src/changes/batch.ts';
import type { Change } from '../../src/changes/change.ts';
import { Feed } from '../../src/changes/feed.ts';
import { Interest } from '../../src/changes/interest.ts';
import { comparePositions, type Position } from '../../src/changes/position.ts';
import { ServiceError } from '../../src/platform/errors.ts';
import { openLog } from '../../src/platform/log.ts';
import type { Request } from '../../src/records/value-source.ts';
import { EVERY_ROW } from '../../src/tables/filter.ts';
import { tableOf } from '../../src/tables/model.ts';
import { modelOf } from '../support/model-of.ts';

const model = await modelOf('type Note @table { n: Int! }');
const table = tableOf(model, 'Note');
const request: Request = {
  caller: { kind: 'admin', reason: 'test', user: null },
  requestId: 'r',
  variables: {},
  newId: () => 'id',
};
const at = (batch: number): Position => ({ epoch: 'e', batch: BigInt(batch), seq: 1n });

/** An answer that is being written: the ids it tells of, and its end. */
interface Writing {
  readonly ids: readonly string[];
  done(): void;
  fail(): void;
}

const TAKES_ALL = { isFull: false, onceDrained: () => assert.fail('it is never full') };

function openWorld() {
  const written: Change[] = [];
  const writing: Writing[] = [];
  let slow = true;
  const feed = new Feed({
    changeLog: {
      head: async () => at(written.length),
      advance: async () => at(written.length),
      read: async (after) => {
        const changes = written.filter(({ position }) => comparePositions(position, after) > 0);
        return { kind: 'changes', changes, end: changes.at(-1)?.position ?? after };
      },
      expire: async () => 0,
    },
    reader: { look: async () => null },
    log: openLog({ level: 'silent', readable: false }),
    start: at(0),
    fresh: async () => undefined,
    heartbeat: 1_000_000,
  });
  const writer: BatchWriter = {
    write({ events }: EventBatch) {
      const ids = events.map(({ id }) => id);
      const answer = Buffer.from(JSON.stringify(ids));
      if (!slow || ids.length === 0) return answer;
      return new Promise((resolve, reject) => {
        writing.push({
          ids,
          done: () => resolve(answer),
          fail: () => reject(new ServiceError('SERVICE_UNAVAILABLE', 'The database is away.')),
        });
      });
    },
  };
  return {
    feed,
    writing,
    /** From now on nothing has to be read. */
    hurry() {
      slow = false;
    },
    async change(id: string) {
      const position = at(written.length + 1);
      const image = { id, n: '1' };
      const rest = { changed: [], actor: '', requestId: null, modelVersion: null, at: 0 };
      const change: Change = {
        position,
        table: table.sqlName,
        kind: 'INSERT',
        id,
        before: null,
        after: image,
        ...rest,
      };
      written.push(change);
      await feed.take([change], position);
    },
    /** Subscribes, and answers what it is told of. */
    async follow(client: { isFull: boolean; onceDrained(callback: () => void): void } = TAKES_ALL) {
      const told: string[] = [];
      let answered: () => void = () => undefined;
      const first = new Promise<void>((resolve) => {
        answered = resolve;
      });
      const all = new Set([...table.columns.keys()]);
      feed.subscribe({
        group: 'everybody',
        interest: new Interest({ model, table, rows: EVERY_ROW, shown: all, telling: all }, request),
        writer,
        outlet: {
          next(answer) {
            told.push(...(JSON.parse(String(answer)) as string[]));
            answered();
          },
          fail: assert.fail,
          get isFull() {
            return client.isFull;
          },
          onceDrained: (callback) => client.onceDrained(callback),
        },
        request,
        images: { run: async () => assert.fail('nobody asks for rows') },
        since: null,
        initial: false,
        anew: false,
        batchSize: 10,
      });
      await first;
      return told;
    },
  };
}

/** Until nothing is under way any more. */
async function settle(): Promise<void> {
  for (let turns = 0; turns < 20; turns++) await turn();
}

test('an answer fails while one before it is still being written', async () => {
  const { feed, change, follow, hurry, writing } = openWorld();
  const told = await follow();
  await change('a');
  await change('b');
  hurry();
  writing[1]?.fail();
  await settle();
  writing[0]?.done();
  await settle();
  assert.deepEqual(told, ['a', 'b']);
  feed.close();
});

test('an answer fails about what was before somebody came', async () => {
  const { feed, change, follow, hurry, writing } = openWorld();
  const first = await follow();
  await change('a');
  const second = await follow();
  hurry();
  writing[0]?.fail();
  await settle();
  await change('b');
  await settle();
  assert.deepEqual({ first, second }, { first: ['a', 'b'], second: ['b'] });
  feed.close();
});

test('so many answers wait that everybody is left to read the log', async () => {
  const { feed, change, follow, hurry, writing } = openWorld();
  const told = await follow();
  const ids = Array.from({ length: 120 }, (_, number) => `row-${number}`);
  for (const id of ids.slice(0, 60)) await change(id);
  hurry();
  for (const { done } of writing) done();
  await settle();
  for (const id of ids.slice(60)) await change(id);
  await settle();
  assert.deepEqual(told, ids);
  feed.close();
});

test('who takes nothing is sent nothing, and everything later', async () => {
  const { feed, change, follow, hurry } = openWorld();
  hurry();
  const drained: (() => void)[] = [];
  const client = { isFull: false, onceDrained: (callback: () => void) => void drained.push(callback) };
  const [slow, quick] = [await follow(client), await follow()];
  const ids = Array.from({ length: 300 }, (_, number) => `row-${number}`);
  await change('row-0');
  client.isFull = true;
  for (const id of ids.slice(1)) await change(id);
  await settle();
  assert.deepEqual({ slow, quick, waiting: drained.length }, { slow: ['row-0'], quick: ids, waiting: 1 });
  client.isFull = false;
  for (const callback of drained) callback();
  await settle();
  assert.deepEqual(slow, ids);
  feed.close();
});
