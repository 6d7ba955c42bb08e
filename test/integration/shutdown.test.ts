// The end of a service: what runs is answered, what comes is refused, nothing stays open; as a part of a process and as one.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { openKeptLog } from '../support/kept-log.ts';
import { MASTER_KEY, openTestService } from '../support/open-test-service.ts';
import { rawRequest } from '../support/raw-request.ts';
import { openTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { whileLocked } from '../support/while-locked.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const TABLES = 'type Note @table @permission(level: PUBLIC) { text: String! }';
const READ = '{ notes { text } }';
const REFUSED = { code: 'ECONNREFUSED' };

async function connectTo(url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** A connection that was answered, and kept for the next request. */
async function keptAlive(url: string): Promise<Socket> {
  const socket = await connectTo(url);
  socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
  const [answer] = await once(socket, 'data');
  assert.match(String(answer), /keep-alive/i);
  return socket;
}

/** Connects until that is refused; a connection that was made as the port closed is reset. */
async function untilRefused(url: string): Promise<void> {
  for (let code = ''; code !== REFUSED.code; ) {
    code = await connectTo(url).then(
      (socket) => {
        socket.destroy();
        return '';
      },
      (error: NodeJS.ErrnoException) => error.code ?? '',
    );
  }
}

describe('closing a service', { timeout: 60_000 }, () => {
  let database: TestDatabase;
  before(async () => {
    database = await openTestDatabase();
  });
  after(() => database.close());
  const open = (more: Parameters<typeof openTestService>[0] = {}) =>
    openTestService({ sdl: TABLES, database, ...more });

  test('answers what runs, refuses what comes, and closes each connection behind its answer', async () => {
    const app = await open();
    let closing: Promise<void> | undefined;
    const slow = await whileLocked(database, 'note', async (waiting) => {
      const body = JSON.stringify({ query: READ });
      const headers = { 'content-type': 'application/json', connection: 'keep-alive' };
      const asked = rawRequest(app.url, { headers, body });
      await waiting(1);
      closing = app.service.close();
      await assert.rejects(connectTo(app.url), REFUSED);
      await assert.rejects(rawRequest(app.url, { headers, body }), REFUSED);
      return { asked };
    });
    const answer = await slow.asked;
    assert.equal(answer.text, '{"data":{"notes":[]}}');
    assert.equal(answer.headers.connection, 'close');
    await closing;
    await app.service.close();
  });

  test('waits for no connection that is only kept', async () => {
    const kept = openKeptLog();
    const app = await open({ log: kept.log, shutdownTimeout: 60_000 });
    const idle = await keptAlive(app.url);
    const silent = await connectTo(app.url);
    const gone = [idle, silent].map((socket) => once(socket, 'close'));
    await Promise.all([app.service.close(), app.service.close(), ...gone]);
    assert.deepEqual(kept.take(), []);
  });

  test('a connection that was busy when closing began is closed, too', async () => {
    const app = await open({ shutdownTimeout: 60_000 });
    const socket = await keptAlive(app.url);
    let said = '';
    socket.on('data', (chunk) => {
      said += chunk;
    });
    const gone = once(socket, 'close');
    const body = JSON.stringify({ query: READ });
    let closing: Promise<void> | undefined;
    await whileLocked(database, 'note', async (waiting) => {
      socket.write(
        `POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
      await waiting(1);
      closing = app.service.close();
    });
    await Promise.all([gone, closing]);
    assert.match(said, /^HTTP\/1\.1 200 [\s\S]*connection: close[\s\S]*\{"data":\{"notes":\[\]\}\}$/i);
  });

  test('cuts what runs for longer than it was given, and says so', async () => {
    const kept = openKeptLog();
    const app = await open({
      log: kept.log,
      shutdownTimeout: 100,
      pool: { size: 2, statementTimeout: 5_000, lockTimeout: 500 },
    });
    await whileLocked(database, 'note', async (waiting) => {
      const asked = app.ask(READ);
      const half = await connectTo(app.url);
      half.write('GET /healthz HTTP/1.1\r\nHost:');
      const gone = once(half, 'close');
      await waiting(1);
      const cut = assert.rejects(asked);
      await Promise.all([app.service.close(), cut, gone]);
    });
    assert.deepEqual(
      kept
        .take()
        .map(({ msg, ...line }) => [msg, line['requests']])
        .slice(0, 1),
      [['requests were still running, and are cut off', 1]],
    );
  });

  test('leaves nothing that keeps a process', async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', join(ROOT, 'test', 'support', 'closing-service.ts')], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [printed, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(printed), { statuses: [200, 200, 200, 200, 200, 200], open: [] });
  });
});

interface Running {
  readonly child: ChildProcess;
  readonly url: string;
  /** Resolves to all that was printed once it contains `words`. */
  readonly printed: (words: RegExp) => Promise<string>;
  readonly ended: Promise<number | null>;
}

describe('ending the process', { timeout: 120_000 }, () => {
  let database: TestDatabase;
  let folder: string;
  before(async () => {
    database = await openTestDatabase();
    folder = await mkdtemp(join(tmpdir(), 'tablecast-shutdown-'));
    await mkdir(join(folder, 'schema'));
    await cp(join(ROOT, 'schema', 'todo.graphql'), join(folder, 'schema', 'todo.graphql'));
    const [code] = await once(spawn(process.execPath, [join(ROOT, 'bin', 'build.mjs')], { stdio: 'inherit' }), 'exit');
    assert.equal(code, 0);
  });
  after(async () => {
    await rm(folder, { recursive: true, force: true });
    await database.close();
  });

  function start(more: Record<string, string> = {}): Omit<Running, 'url'> {
    const { NODE_ENV: _mode, NODE_TEST_CONTEXT: _context, ...outer } = process.env;
    const child = spawn(process.execPath, [join(ROOT, 'dist', 'main.js'), 'start', '--app', folder], {
      env: { ...outer, DATABASE_URL: database.url, PORT: '0', TABLECAST_MASTER_KEY: MASTER_KEY, ...more },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const look = new Set<() => void>();
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        output += chunk;
        for (const again of look) again();
      });
    }
    const ended = once(child, 'close').then(([code]) => code as number | null);
    const printed = (words: RegExp) =>
      new Promise<string>((resolve, reject) => {
        const again = () => words.test(output) && resolve(output);
        look.add(again);
        again();
        void ended.then((code) => reject(new Error(`it ended with ${code} and printed:\n${output}`)));
      });
    return { child, printed, ended };
  }

  async function running(more: Record<string, string> = {}): Promise<Running> {
    const started = start(more);
    const url = /(http:\/\/\S+)\/graphql/.exec(await started.printed(/http:\/\/\S+\/graphql/))?.[1] ?? '';
    return { ...started, url };
  }

  const ask = ({ url }: Running) =>
    rawRequest(url, {
      headers: { 'content-type': 'application/json', 'x-master-key': MASTER_KEY },
      body: JSON.stringify({ query: '{ todoLists { id } }' }),
    });

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    test(`${signal} lets the request that runs finish, and ends with 0`, async () => {
      const service = await running();
      const slow = await whileLocked(database, 'todo_list', async (waiting) => {
        const asked = ask(service);
        await waiting(1);
        service.child.kill(signal);
        await untilRefused(service.url);
        return { asked };
      });
      assert.equal((await slow.asked).text, '{"data":{"todoLists":[]}}');
      assert.equal(await service.ended, 0);
    });
  }

  test('a second signal does not wait', async () => {
    const service = await running({
      TABLECAST_LOCK_TIMEOUT: '10m',
      TABLECAST_STATEMENT_TIMEOUT: '10m',
      TABLECAST_SHUTDOWN_TIMEOUT: '10m',
    });
    await whileLocked(database, 'todo_list', async (waiting) => {
      const cut = assert.rejects(ask(service));
      await waiting(1);
      service.child.kill('SIGINT');
      await service.printed(/closing/);
      // One that comes at once is the first again, sent twice; a later one means it.
      const again = setInterval(() => service.child.kill('SIGINT'), 200);
      assert.equal(await service.ended, 130);
      clearInterval(again);
      await cut;
    });
  });

  test('a port that is taken is named', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const service = start({ PORT: String(port) });
    const printed = service.printed(/Port/);
    assert.equal(await service.ended, 1);
    assert.match(await printed, new RegExp(`^tablecast: Port ${port} on 127\\.0\\.0\\.1 is taken\\. .* set PORT`, 'm'));
    assert.doesNotMatch(await printed, /\n\s+at /);
    other.close();
  });

  test('settings that are wrong are named all at once', async () => {
    const service = start({ PORT: 'x', TABLECAST_POOL_SIZE: '0', DATABASE_URL: 'mysql://x/y', NODE_ENV: 'production' });
    const printed = service.printed(/TABLECAST_/);
    assert.equal(await service.ended, 1);
    for (const name of ['PORT', 'TABLECAST_POOL_SIZE', 'DATABASE_URL', 'TABLECAST_APPLICATION_KEY'])
      assert.match(await printed, new RegExp(`\\b${name}\\b`));
  });
});
