import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, type TestContext, test } from 'node:test';
import { ConfigError } from '../../../src/config/config-error.ts';
import { type Keys, resolveKeys } from '../../../src/config/development-keys.ts';
import type { GivenKeys } from '../../../src/config/parse-config.ts';

const NONE: GivenKeys = { application: null, master: null, tokenSecret: null };
const GIVEN = { application: 'app', master: 'master', tokenSecret: 's'.repeat(32) };

async function dataFolder(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'tablecast-keys-'));
  t.after(() => rm(dir, { recursive: true }));
  return join(dir, 'data');
}

const resolveIn = (dataDir: string, givenKeys: GivenKeys = NONE) =>
  resolveKeys({ mode: 'development', dataDir, givenKeys });

describe('keys that are made', () => {
  test('are three, different, of 32 random bytes, in a file that only its owner may read, and nothing else is left', async (t) => {
    const dataDir = await dataFolder(t);
    const { application, master, tokenSecret, madeIn } = await resolveIn(dataDir);
    assert.match(application, /^dev-application-[\w-]{43}$/);
    assert.match(master, /^dev-master-[\w-]{43}$/);
    assert.match(tokenSecret ?? '', /^dev-token-[\w-]{43}$/);
    assert.equal(new Set([application, master, tokenSecret].map((key) => key?.slice(-43))).size, 3);
    assert.equal(madeIn, join(dataDir, 'keys.json'));
    assert.deepEqual(await readdir(dataDir), ['keys.json']);
    if (process.platform !== 'win32') assert.equal((await stat(madeIn)).mode & 0o777, 0o600);
  });

  test('are the same at the next start, and others in another folder', async (t) => {
    const dataDir = await dataFolder(t);
    const first = await resolveIn(dataDir);
    assert.deepEqual(await resolveIn(dataDir), first);
    assert.notEqual((await resolveIn(await dataFolder(t))).master, first.master);
  });

  test('complete those of the environment, which win', async (t) => {
    const dataDir = await dataFolder(t);
    const made = await resolveIn(dataDir);
    assert.deepEqual(await resolveIn(dataDir, { ...NONE, master: 'mine' }), { ...made, master: 'mine' });
  });

  test('never meet themselves as another key', async (t) => {
    const dataDir = await dataFolder(t);
    const { master } = await resolveIn(dataDir);
    await assert.rejects(resolveIn(dataDir, { ...NONE, application: master }), /TABLECAST_MASTER_KEY is equal to/);
  });
});

describe('no key is made', () => {
  test('when the environment has them all', async (t) => {
    const dataDir = await dataFolder(t);
    assert.deepEqual(await resolveIn(dataDir, GIVEN), { ...GIVEN, madeIn: null });
    await assert.rejects(stat(dataDir), { code: 'ENOENT' });
  });

  test('in production, where the token secret may be absent', async (t) => {
    const dataDir = await dataFolder(t);
    const givenKeys = { ...GIVEN, tokenSecret: null };
    assert.deepEqual(await resolveKeys({ mode: 'production', dataDir, givenKeys }), { ...givenKeys, madeIn: null });
    await assert.rejects(resolveKeys({ mode: 'production', dataDir, givenKeys: NONE }), /production/);
    await assert.rejects(stat(dataDir), { code: 'ENOENT' });
  });
});

describe('services that start at once', () => {
  test('in one process agree', async (t) => {
    const dataDir = await dataFolder(t);
    const all = await Promise.all(Array.from({ length: 20 }, () => resolveIn(dataDir)));
    assert.deepEqual(new Set(all.map(({ master }) => master)).size, 1);
    assert.deepEqual(await readdir(dataDir), ['keys.json']);
  });

  test('in several processes agree', async (t) => {
    const dataDir = await dataFolder(t);
    const program = `
      const { resolveKeys } = await import(${JSON.stringify(resolve('src/config/development-keys.ts'))});
      await new Promise((go) => process.stdin.once('data', go).once('end', go));
      const keys = await resolveKeys({ mode: 'development', dataDir: process.argv[1], givenKeys: ${JSON.stringify(NONE)} });
      process.stdout.write(JSON.stringify(keys));`;
    const children = Array.from({ length: 3 }, () =>
      spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program, dataDir], {
        stdio: ['pipe', 'pipe', 'inherit'],
      }),
    );
    t.after(() => {
      for (const child of children) child.kill();
    });
    const answers = children.map((child) => text(child.stdout));
    for (const child of children) child.stdin.end();
    await Promise.all(children.map((child) => once(child, 'exit')));
    const kept = await readFile(join(dataDir, 'keys.json'), 'utf8');
    for (const answer of await Promise.all(answers)) {
      const { madeIn, ...keys } = JSON.parse(answer) as Keys;
      assert.deepEqual(keys, JSON.parse(kept));
    }
  });
});

describe('a file that cannot be used is named, and what to do is said', () => {
  const right = { application: 'a'.repeat(40), master: 'm'.repeat(40), tokenSecret: 't'.repeat(40) };
  const contents: [string, string][] = [
    ['empty', ''],
    ['cut off', JSON.stringify(right).slice(0, -9)],
    ['null', 'null'],
    ['a list', '[]'],
    ['a key missing', JSON.stringify({ ...right, master: undefined })],
    ['a key that is no text', JSON.stringify({ ...right, master: 7 })],
    ['an empty key', JSON.stringify({ ...right, application: '' })],
    ['a short secret', JSON.stringify({ ...right, tokenSecret: 'short' })],
  ];
  for (const [name, content] of contents) {
    test(name, async (t) => {
      const dataDir = await dataFolder(t);
      await mkdir(dataDir);
      const file = join(dataDir, 'keys.json');
      await writeFile(file, content);
      await assert.rejects(resolveIn(dataDir), (error) => {
        assert.ok(error instanceof ConfigError);
        assert.equal(error.problems[0]?.variable, file);
        assert.match(error.message, /cannot be used: .+\. Remove the file/);
        assert.equal(/aaaa|mmmm|tttt/.test(error.message), false, 'a key is in the message');
        return true;
      });
      assert.equal(await readFile(file, 'utf8'), content, 'the file was changed');
    });
  }

  test('a folder in its place', async (t) => {
    const dataDir = await dataFolder(t);
    await mkdir(join(dataDir, 'keys.json'), { recursive: true });
    await assert.rejects(resolveIn(dataDir), /cannot be used: .+Remove the file/);
  });

  test('a data folder that cannot be made', async (t) => {
    const dataDir = await dataFolder(t);
    await writeFile(dataDir, 'a file');
    await assert.rejects(resolveIn(join(dataDir, 'deeper')), /cannot be made: .+Let this user write/);
  });
});
