import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ConfigError } from '../../../src/config/config-error.ts';
import { loadEnvironment } from '../../../src/config/load-environment.ts';

async function appFolder(t: TestContext, dotenv?: string): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'tablecast-env-'));
  t.after(() => rm(dir, { recursive: true }));
  if (dotenv !== undefined) await writeFile(join(dir, '.env'), dotenv);
  return dir;
}

test('the file gives what the environment does not have; the environment wins, also with nothing', async (t) => {
  const dir = await appFolder(t, '\uFEFFPORT=1\nHOST="a"\n# no\nNODE_ENV=test\n');
  assert.deepEqual(
    { ...loadEnvironment(dir, { HOST: 'b', NODE_ENV: '', PATH: '/bin' }) },
    {
      PORT: '1',
      HOST: 'b',
      NODE_ENV: '',
      PATH: '/bin',
    },
  );
});

test('the environment of the process stays as it was', async (t) => {
  const before = { ...process.env };
  loadEnvironment(await appFolder(t, 'TABLECAST_TEST_ONLY=1'), process.env);
  assert.deepEqual({ ...process.env }, before);
});

test('no file is an empty file', async (t) => {
  assert.deepEqual({ ...loadEnvironment(await appFolder(t), { A: '1' }) }, { A: '1' });
});

test('a file that cannot be read is a problem with its path', async (t) => {
  const dir = await appFolder(t);
  await mkdir(join(dir, '.env'));
  assert.throws(
    () => loadEnvironment(dir, {}),
    (error) => error instanceof ConfigError && error.problems[0]?.variable === join(dir, '.env'),
  );
});
