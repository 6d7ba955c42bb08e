// `npm test` itself, run on the small suites of test/fixtures/test-run: what it counts, what it prints, what it ends.

import assert from 'node:assert/strict';
import { cpSync, existsSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { openSmallClone, type SmallClone } from '../support/small-clone.ts';

const FIXTURES = resolve(import.meta.dirname, '../fixtures/test-run');
const RUNNER = 'bin/run-tests.mjs';
const FILES = {
  'package.json': JSON.stringify({ name: 'tablecast', type: 'module', engines: { node: '>=20.19' } }),
  'package-lock.json': JSON.stringify({ lockfileVersion: 3, packages: { '': { name: 'tablecast' } } }),
};

/** A clone whose tests are the named fixtures and whose shared setup leaves its trace in the file `trace`. */
function openClone(t: { after: (close: () => void) => void }, ...names: string[]): SmallClone {
  const clone = openSmallClone(FILES);
  t.after(clone.close);
  for (const name of [...names.map((name) => `${name}.test.ts`), 'support/global-setup.ts']) {
    cpSync(join(FIXTURES, name), join(clone.root, 'test', name));
  }
  return clone;
}

const traceOf = (clone: SmallClone) => readFileSync(join(clone.root, 'trace'), 'utf8');
const inTrace = { SETUP_TRACE: 'trace' };
const lastLine = (text: string) => text.trimEnd().split('\n').at(-1);

test('every outcome is counted once, groups are not, and failures are shown whole', async (t) => {
  const clone = openClone(t, 'outcomes');
  const { code, stdout } = await clone.run([RUNNER, 'outcomes'], inTrace);
  assert.equal(code, 1);
  assert.equal(lastLine(stdout), '3 passed, 3 failed, 2 skipped');
  assert.match(stdout, /\n {2}FAIL {2}outcomes\.test\.ts +3 passed, 3 failed, 2 skipped +[\d.]+ m?s\n/);
  assert.match(
    stdout,
    /\n {4}fails\n {6}AssertionError[\s\S]*\+ {3}done: true,\n {6}- {3}done: false[\s\S]*outcomes\.test\.ts:7:/,
  );
  assert.match(stdout, /Error: the list was not saved\n[\s\S]*caused by: Error: the disk is full\n/);
  assert.match(stdout, /\n {4}has parts > second part\n {6}AssertionError.*: the second part is wrong\n/);
  assert.match(
    stdout,
    /\nFailed\n {2}fails \(outcomes\.test\.ts\)\n.*\n {2}has parts > second part \(outcomes\.test\.ts\)\n/,
  );
  assert.doesNotMatch(stdout, /node:internal/);
});

test('what was skipped is listed with its reason, what was slow by its time', async (t) => {
  const { stdout } = await openClone(t, 'outcomes').run([RUNNER, 'outcomes']);
  assert.match(
    stdout,
    /\nSkipped\n {2}is skipped \(outcomes\.test\.ts\): there is no store here\n {2}is for later \(.*\): needs a second store\n/,
  );
  assert.match(stdout, /\nSlowest tests\n( +\d+ ms {2}.* \(outcomes\.test\.ts\)\n){6}\n/);
});

for (const { name, count, said } of [
  {
    name: 'stops',
    count: '0 passed, 1 failed',
    said: /It has no tests, or its process was ended before they were done\./,
  },
  {
    name: 'does-not-load',
    count: '0 passed, 1 failed',
    said: /It ended with code \d+ before its tests were done\.\n[\s\S]*a word before the end\n[\s\S]*no such table: notes/,
  },
  { name: 'has-no-tests', count: '0 passed, 1 failed', said: /It has no tests/ },
  { name: 'leaves-a-process', count: '1 passed, 1 failed', said: /It left a process running: .*forgotten/ },
  { name: 'fails-late', count: '2 passed, 1 failed', said: /passes too early.*Error: thrown afterwards/ },
]) {
  test(`a file that ${name.replaceAll('-', ' ')} has failed`, async (t) => {
    const { code, stdout } = await openClone(t, name).run([RUNNER, name]);
    assert.deepEqual([code, lastLine(stdout)], [1, count]);
    assert.match(stdout, said);
    assert.match(stdout, new RegExp(`\nFailed\n {2}the file itself \\(${name}\\.test\\.ts\\)\n`));
  });
}

test('a file that hangs is ended with what it started, and the others run', async (t) => {
  const clone = openClone(t, 'hangs', 'outcomes');
  const { code, stdout } = await clone.run([RUNNER, '--patience=6', '--concurrency=1', '.test.ts'], inTrace);
  assert.deepEqual([code, lastLine(stdout)], [1, '4 passed, 4 failed, 2 skipped']);
  assert.match(stdout, /It was ended: nothing came from it for 6 s, during: waits for nothing\n/);
  const child = Number(/\[child (\d+)\]/.exec(stdout)?.[1]);
  assert.equal(isRunning(child), false);
  assert.equal(traceOf(clone), 'opened\nclosed\n');
});

for (const signal of ['SIGTERM', 'SIGINT', 'SIGKILL'] as const) {
  test(`when the run ends by ${signal}, its test files end and the shared setup is closed`, async (t) => {
    const clone = openClone(t);
    clone.write(
      'test/waits.test.ts',
      `import { writeFileSync } from 'node:fs';
       import { test } from 'node:test';
       test('waits', () => new Promise(() => {
         setInterval(() => undefined, 1000);
         writeFileSync('id', String(process.pid));
       }));`,
    );
    const started = clone.start([RUNNER, 'waits'], inTrace);
    const pid = Number(await contentOf(clone, 'id', /./));
    started.child.kill(signal);
    const { code } = await started.ended;
    assert.equal(code, { SIGTERM: 128 + 15, SIGINT: 128 + 2, SIGKILL: null }[signal]);
    await contentOf(clone, 'trace', /^opened\nclosed\n$/);
    while (isRunning(pid)) await moment();
  });
}

for (const { name, setup, said } of [
  {
    name: 'does not open',
    setup: "export default () => { throw new Error('no room'); };\n",
    said: /failed[\s\S]*no room/,
  },
  {
    name: 'does not close',
    setup: "export default async () => ({ env: {}, close: async () => { throw new Error('stuck'); } });\n",
    said: /did not end well[\s\S]*stuck/,
  },
]) {
  test(`a shared setup that ${name} has failed`, async (t) => {
    const clone = openClone(t);
    clone.write('test/support/global-setup.ts', setup);
    clone.write('test/one.test.ts', "import { test } from 'node:test';\ntest('one', () => undefined);\n");
    const { code, stdout } = await clone.run([RUNNER, 'one']);
    assert.equal(code, 1);
    assert.match(lastLine(stdout) ?? '', /^[01] passed, 1 failed$/);
    assert.match(stdout, said);
  });
}

test('without a word, types and lint are checked first and counted, and the left-out folders are left out', async (t) => {
  const clone = openClone(t);
  symlinkSync('../node_modules', join(clone.root, 'node_modules'));
  clone.write(
    'tsconfig.json',
    JSON.stringify({ compilerOptions: { strict: true, noEmit: true, types: [] }, include: ['src'] }),
  );
  clone.write('biome.json', '{ "files": { "includes": ["src/**"] } }\n');
  clone.write('src/main.ts', "export const port: number = '4000'\n");
  rmSync(join(clone.root, 'test'), { recursive: true });
  const one = "import { test } from 'node:test';\ntest('one', () => undefined);\n";
  for (const path of ['unit/one', 'heavy/browser', 'fixtures/case']) clone.write(`test/${path}.test.ts`, one);

  const wrong = await clone.run([RUNNER]);
  assert.deepEqual([wrong.code, lastLine(wrong.stdout)], [1, '1 passed, 2 failed']);
  assert.match(
    wrong.stdout,
    /FAIL {2}tsc --noEmit[\s\S]*TS2322[\s\S]*FAIL {2}biome check[\s\S]*format[\s\S]*Tests \(1 files\)/,
  );

  clone.write('src/main.ts', 'export const port: number = 4000;\n');
  const right = await clone.run([RUNNER]);
  assert.deepEqual([right.code, lastLine(right.stdout)], [0, '3 passed, 0 failed'], right.stdout);
});

for (const { name, args, env, said } of [
  { name: 'no file', args: ['unit/nothing'], env: {}, said: /No test file has a path with unit\/nothing in it\./ },
  {
    name: 'UPDATE in CI',
    args: ['outcomes'],
    env: { UPDATE: '1', CI: 'true' },
    said: /UPDATE .* refused where CI is set/,
  },
  {
    name: 'an unknown argument',
    args: ['--watch'],
    env: {},
    said: /There is no argument --watch here\.[\s\S]*npm test -- unit/,
  },
]) {
  test(`${name} is a failure that says what to do`, async (t) => {
    const { code, stdout } = await openClone(t, 'outcomes').run([RUNNER, ...args], env);
    assert.deepEqual([code, lastLine(stdout)], [1, '0 passed, 1 failed']);
    assert.match(stdout, said);
  });
}

test('UPDATE reaches the tests where CI is not set', async (t) => {
  const clone = openClone(t);
  clone.write(
    'test/update.test.ts',
    "import { test } from 'node:test';\ntest('update', () => { if (process.env.UPDATE !== '1') throw new Error(); });\n",
  );
  assert.equal((await clone.run([RUNNER, 'update'], { UPDATE: '1', CI: '' })).code, 0);
});

/** Whoever killed it cannot wait for it, so on Linux it may still be there as a zombie. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

/** Waits until a file matches. Its writer is no child of ours, so there is nothing else to await. */
async function contentOf(clone: SmallClone, path: string, pattern: RegExp): Promise<string> {
  for (;;) {
    const content = existsSync(join(clone.root, path)) ? readFileSync(join(clone.root, path), 'utf8') : '';
    if (pattern.test(content)) return content;
    await moment();
  }
}

const moment = () => new Promise((resolve) => setTimeout(resolve, 10));
