// Starts the service as the README says and then without npm in between, asks it two questions each time, and stops it
// as a process manager would. Prints what it found, and last `N passed, N failed`.

import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { startChild } from './child-process.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Seconds until the service must be ready, an answer there, and the process gone. */
const READY = 300;
const ANSWER = 15;
const GONE = 15;

const STARTS = [
  // What npm makes of the signal is its own affair; that nothing stays behind is ours.
  { name: 'npm start', command: ['npm', 'start'] },
  { name: 'tablecast start', command: [process.execPath, 'bin/tablecast.mjs', 'start'], code: 0 },
];

let passed = 0;
for (const start of STARTS) {
  try {
    await smoke(start);
    passed += 1;
    console.log(`ok    ${start.name}`);
  } catch (error) {
    console.log(`FAIL  ${start.name}: ${error.message}`);
  }
}
console.log(`${passed} passed, ${STARTS.length - passed} failed`);
process.exitCode = passed === STARTS.length ? 0 : 1;

async function smoke({ command: [program, ...args], code }) {
  let said = '';
  let onReady;
  const ready = new Promise((resolve) => {
    onReady = resolve;
  });
  const run = startChild(program, args, {
    cwd: ROOT,
    env: { ...process.env, PORT: '0' },
    seconds: READY + 2 * ANSWER + 2 * GONE,
    farewell: GONE,
    onOutput: (text) => {
      said += text;
      const url = /is ready .*?(http:\/\/[^\s/]+)\/graphql/.exec(said)?.[1];
      if (url) onReady(url);
    },
  });
  try {
    await asks(await within(READY, 'the line that says it is ready', Promise.race([ready, tooEarly(run)])));
    run.child.kill('SIGTERM');
    const end = await within(2 * GONE, 'its end after SIGTERM', run.done);
    assert.deepEqual(end.left, [], `${GONE} s after SIGTERM there still ran: ${end.left.join(', ')}`);
    if (code !== undefined) assert.equal(end.code, code, `it ended with code ${end.code} after SIGTERM`);
  } catch (error) {
    run.end('the smoke test failed');
    await run.done;
    console.log(said.trimEnd());
    throw error;
  }
}

async function asks(url) {
  const health = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(ANSWER * 1000) });
  assert.equal(health.status, 200, `/healthz answered ${health.status}: ${await health.text()}`);
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ query: '{ viewer { level } }' }),
    signal: AbortSignal.timeout(ANSWER * 1000),
  });
  const body = await answer.text();
  const isRight = /^\{"data":\{"viewer":\{"level":"[A-Z]+"\}\}\}\s*$/.test(body);
  assert.ok(isRight, `/graphql answered ${answer.status}: ${body}`);
}

async function tooEarly(run) {
  const { code } = await run.done;
  throw new Error(`it ended with code ${code} before it was ready`);
}

async function within(seconds, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not come within ${seconds} s`)), seconds * 1000);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
