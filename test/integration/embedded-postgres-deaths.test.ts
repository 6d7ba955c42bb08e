// Sudden ends: of the server, of the service, of both, of initdb; and what they leave behind for the next start.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { isRunning } from '../../src/stores/embedded-postgres/processes.ts';
import {
  IS_ROOT,
  isAlive,
  type Lab,
  NOBODY,
  openLab,
  processesNaming,
  query,
  serverPid,
  until,
} from '../support/embedded-postgres-lab.ts';

const limit = { timeout: 300_000 };
const rootOnly = { skip: IS_ROOT ? false : 'needs root, to make a space of process ids' };
const IS_BACK = 'the embedded PostgreSQL is back';

const origins = (log: readonly Record<string, unknown>[]) =>
  log.filter(({ msg }) => msg === IS_BACK).map(({ origin }) => origin);

/** Kills the server of the lab's folder, and waits until `services` of this process have it back. */
async function killServer(lab: Lab, services: number): Promise<void> {
  const before = origins(lab.log).length;
  process.kill(await serverPid(join(lab.dataDir, 'postgresql')), 'SIGKILL');
  await until('the server to be back', () => origins(lab.log).length === before + services);
}

/** Makes the server's user the owner. */
async function giveToServer(path: string): Promise<void> {
  if (IS_ROOT) await chown(path, NOBODY, NOBODY);
}

describe('a server that is killed', limit, () => {
  test('is started again at the same address, with all that was committed', async (t) => {
    const lab = await openLab(t);
    await lab.prepare();
    const server = await lab.open();
    const before = { ...server.connection };
    await query(server, 'CREATE TABLE note (id int)');
    for (const round of [1, 2, 3]) {
      await query(server, `INSERT INTO note VALUES (${round})`);
      await killServer(lab, 1);
      assert.deepEqual(await query(server, 'SELECT max(id) AS id, count(*)::int AS n FROM note'), [
        { id: round, n: round },
      ]);
    }
    assert.deepEqual(server.connection, before);
    assert.deepEqual(origins(lab.log), ['started', 'started', 'started']);
    const pid = await serverPid(join(lab.dataDir, 'postgresql'));
    await server.close();
    assert.equal(isAlive(pid), false, 'and is stopped at the end as any other');
  });

  test('is started again by exactly one of the services that use it', async (t) => {
    const lab = await openLab(t);
    await lab.prepare();
    const servers = [await lab.open(), await lab.open(), await lab.open(), await lab.open()];
    await killServer(lab, 4);
    assert.deepEqual(origins(lab.log).sort(), ['joined', 'joined', 'joined', 'started']);
    for (const server of servers) assert.deepEqual(await query(server, 'SELECT 1 AS one'), [{ one: 1 }]);
    const pid = await serverPid(join(lab.dataDir, 'postgresql'));
    await Promise.all(servers.map((server) => server.close()));
    assert.equal(isAlive(pid), false);
  });

  test('comes back for a service that only joined, when the one that had started it is dead too', async (t) => {
    const lab = await openLab(t);
    await lab.prepare();
    const service = await lab.service();
    await service.open();
    const server = await lab.open();
    assert.equal(server.origin, 'joined');
    await service.kill();
    await killServer(lab, 1);
    assert.deepEqual(await query(server, 'SELECT 1 AS one'), [{ one: 1 }]);
  });

  test('comes back at its own address, also when somebody else holds that for a while', async (t) => {
    const lab = await openLab(t);
    await lab.prepare();
    const server = await lab.open();
    const { host } = server.connection;
    process.kill(await serverPid(join(lab.dataDir, 'postgresql')), 'SIGKILL');
    rmSync(host, { recursive: true });
    symlinkSync(lab.root, host);
    await until('the service to wait', () => lab.log.some(({ reason }) => / is taken /.test(String(reason))));
    unlinkSync(host);
    await until('the server to be back', () => origins(lab.log).length === 1);
    assert.equal(server.connection.host, host);
    assert.deepEqual(await query(server, 'SELECT 1 AS one'), [{ one: 1 }]);
  });

  test('comes back at once although one of its processes is busy for minutes', async (t) => {
    const lab = await openLab(t);
    await lab.prepare();
    const server = await lab.open();
    const [{ cluster_name: cluster } = {}] = await query(server, 'SHOW cluster_name');
    const title = `postgres: ${cluster}: tablecast tablecast [local] SELECT`;
    const busy = query(server, 'SELECT count(*) FROM generate_series(1, 1e10::bigint)');
    const ended = assert.rejects(busy);
    await until('the long statement to run', () => processesNaming(title).length === 1);
    await killServer(lab, 1);
    await ended;
  });

  test('does not come back for a service that closes meanwhile', async (t) => {
    const lab = await openLab(t);
    await lab.prepare();
    for (const delay of [0, 5, 20, 40, 80]) {
      const server = await lab.open();
      process.kill(await serverPid(join(lab.dataDir, 'postgresql')), 'SIGKILL');
      // The point is to close at different moments of the restart; each of them must end well.
      await new Promise((resolve) => setTimeout(resolve, delay));
      await server.close();
      await until('every process to be gone', () => processesNaming(lab.dataDir).length === 0);
    }
    await (await lab.open()).close();
  });
});

