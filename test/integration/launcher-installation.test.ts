// What the launcher installs: only what is missing, only what is needed, never at the cost of what is there. The real
// npm runs here, on packages that lie in the clone itself, so that no registry is asked.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openSmallClone, type SmallClone } from '../support/small-clone.ts';

const COMMAND = 'bin/tablecast.mjs';
const ELSEWHERE = process.platform === 'aix' ? 'win32' : 'aix';

interface LockEntry {
  readonly version: string;
  readonly resolved: string;
  readonly dev?: true;
  readonly optional?: true;
  readonly os?: readonly string[];
}

const packages: Record<string, LockEntry> = {
  'node_modules/elsewhere': { version: '1.0.0', resolved: 'file:elsewhere', optional: true, os: [ELSEWHERE] },
  'node_modules/here': { version: '1.0.0', resolved: 'file:here', optional: true, os: [process.platform] },
  'node_modules/left': { version: '1.0.0', resolved: 'file:left' },
  'node_modules/right': { version: '1.0.0', resolved: 'file:right', dev: true },
};

function filesOf(versions: Record<string, string> = {}): Record<string, string> {
  const wanted = {
    dependencies: { left: 'file:left' },
    devDependencies: { right: 'file:right' },
    optionalDependencies: { elsewhere: 'file:elsewhere', here: 'file:here' },
  };
  const lock = Object.entries(packages).map(([path, entry]) => {
    const name = path.replace('node_modules/', '');
    return [path, { ...entry, version: versions[name] ?? entry.version }] as const;
  });
  const manifests = lock.map(([path, { version, os }]) => {
    const name = path.replace('node_modules/', '');
    return [`${name}/package.json`, JSON.stringify({ name, version, ...(os && { os }) })] as const;
  });
  return {
    'package.json': JSON.stringify({ name: 'tablecast', type: 'module', engines: { node: '>=20.19' }, ...wanted }),
    'package-lock.json': JSON.stringify({
      name: 'tablecast',
      lockfileVersion: 3,
      requires: true,
      packages: { '': { name: 'tablecast', ...wanted }, ...Object.fromEntries(lock) },
    }),
    // Copies instead of links, as from a registry.
    '.npmrc': 'install-links=true\n',
    'tsconfig.json': '{}',
    'src/main.ts': "console.log('ran');\n",
    ...Object.fromEntries(manifests),
  };
}

type Closes = { after: (close: () => void) => void };

function openClone(t: Closes): SmallClone {
  const clone = openSmallClone(filesOf());
  t.after(clone.close);
  return clone;
}

/** Puts a program in npm's place, the way that `npm start` names npm. */
function inPlaceOfNpm(clone: SmallClone, program: string): Record<string, string> {
  clone.write('other/npm-cli.js', program);
  return { npm_execpath: join(clone.root, 'other/npm-cli.js') };
}

const installed = (clone: SmallClone) =>
  ['left', 'here', 'right', 'elsewhere'].filter((name) => existsSync(join(clone.root, 'node_modules', name)));

const versionOf = (clone: SmallClone, name: string) =>
  JSON.parse(readFileSync(join(clone.root, 'node_modules', name, 'package.json'), 'utf8')).version;

/** npm, as one that develops the product would run it. */
async function installAll(clone: SmallClone): Promise<void> {
  const program = `await (await import('./bin/installation.mjs')).installMissing(process.cwd(), { dev: true })`;
  const { code, stderr } = await clone.run(['--input-type=module', '--eval', program]);
  assert.equal(code, 0, stderr);
  assert.deepEqual(installed(clone), ['left', 'here', 'right']);
}

test('a fresh clone gets what it needs to run, and nothing for its development', async (t) => {
  const clone = openClone(t);
  const lock = readFileSync(join(clone.root, 'package-lock.json'), 'utf8');
  const { code, stdout, stderr } = await clone.run([COMMAND]);
  assert.deepEqual([code, stdout], [0, 'ran\n']);
  assert.match(stderr, /^Installing 2 packages from the npm registry \.\.\.\nInstalled in [\d.]+ s\.\n$/);
  assert.deepEqual(installed(clone), ['left', 'here']);
  assert.equal(readFileSync(join(clone.root, 'package-lock.json'), 'utf8'), lock);
});

test('npm is not called when nothing is missing, for this machine and for running', async (t) => {
  const clone = openClone(t);
  await clone.run([COMMAND]);
  const npm = inPlaceOfNpm(
    clone,
    "import { writeFileSync } from 'node:fs';\nwriteFileSync('called', '');\nprocess.exit(1);\n",
  );
  const { code, stdout, stderr } = await clone.run([COMMAND], npm);
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: 'ran\n', stderr: '' });
  assert.equal(existsSync(join(clone.root, 'called')), false);
});

