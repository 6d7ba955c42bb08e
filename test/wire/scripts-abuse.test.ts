// Scripts that do harm while others are served: everybody else is answered as ever. The long form, with times, is
// `npm run test:scripts`.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HARM, runAbuse } from '../integration/script-abuse-run.ts';

test('whatever a script does, the requests of others are answered, and its own are told a code', async () => {
  const { calm, harmed, lost, kept } = await runAbuse({ clients: 4, span: 200, harmful: 2 });
  for (const { kind, codes, plain, sound } of [{ kind: 'calm', codes: [], ...calm }, ...harmed]) {
    assert.deepEqual([plain.wrong, sound.wrong], [[], []], kind);
    assert.ok(plain.answers > 0 && sound.answers > 0, kind);
    const expected = HARM[kind]?.codes ?? ['SCRIPT_FAILED', '{"insertOld":{"text":"responding twice"}}'];
    for (const code of codes) assert.ok(expected.includes(code), `${kind}: ${code}`);
  }
  assert.deepEqual([harmed.length, lost, kept], [Object.keys(HARM).length + 2, 0, 0]);
});
