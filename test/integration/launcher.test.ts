// The `tablecast` command: from a symlink, on an old Node, with a build that is missing, current or stale.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openSmallClone, type SmallClone } from '../support/small-clone.ts';

const PROGRAM =
  "import { greeting } from './greeting.ts';\nconsole.log(greeting, JSON.stringify(process.argv.slice(2)));\n";
const GREETING = "export const greeting: string = 'hello';\n";
const CLONE = {
  'package.json': JSON.stringify({ name: 'tablecast', type: 'module', engines: { node: '>=20.19' } }),
  'package-lock.json': JSON.stringify({ lockfileVersion: 3, packages: { '': { name: 'tablecast' } } }),
  'tsconfig.json': JSON.stringify({ compilerOptions: { experimentalDecorators: true } }),
  'src/main.ts': PROGRAM,
  'src/greeting.ts': GREETING,
};
const COMMAND = 'bin/tablecast.mjs';

function openClone(t: { after: (close: () => void) => void }, files: Record<string, string> = {}): SmallClone {
  const clone = openSmallClone({ ...CLONE, ...files });
  t.after(clone.close);
  return clone;
}

const builtAt = (clone: SmallClone) => statSync(join(clone.root, 'dist/main.js')).ino;

test('a first start builds the program and hands it the arguments', async (t) => {
  const clone = openClone(t);
  const { code, stdout, stderr } = await clone.run([COMMAND, 'start', '--app', 'elsewhere']);
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: 'hello ["start","--app","elsewhere"]\n', stderr: '' });
});

test('it runs through a symlink, as npm puts one into node_modules/.bin', async (t) => {
  const clone = openClone(t);
  mkdirSync(join(clone.root, 'app/node_modules/.bin'), { recursive: true });
  const link = join(clone.root, 'app/node_modules/.bin/tablecast');
  symlinkSync(join(clone.root, COMMAND), link);
  const { stdout } = await clone.run([link, 'init']);
  assert.equal(stdout, 'hello ["init"]\n');
});

test('the build is kept as long as the sources are the same, whatever their times', async (t) => {
  const clone = openClone(t);
  await clone.run([COMMAND]);
  const first = builtAt(clone);
  clone.write('src/greeting.ts', GREETING);
  await clone.run([COMMAND]);
  assert.equal(builtAt(clone), first);
});

for (const { change, path, content, expected } of [
  {
    change: 'changed',
    path: 'src/greeting.ts',
    content: "export const greeting = 'servus';\n",
    expected: 'servus []\n',
  },
  { change: 'added', path: 'src/later.ts', content: 'export {};\n', expected: 'hello []\n' },
  { change: 'set differently', path: 'tsconfig.json', content: '{ "compilerOptions": {} }', expected: 'hello []\n' },
]) {
  test(`the program is built again when something is ${change}`, async (t) => {
    const clone = openClone(t);
    await clone.run([COMMAND]);
    const first = builtAt(clone);
    clone.write(path, content);
    const { stdout } = await clone.run([COMMAND]);
    assert.equal(stdout, expected);
    assert.notEqual(builtAt(clone), first);
  });
}

test('sources that do not compile are shown, and the last program stays', async (t) => {
  const clone = openClone(t);
  await clone.run([COMMAND]);
  const built = readFileSync(join(clone.root, 'dist/main.js'), 'utf8');
  clone.write('src/greeting.ts', 'export const greeting = ;\n');
  const { code, stdout, stderr } = await clone.run([COMMAND]);
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(stderr, /do not compile[\s\S]*Unexpected ";"[\s\S]*src\/greeting\.ts:1:24/);
  assert.equal(readFileSync(join(clone.root, 'dist/main.js'), 'utf8'), built);
});

test('starts at the same time all run a whole program', async (t) => {
  // Long enough that a file written in place would be seen half-written.
  const clone = openClone(t, {
    'src/greeting.ts': `export const greeting = 'hello';\n/*! ${'x'.repeat(3_000_000)} */\n`,
  });
  const runs = await Promise.all(Array.from({ length: 6 }, () => clone.run([COMMAND])));
  assert.deepEqual(
    runs.map(({ code, stdout, stderr }) => ({ code, stdout, stderr })),
    Array.from({ length: 6 }, () => ({ code: 0, stdout: 'hello []\n', stderr: '' })),
  );
});

test('`npm run build` builds without running', async (t) => {
  const clone = openClone(t);
  const { code, stdout } = await clone.run(['bin/build.mjs']);
  assert.deepEqual([code, stdout], [0, '']);
  assert.match(readFileSync(join(clone.root, 'dist/main.js'), 'utf8'), /^\/\/ built from [0-9a-f]{64}\n/);
});