for (const { name, spoil } of [
  {
    name: 'a package is gone',
    spoil: (clone: SmallClone) => rmSync(join(clone.root, 'node_modules/left'), { recursive: true }),
  },
  {
    name: 'a package is empty',
    spoil: (clone: SmallClone) => rmSync(join(clone.root, 'node_modules/left/package.json')),
  },
  {
    name: 'the lock file asks for a newer one',
    spoil: (clone: SmallClone) => {
      for (const [path, text] of Object.entries(filesOf({ left: '1.1.0' }))) clone.write(path, text);
    },
  },
  {
    name: 'npm was interrupted before it was done',
    spoil: (clone: SmallClone) => rmSync(join(clone.root, 'node_modules/.package-lock.json')),
  },
]) {
  test(`when ${name}, it is put in order, and what is there for development stays`, async (t) => {
    const clone = openClone(t);
    await installAll(clone);
    spoil(clone);
    const lock = readFileSync(join(clone.root, 'package-lock.json'), 'utf8');
    const { code, stdout, stderr } = await clone.run([COMMAND]);
    assert.deepEqual([code, stdout], [0, 'ran\n'], stderr);
    assert.deepEqual(installed(clone), ['left', 'here', 'right']);
    assert.equal(versionOf(clone, 'left'), JSON.parse(lock).packages['node_modules/left'].version);
    assert.equal(readFileSync(join(clone.root, 'package-lock.json'), 'utf8'), lock);
    assert.equal(existsSync(join(clone.root, 'node_modules/.package-lock.json')), true);
  });
}

test('what is in order is not installed again for the sake of what is not', async (t) => {
  const clone = openClone(t);
  await clone.run([COMMAND]);
  clone.write('node_modules/left/touched', '');
  rmSync(join(clone.root, 'node_modules/here'), { recursive: true });
  await clone.run([COMMAND]);
  assert.deepEqual(installed(clone), ['left', 'here']);
  assert.equal(existsSync(join(clone.root, 'node_modules/left/touched')), true);
});

test('what an interrupted npm left half-written is replaced', async (t) => {
  const clone = openClone(t);
  clone.write('left/index.js', 'whole\n');
  clone.write('node_modules/left/package.json', JSON.stringify({ name: 'left', version: '1.0.0' }));
  await clone.run([COMMAND]);
  assert.equal(readFileSync(join(clone.root, 'node_modules/left/index.js'), 'utf8'), 'whole\n');
});

test('the tests get the development packages beside those of a running clone', async (t) => {
  const clone = openClone(t);
  await clone.run([COMMAND]);
  await installAll(clone);
});

test('settings of the user and NODE_ENV do not change what is installed', async (t) => {
  const clone = openClone(t);
  clone.write('.npmrc', 'install-links=true\nomit[]=optional\nomit[]=dev\nlegacy-peer-deps=true\n');
  const program = `await (await import('./bin/installation.mjs')).installMissing(process.cwd(), { dev: true })`;
  await clone.run(['--input-type=module', '--eval', program], { NODE_ENV: 'production' });
  assert.deepEqual(installed(clone), ['left', 'here', 'right']);
});

test('two first starts at once install once and both run', async (t) => {
  const clone = openClone(t);
  const runs = await Promise.all([clone.run([COMMAND]), clone.run([COMMAND])]);
  assert.deepEqual(
    runs.map(({ code, stdout }) => [code, stdout]),
    [
      [0, 'ran\n'],
      [0, 'ran\n'],
    ],
  );
  assert.equal(runs.filter(({ stderr }) => stderr.includes('Installed in')).length, 1);
});

test('a clone that is complete waits for no turn', async (t) => {
  const clone = openClone(t);
  await clone.run([COMMAND]);
  clone.write('dist/installing', String(process.pid));
  const { code, stdout, stderr } = await clone.run([COMMAND]);
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: 'ran\n', stderr: '' });
});

test('the turn of a process that was killed is not waited for', async (t) => {
  const clone = openClone(t);
  const dead = clone.start(['--eval', '']);
  await dead.ended;
  clone.write('dist/installing', String(dead.child.pid));
  const { code, stderr } = await clone.run([COMMAND]);
  assert.equal(code, 0);
  assert.doesNotMatch(stderr, /waiting/);
  assert.equal(existsSync(join(clone.root, 'dist/installing')), false);
});