describe('a start after a sudden end', limit, () => {
  test('succeeds when service and server were killed together', async (t) => {
    const lab = await openLab(t);
    await lab.prepare();
    const service = await lab.service();
    const { connection } = await service.open();
    await service.query('CREATE TABLE note AS SELECT 1 AS id');
    const pid = await serverPid(join(lab.dataDir, 'postgresql'));
    await service.kill();
    process.kill(pid, 'SIGKILL');
    const server = await lab.open();
    assert.equal(server.origin, 'started');
    assert.deepEqual(server.connection, connection);
    assert.deepEqual(await query(server, 'SELECT id FROM note'), [{ id: 1 }]);
  });

  test('is not held up by a dead server that nobody buries', async (t) => {
    const lab = await openLab(t);
    await lab.prepare();
    const service = await lab.service();
    await service.open();
    const pid = await serverPid(join(lab.dataDir, 'postgresql'));
    // A parent that is stopped does not collect its child: the server stays a zombie with an id that seems alive.
    process.kill(service.pid, 'SIGSTOP');
    process.kill(pid, 'SIGKILL');
    await until('the zombie', () => !isAlive(pid));
    process.kill(pid, 0);
    const server = await lab.open();
    assert.equal(server.origin, 'started');
    process.kill(service.pid, 'SIGCONT');
    await until('the other service to be back', () => origins(service.log).length === 1);
    assert.deepEqual(origins(service.log), ['joined']);
  });

  test('is not misled by an id that comes again, as in a container', rootOnly, async (t) => {
    const lab = await openLab(t);
    await lab.prepare();
    for (let round = 0; round < 4; round++) {
      const service = await lab.service({ container: true });
      assert.equal((await service.open()).origin, 'started');
      const waited = service.log.filter(({ msg }) => msg === 'waiting for the embedded PostgreSQL');
      assert.deepEqual(waited, [], 'it took no file of the dead server for its own');
      await service.kill();
    }
    await lab.open();
  });

  test('takes a process that nobody buries for gone', async (t) => {
    // The inner one ends as a child of a program that never asks for it.
    const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
    t.after(() => parent.kill('SIGKILL'));
    const zombie = Number((await once(parent.stdout, 'data'))[0]);
    await until('the zombie', () => !isAlive(zombie));
    assert.equal(process.kill(zombie, 0), true);
    assert.equal(await isRunning(zombie), false);
    assert.equal(await isRunning(process.pid), true);
  });

  test('is not held up by files that name a process of somebody else', async (t) => {
    const lab = await openLab(t);
    await lab.prepare();
    const first = await lab.open();
    const folder = join(lab.dataDir, 'postgresql');
    const pidFile = join(folder, 'data', 'postmaster.pid');
    const text = await readFile(pidFile, 'utf8');
    const socketLock = join(first.connection.host, '.s.PGSQL.5432.lock');
    const { host } = first.connection;
    await first.close();
    // As the user of the server: PostgreSQL itself does not mind the processes of others.
    const as = IS_ROOT ? { uid: NOBODY } : {};
    const stranger = spawn('sleep', ['60'], { ...as, stdio: 'ignore' });
    t.after(() => stranger.kill('SIGKILL'));
    const stale = text.replace(/^\d+/, String(stranger.pid));
    for (const files of [[pidFile], [pidFile, socketLock]]) {
      await mkdir(host, { mode: 0o700 });
      await giveToServer(host);
      for (const file of files) {
        await writeFile(file, stale);
        await giveToServer(file);
      }
      const server = await lab.open();
      assert.equal(server.origin, 'started');
      assert.equal(server.connection.host, host);
      assert.equal(isAlive(stranger.pid ?? 0), true);
      await server.close();
    }
  });

  test('begins anew after an initdb that was killed half way', async (t) => {
    const lab = await openLab(t);
    const folder = join(lab.dataDir, 'postgresql');
    const unfinished = () =>
      (existsSync(folder) ? readdirSync(folder) : []).filter((name) => name.startsWith('data.new-'));
    const isHalfWay = () => unfinished().some((name) => existsSync(join(folder, name, 'base', '1')));

    const opening = assert.rejects(lab.open(), /initdb was ended by SIGKILL/);
    await until('initdb to be half way', isHalfWay);
    for (const pid of processesNaming(folder)) process.kill(pid, 'SIGKILL');
    await opening;

    const service = await lab.service();
    const lost = assert.rejects(service.open(), /the service ended/);
    await until('initdb to be half way', isHalfWay);
    await service.kill();
    for (const pid of processesNaming(folder)) process.kill(pid, 'SIGKILL');
    await lost;
    assert.equal(unfinished().length, 1);

    const closing = new AbortController();
    const aborted = assert.rejects(lab.open({ signal: closing.signal }), /abort/i);
    await until('initdb to be half way', isHalfWay);
    closing.abort();
    await aborted;
    await until('initdb to end', () => processesNaming(folder).length === 0);

    assert.equal((await lab.open()).origin, 'started');
    assert.deepEqual(unfinished(), []);
  });

  test('gives up in time, with the reason, and leaves nothing running', async (t) => {
    const lab = await openLab(t);
    await lab.prepare();
    const recovery = join(lab.dataDir, 'postgresql', 'data', 'recovery.signal');
    await writeFile(recovery, '');
    await giveToServer(recovery);
    // A recovery that waits for an archive is a server that starts for ever.
    const starting = lab.open({ startTimeout: 1_000, settings: { restore_command: 'sleep 30' } });
    await assert.rejects(
      starting,
      /did not start: it was not ready in time \(starting\). LOG: .*database system was shut down/,
    );
    assert.deepEqual(processesNaming(lab.root), []);
    await rm(recovery);
    assert.equal((await lab.open()).origin, 'started');
  });

  test('sets a new password when its file is lost', async (t) => {
    const lab = await openLab(t);
    await lab.prepare();
    await rm(join(lab.dataDir, 'postgresql', 'data', 'tablecast.password'));
    assert.deepEqual(await query(await lab.open(), 'SELECT 1 AS one'), [{ one: 1 }]);
  });
});
