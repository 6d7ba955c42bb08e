// A short form of `npm run test:live`: clients subscribe and come back with their cursors while others write, and while
// instances and the database are killed. That the judge would find what is wrong is live-fold.test.ts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VICTIMS } from './live-cluster.ts';
import { runLive } from './live-run.ts';

const RECONNECTS = 300;
const skip = process.platform === 'linux' ? false : 'processes are found in /proc';

test('what subscribers hold is what is there, whatever was killed', { timeout: 240_000, skip }, async (t) => {
  const { wrong, examples, ...figures } = await runLive({
    subscribers: 20,
    reconnects: RECONNECTS,
    kills: VICTIMS.length,
    sessions: 4,
    clients: 2,
    patience: 700,
    pause: 15,
    seed: Date.now() % 1_000_000,
  });
  t.diagnostic(JSON.stringify(figures));
  assert.deepEqual(wrong, {}, examples.join('\n'));
  assert.deepEqual(new Set(figures.killed), new Set(VICTIMS));
  assert.ok(figures.reconnects >= RECONNECTS);
  for (const op of ['SNAPSHOT', 'ENTER', 'UPDATE', 'LEAVE', 'DELETE']) assert.ok((figures.told[op] ?? 0) > 0, op);
});
