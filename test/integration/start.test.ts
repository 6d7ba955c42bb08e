// The first minutes of a user: a new app, started as a process, and what it prints, pasted.

import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..', '..');
const COMMAND = join(ROOT, 'bin', 'tablecast.mjs');
const READY = /Tablecast .* is ready .*: (http:\/\/\S+)\/graphql/;
const PATIENCE = 60_000;

/** The environment without what would decide for the app. */
function environment(more: Record<string, string> = {}): Record<string, string | undefined> {
  const { DATABASE_URL: _, NODE_ENV: __, NODE_TEST_CONTEXT: ___, ...rest } = process.env;
  return { ...rest, PORT: '0', ...more };
}

interface Started {
  readonly child: ChildProcess;
  readonly url: string;
  readonly output: () => string;
}

async function start(app: string, more: Record<string, string> = {}): Promise<Started> {
  const child = spawn(process.execPath, [COMMAND, 'start', '--app', app], {
    env: environment(more),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not ready:\n${output}`)), PATIENCE);
    const read = (chunk: Buffer) => {
      output += chunk;
      const ready = READY.exec(output);
      // The first query is the last thing that is printed.
      if (ready?.[1] && /-d '.*'\n/.test(output)) {
        clearTimeout(timer);
        resolve(ready[1]);
      }
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code) => reject(new Error(`ended with ${code}:\n${output}`)));
  });
  return { child, url, output: () => output };
}

/** Waits until the service has printed something. */
async function printed({ child, output }: Started, text: RegExp): Promise<void> {
  while (!text.test(output())) {
    await once(child.stdout ?? child, 'data', { signal: AbortSignal.timeout(PATIENCE) });
  }
}

async function stop({ child }: Started): Promise<number | null> {
  child.removeAllListeners('exit');
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const [code] = await ended;
  return code;
}

describe('a new app', { timeout: 2 * PATIENCE }, () => {
  let folder: string;
  let app: string;
  let service: Started;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tablecast-app-'));
    await chmod(folder, 0o755);
    app = join(folder, 'my-app');
    await run(process.execPath, [COMMAND, 'init', app], { env: environment() });
    service = await start(app);
  });
  after(async () => {
    if (service) await stop(service);
    await rm(folder, { recursive: true, force: true });
  });

  test('has its tables, the vocabulary, and nothing of the data in git', async () => {
    assert.deepEqual((await readdir(join(app, 'schema'))).sort(), ['directives.graphql', 'todo.graphql']);
    assert.match(await readFile(join(app, '.gitignore'), 'utf8'), /^\.env\n\.tablecast\/$/m);
  });

  test('prints a first query that works when pasted', async () => {
    const command = /curl[\s\S]*?-d '.*'/.exec(service.output())?.[0] ?? '';
    const { stdout } = await run('bash', ['-c', command]);
    assert.deepEqual(JSON.parse(stdout), { data: { viewer: { level: 'USER', userId: 'alice' }, todoLists: [] } });
  });

  test('prints keys that work', async () => {
    const [application, master] = ['X-Application-Key', 'X-Master-Key'].map(
      (name) => new RegExp(`${name} +(\\S+)`).exec(service.output())?.[1] ?? '',
    );
    const level = async (headers: Record<string, string>) => {
      const response = await fetch(`${service.url}/graphql?query=${encodeURIComponent('{viewer{level}}')}`, {
        headers: { ...headers, 'apollo-require-preflight': '1' },
      });
      return ((await response.json()) as { data: { viewer: { level: string } } }).data.viewer.level;
    };
    assert.equal(await level({ 'x-application-key': application ?? '' }), 'APPLICATION');
    assert.equal(await level({ 'x-master-key': master ?? '' }), 'ADMIN');
  });

  test('prints addresses that answer', async () => {
    for (const path of ['/healthz', '/readyz', '/metrics'])
      assert.equal((await fetch(`${service.url}${path}`)).status, 200, path);
    const page = await fetch(`${service.url}/graphql`, { headers: { accept: 'text/html' } });
    assert.match(await page.text(), /<html/i);
  });

  test('gives tokens for trying things out', async () => {
    const { stdout: token } = await run(
      process.execPath,
      [COMMAND, 'token', 'zoe', '--role', 'moderator', '--app', app],
      { env: environment() },
    );
    const response = await fetch(`${service.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token.trim()}` },
      body: JSON.stringify({ query: '{ viewer { userId roles } todoItems { moderationNote } }' }),
    });
    assert.deepEqual(await response.json(), {
      data: { viewer: { userId: 'zoe', roles: ['moderator'] }, todoItems: [] },
    });
  });

  test('serves a table file that was saved, and tells what changed; a wrong one changes nothing', async () => {
    const file = join(app, 'schema', 'todo.graphql');
    const tables = await readFile(file, 'utf8');
    await writeFile(file, tables.replace('dueAt: DateTime', 'dueAt: DateTim'));
    await printed(service, /last good ones are served:[\s\S]*did you mean "DateTime"/);
    assert.equal((await fetch(`${service.url}/readyz`)).status, 200);
    await writeFile(file, tables.replace('dueAt: DateTime', 'dueAt: DateTime\n  place: String @length(max: 9)'));
    await printed(
      service,
      /add column TodoItem\.place[\s\S]*\+ TodoItem\.place: String[\s\S]*\+ TodoItemInsert\.place: String/,
    );
    await writeFile(file, tables);
    await printed(service, /- TodoItem\.place\n/);
    // Editors replace a file by another; each time counts, and so do new folders.
    for (const name of ['one', 'two', 'three']) {
      await writeFile(`${file}.new`, tables.replace('dueAt: DateTime', `dueAt: DateTime\n  ${name}: Int`));
      await rename(`${file}.new`, file);
      await printed(service, new RegExp(`\\+ TodoItem\\.${name}: Int`));
    }
    await mkdir(join(app, 'schema', 'more'));
    await writeFile(join(app, 'schema', 'more', 'note.graphql'), 'type Note @table { text: String }');
    await printed(service, /\+ Note\.text: String/);
    await rm(join(app, 'schema', 'more'), { recursive: true });
    await writeFile(file, tables);
    await printed(service, /- TodoItem\.three\n/);
  });

  test('says beforehand what a start would do', async () => {
    const plan = async () =>
      (await run(process.execPath, [COMMAND, 'plan', '--app', app], { env: environment() })).stdout;
    assert.match(await plan(), /^There is nothing to do/);
    const file = join(app, 'schema', 'more.graphql');
    await writeFile(file, 'type Extra @table(name: "todo_list") { x: Int }');
    await assert.rejects(plan(), /database table "todo_list" comes from/);
    await rm(file);
  });

  test('a second service on the same folder shares its database, and both leave cleanly', async () => {
    const other = await start(app);
    assert.match(other.output(), /joined/);
    assert.notEqual(other.url, service.url);
    assert.equal((await fetch(`${other.url}/readyz`)).status, 200);
    assert.equal(await stop(other), 0);
    assert.equal((await fetch(`${service.url}/readyz`)).status, 200);
  });

  test('starts again with its rows, its keys and nothing to do, and a signal ends it with 0', async () => {
    const key = /X-Master-Key +(\S+)/.exec(service.output())?.[1];
    assert.equal(await stop(service), 0);
    service = await start(app);
    assert.equal(/X-Master-Key +(\S+)/.exec(service.output())?.[1], key);
    assert.doesNotMatch(service.output(), /create table/);
  });
});

describe('what cannot start', () => {
  const CASES: readonly { name: string; files: Record<string, string>; env?: Record<string, string>; says: RegExp }[] =
    [
      { name: 'no schema folder', files: {}, says: /There is no folder .*schema.*tablecast init/ },
      { name: 'no table file', files: { 'schema/x.txt': '' }, says: /There is no table file/ },
      {
        name: 'no table in the files',
        files: { 'schema/a.graphql': '# Nothing yet.' },
        says: /There is no table in schema\/a\.graphql/,
      },
      {
        name: 'wrong tables, all at once',
        files: { 'schema/a.graphql': 'type A @tabel {\n  x: Strin\n}' },
        says: /a\.graphql:1:8 [\s\S]*a\.graphql:2:6 /,
      },
      {
        name: 'wrong settings, all at once',
        files: { 'schema/a.graphql': 'type A @table { x: Int }', '.env': 'PORT=x\nTABLECAST_POOL_SIZE=0\n' },
        env: { PORT: 'x' },
        says: /PORT[\s\S]*TABLECAST_POOL_SIZE/,
      },
      {
        name: 'a database that is not there',
        files: { 'schema/a.graphql': 'type A @table { x: Int }' },
        env: { DATABASE_URL: 'mysql://localhost/x' },
        says: /DATABASE_URL/,
      },
    ];
  for (const { name, files, env, says } of CASES) {
    test(name, async () => {
      const app = await mkdtemp(join(tmpdir(), 'tablecast-app-'));
      try {
        for (const [file, text] of Object.entries(files)) {
          await mkdir(join(app, file, '..'), { recursive: true });
          await writeFile(join(app, file), text);
        }
        const failure = await run(process.execPath, [COMMAND, 'start', '--app', app], { env: environment(env) }).then(
          () => assert.fail('it started'),
          (error: { code: number; stderr: string }) => error,
        );
        assert.match(failure.stderr, says);
        assert.doesNotMatch(failure.stderr, /\n\s+at /);
        assert.equal(failure.code, 1);
      } finally {
        await rm(app, { recursive: true, force: true });
      }
    });
  }

  for (const [name, args, says] of [
    ['an unknown command', ['strat'], /no command "strat"/],
    ['an unknown option', ['start', '--prot', '1'], /--prot/],
    ['init without a folder', ['init'], /tablecast init <dir>/],
    ['init where something is', ['init', ROOT], /is not empty/],
  ] as const) {
    test(name, async () => {
      const failure = await run(process.execPath, [COMMAND, ...args], { env: environment() }).then(
        () => assert.fail('it succeeded'),
        (error: { code: number; stderr: string }) => error,
      );
      assert.match(failure.stderr, says);
      assert.doesNotMatch(failure.stderr, /\n\s+at /);
    });
  }
});
