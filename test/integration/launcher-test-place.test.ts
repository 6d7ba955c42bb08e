// Where a test run keeps its files: in memory where that can be, where TMPDIR says when it says so, and for the run only.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { openSmallClone } from '../support/small-clone.ts';

interface TestPlace {
  findMemoryFolder(given?: { folder: string; mounts: string; room: number }): string | undefined;
}
const PROGRAM = pathToFileURL(resolve(import.meta.dirname, '../../bin/test-place.mjs')).href;
const { findMemoryFolder }: TestPlace = await import(PROGRAM);

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'tablecast-place-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** What is found in the test's own folder when the system has mounted `mounted` there, or has no list of mounts. */
function found(mounted: string | undefined, room = 1): string | undefined {
  const mounts = join(folder, 'mounts');
  rmSync(mounts, { force: true });
  if (mounted !== undefined) writeFileSync(mounts, `proc /proc proc rw 0 0\n${mounted.replaceAll('HERE', folder)}\n`);
  return findMemoryFolder({ folder, mounts, room });
}

test('the folder in memory is taken, the last thing mounted there deciding', () => {
  assert.equal(found('tmpfs HERE tmpfs rw,nosuid,nodev 0 0'), folder);
  assert.equal(found('/dev/sda HERE ext4 rw 0 0\ntmpfs HERE tmpfs rw 0 0'), folder);
});

for (const { why, mounted, room } of [
  { why: 'nothing is mounted there', mounted: 'tmpfs /elsewhere tmpfs rw 0 0' },
  { why: 'it is on a disk', mounted: '/dev/sda HERE ext4 rw 0 0' },
  { why: 'a disk is mounted over it', mounted: 'tmpfs HERE tmpfs rw 0 0\n/dev/sda HERE ext4 rw 0 0' },
  { why: 'no program may be started from it', mounted: 'tmpfs HERE tmpfs rw,nosuid,nodev,noexec 0 0' },
  { why: 'a run does not fit', mounted: 'tmpfs HERE tmpfs rw 0 0', room: 2 ** 60 },
  { why: 'the system has no list of what is mounted', mounted: undefined },
]) {
  test(`it is left alone when ${why}`, () => assert.equal(found(mounted, room), undefined));
}

/** A test that leaves a file behind in the folder for temporary files, and says which. */
const LEAVES_A_FILE = `
  import { mkdtempSync } from 'node:fs';
  import { tmpdir } from 'node:os';
  import { join } from 'node:path';
  import { test } from 'node:test';
  test('leaves', () => { throw new Error('left=' + mkdtempSync(join(tmpdir(), 'forgotten-')) + '.'); });
`;

for (const { name, isNamed } of [
  { name: 'TMPDIR is where the tests write when it is set', isNamed: true },
  { name: 'what tests left in memory goes with the run, and with it what a killed run left', isNamed: false },
]) {
  const skip = !isNamed && findMemoryFolder() === undefined ? 'no folder in memory with 2 GiB to spare' : false;
  test(name, { skip }, async (t) => {
    const clone = openSmallClone({
      'package.json': JSON.stringify({ name: 'tablecast', type: 'module', engines: { node: '>=20.19' } }),
      'package-lock.json': JSON.stringify({ lockfileVersion: 3, packages: { '': { name: 'tablecast' } } }),
      'test/leaves.test.ts': LEAVES_A_FILE,
    });
    t.after(clone.close);
    const { stdout } = await clone.run(['bin/run-tests.mjs', 'leaves'], { TMPDIR: isNamed ? folder : '' });
    const left = /left=(.*)\./.exec(stdout)?.[1] ?? '';
    if (isNamed) {
      assert.equal(dirname(left), folder);
      assert.ok(existsSync(left));
      return;
    }
    const parent = dirname(dirname(left));
    assert.equal(dirname(parent), findMemoryFolder());
    assert.equal(existsSync(dirname(left)), false, 'the folder of the run is still there');
    // No process has this number: Linux gives out none above 2^22.
    const abandoned = join(parent, '99999999');
    mkdirSync(abandoned);
    await clone.run(['bin/run-tests.mjs', 'leaves'], { TMPDIR: '' });
    assert.equal(existsSync(abandoned), false, 'the folder of the killed run is still there');
  });
}