test('an error of the program shows the line of its source', async (t) => {
  const clone = openClone(t, { 'src/main.ts': "\n\nthrow new Error('broken');\n" });
  const { code, stderr } = await clone.run([COMMAND]);
  assert.equal(code, 1);
  assert.match(stderr, /Error: broken[\s\S]*src\/main\.ts:3:7/);
});

test('a signal reaches the program, and its exit code is the command’s', async (t) => {
  const program =
    "process.on('SIGTERM', () => process.exit(7));\nsetInterval(() => undefined, 1000);\nconsole.log('up');\n";
  const started = openClone(t, { 'src/main.ts': program }).start([COMMAND]);
  await started.printed('up');
  started.child.kill('SIGTERM');
  assert.equal((await started.ended).code, 7);
});

test('a program whose npm is gone ends too, though no signal was passed on', async (t) => {
  const program = "process.on('SIGTERM', () => { console.log('told to end'); process.exit(); });\nconsole.log('up');\n";
  const clone = openClone(t, { 'src/main.ts': `${program}setInterval(() => undefined, 1000);\n` });
  const shell = `require('node:child_process').spawn(process.execPath, ['${COMMAND}'], { stdio: 'inherit' });`;
  const started = clone.start(['--input-type=commonjs', '--eval', shell], { npm_lifecycle_event: 'start' });
  await started.printed('up');
  started.child.kill('SIGKILL');
  assert.equal((await started.ended).stdout, 'up\ntold to end\n');
});

test('building leaves no process beside the program', {
  skip: process.platform !== 'linux' && 'it reads /proc',
}, async (t) => {
  // What was told to end may take a moment, and stays as a zombie for another.
  const program = `
    import { readdirSync, readFileSync } from 'node:fs';
    const children = () => readdirSync('/proc').filter((pid) => /^\\d+$/.test(pid)).filter((pid) => {
      try {
        const [state, parent] = readFileSync('/proc/' + pid + '/stat', 'latin1').split(') ').at(-1)!.split(' ');
        return Number(parent) === process.pid && state !== 'Z';
      } catch {
        return false;
      }
    });
    for (let left = 500; left > 0 && children().length > 0; left--) await new Promise((resolve) => setTimeout(resolve, 10));
    console.log(children().length);`;
  assert.equal((await openClone(t, { 'src/main.ts': program }).run([COMMAND])).stdout, '0\n');
});

for (const { version, runs } of [
  { version: '18.20.4', runs: false },
  { version: '20.9.0', runs: false },
  { version: '20.18.3', runs: false },
  { version: '20.19.0', runs: true },
  { version: '22.0.0', runs: true },
  { version: '24.1.0', runs: true },
]) {
  for (const program of [COMMAND, 'bin/run-tests.mjs']) {
    test(`${program} ${runs ? 'runs' : 'does not run'} on Node ${version}`, async (t) => {
      const pretence = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`;
      const asVersion = `--import=data:text/javascript,${encodeURIComponent(pretence)}`;
      const clone = openClone(t, {
        'test/one.test.ts': "import { test } from 'node:test';\ntest('one', () => undefined);\n",
      });
      const { code, stderr } = await clone.run([asVersion, program, 'test']);
      assert.equal(code, runs ? 0 : 1);
      const refusal = new RegExp(`^Tablecast needs Node 20\\.19 or newer; this is Node ${version}.*\\nInstall `);
      if (runs) assert.equal(stderr, '');
      else assert.match(stderr, refusal);
    });
  }
}

test('a published package has no lock file: it runs as it is, without building or installing', async (t) => {
  const clone = openClone(t);
  await clone.run([COMMAND]);
  for (const path of ['package-lock.json', 'tsconfig.json']) rmSync(join(clone.root, path));
  clone.write('src/greeting.ts', 'export const greeting = ;\n');
  const { code, stdout, stderr } = await clone.run([COMMAND]);
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: 'hello []\n', stderr: '' });
});

test('a published package without its program says that it is damaged', async (t) => {
  const clone = openClone(t);
  rmSync(join(clone.root, 'package-lock.json'));
  const { code, stderr } = await clone.run([COMMAND]);
  assert.equal(code, 1);
  assert.match(stderr, /main\.js is missing, so this installation is damaged\. Install it again\./);
});

test('a program that cannot be written says why', async (t) => {
  const clone = openClone(t);
  // A file in the place of the folder: no user, not even root, can write below it.
  writeFileSync(join(clone.root, 'dist'), '');
  const { code, stderr } = await clone.run([COMMAND]);
  assert.equal(code, 1);
  assert.match(stderr, /^The built program cannot be written: E(EXIST|NOTDIR)/);
});
