import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { findDeno } from '../../../../src/scripts/host/find-deno.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tablecast-find-deno-'));
  const home = join(folder, 'node_modules', '@deno', 'linux-x64-glibc');
  await mkdir(home, { recursive: true });
  await writeFile(join(home, 'package.json'), '{"name":"@deno/linux-x64-glibc","version":"0.0.0"}');
});
after(() => rm(folder, { recursive: true, force: true }));

const find = (platform: string, arch: string, setting?: string) =>
  findDeno({ platform, arch, setting, from: pathToFileURL(join(folder, 'any.js')).href });

test('it is the program of the package for the platform, if it may be run', async () => {
  const program = join(folder, 'node_modules', '@deno', 'linux-x64-glibc', 'deno');
  assert.throws(
    () => find('linux', 'x64'),
    /deno, which runs the app's scripts, is missing\. Install the dependencies anew/,
  );
  await writeFile(program, '');
  await chmod(program, 0o644);
  assert.throws(() => find('linux', 'x64'), /may not be run\. Make it executable: chmod \+x /);
  await chmod(program, 0o755);
  assert.equal(find('linux', 'x64'), program);
});

test('a package that is not installed, and a platform that has none, say what to do', () => {
  assert.throws(() => find('darwin', 'arm64'), /@deno\/darwin-arm64.*not installed.*optional.*TABLECAST_DENO/);
  assert.throws(() => find('win32', 'arm64'), /@deno\/win32-arm64/);
  assert.throws(() => find('aix', 'ppc64'), /There is no Deno for aix-ppc64.*TABLECAST_DENO/);
});

test('the setting is taken as it is', () => {
  const setting = join(folder, 'none');
  assert.throws(() => find('aix', 'ppc64', setting), /TABLECAST_DENO names .*none, which is missing/);
  assert.throws(() => find('linux', 'x64', join(folder, 'any', 'x')), /TABLECAST_DENO/);
});

test('the one that is installed here is found', () => {
  assert.match(findDeno(), /@deno/);
});