for (const { said, advice } of [
  { said: 'npm error code ENOTFOUND', advice: /The npm registry cannot be reached\. Check the network/ },
  { said: 'npm error code EACCES', advice: /Run the command as the owner of the folder, not with sudo\./ },
  { said: 'npm error code ENOSPC', advice: /The disk is full\. Make room/ },
  { said: 'npm error code EUSAGE\nnpm error not in sync', advice: /Run `npm install`, and commit both\./ },
  { said: 'npm error something else', advice: /delete node_modules and try once more\./ },
]) {
  test(`when npm fails with "${said.split('\n').at(-1)}", it is quoted and followed by what to do`, async (t) => {
    const clone = openClone(t);
    const npm = inPlaceOfNpm(clone, `console.error(${JSON.stringify(said)}); process.exit(3);\n`);
    const { code, stdout, stderr } = await clone.run([COMMAND], npm);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /`npm ci --omit=dev [^`]*` failed: it ended with code 3\. It said:\n\nnpm error/);
    assert.ok(stderr.includes(said), stderr);
    assert.match(stderr, advice);
  });
}

test('what npm leaves out is said, and does not keep the program from running', async (t) => {
  const clone = openClone(t);
  const installer = "import * as fs from 'node:fs';\nfs.cpSync('left', 'node_modules/left', { recursive: true });\n";
  const record = { packages: { 'node_modules/left': { version: '1.0.0' } } };
  const writeRecord = `fs.writeFileSync('node_modules/.package-lock.json', ${JSON.stringify(JSON.stringify(record))});`;
  const { code, stdout, stderr } = await clone.run([COMMAND], inPlaceOfNpm(clone, `${installer}${writeRecord}\n`));
  assert.deepEqual([code, stdout], [0, 'ran\n']);
  assert.match(stderr, /npm left out node_modules\/here\.\n$/);
});

test('a signal during the installation ends npm too', async (t) => {
  const clone = openClone(t);
  const writeId = "import { writeFileSync } from 'node:fs';\nwriteFileSync('id', String(process.pid));\n";
  const started = clone.start([COMMAND], inPlaceOfNpm(clone, `${writeId}setInterval(() => undefined, 1000);\n`));
  await started.printed('Installing');
  const pid = await Promise.race([
    writtenTo(join(clone.root, 'id')),
    started.ended.then(({ stderr }) => assert.fail(stderr)),
  ]);
  started.child.kill('SIGTERM');
  assert.equal((await started.ended).code, 128 + 15);
  assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
  assert.equal(existsSync(join(clone.root, 'dist/installing')), false);
});

test('a folder that cannot be written says why', async (t) => {
  const clone = openClone(t);
  writeFileSync(join(clone.root, 'dist'), '');
  const { code, stderr } = await clone.run([COMMAND]);
  assert.equal(code, 1);
  assert.match(stderr, /^Packages are missing and .* cannot be written: E(EXIST|NOTDIR)/);
});

for (const { machine, missing } of [
  { machine: { platform: 'linux', arch: 'x64' }, missing: ['linux-x64', 'not-windows'] },
  { machine: { platform: 'linux', arch: 'arm64' }, missing: ['linux-arm', 'not-windows'] },
  { machine: { platform: 'darwin', arch: 'arm64' }, missing: ['darwin', 'not-windows'] },
  { machine: { platform: 'win32', arch: 'x64' }, missing: [] },
]) {
  test(`on ${machine.platform} ${machine.arch} only the optional packages for it are missing`, async (t) => {
    const optional = {
      'linux-x64': { os: ['linux'], cpu: ['x64'] },
      'linux-arm': { os: ['linux'], cpu: ['arm', 'arm64'] },
      darwin: { os: ['darwin'] },
      'not-windows': { os: ['!win32'] },
      'of-some-other': {},
      'for-one-libc': { os: ['linux'], cpu: ['x64'], libc: ['musl'] },
    };
    const lock = Object.entries(optional).map(([name, entry]) => [
      `node_modules/${name}`,
      { optional: true, ...entry },
    ]);
    const clone = openClone(t);
    clone.write('package-lock.json', JSON.stringify({ packages: Object.fromEntries(lock) }));
    const program = `
      for (const [name, value] of Object.entries(${JSON.stringify(machine)})) Object.defineProperty(process, name, { value });
      const { missingPackages } = await import('./bin/installation.mjs');
      console.log(JSON.stringify(missingPackages('.', { dev: false })));`;
    const { stdout } = await clone.run(['--input-type=module', '--eval', program]);
    assert.deepEqual(
      JSON.parse(stdout),
      missing.map((name) => `node_modules/${name}`),
    );
  });
}

async function writtenTo(path: string): Promise<number> {
  while (!existsSync(path) || readFileSync(path, 'utf8') === '')
    await new Promise((resolve) => setTimeout(resolve, 10));
  return Number(readFileSync(path, 'utf8'));
}
