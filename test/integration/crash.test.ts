// A short form of `npm run test:crash`: clients write while the service and its PostgreSQL are killed, and what they were told
// is what is there. That the judge would find it otherwise is crash-judgement.test.ts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCrash } from './crash-run.ts';
import { VICTIMS } from './crash-service.ts';

const WRITES = 240;
const skip = process.platform === 'linux' ? false : 'processes are found in /proc';

test('every write is what its client was told, whatever was killed', { timeout: 240_000, skip }, async () => {
  const result = await runCrash({ writes: WRITES, kills: VICTIMS.length, clients: 12, seed: Date.now() % 1_000_000 });
  assert.deepEqual(result.problems, []);
  assert.deepEqual(new Set(result.kills), new Set(VICTIMS));
  assert.equal(result.exitCode, 0);
  const { acknowledged = 0, 'keyed acknowledged': keyed = 0 } = result.outcomes;
  assert.ok(acknowledged > 0 && keyed > 0 && acknowledged + keyed >= WRITES, JSON.stringify(result.outcomes));
  // Each acknowledged write is a change at least.
  assert.ok(result.changes >= WRITES);
});
