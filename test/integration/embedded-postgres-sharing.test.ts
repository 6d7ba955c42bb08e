// Several services on one data folder: one server among them, for as long as one of them lives, and no longer.

import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { isAlive, openLab, processesNaming, query, serverPid, until } from '../support/embedded-postgres-lab.ts';

const limit = { timeout: 300_000 };

describe('services on one folder', limit, () => {
  test('that start at the same moment on a new folder share one new database', async (t) => {
    const lab = await openLab(t);
    const services = await Promise.all([lab.service(), lab.service()]);
    const opened = await Promise.all([...services.map((service) => service.open()), lab.open(), lab.open()]);
    assert.deepEqual(opened.map(({ origin }) => origin).sort(), ['joined', 'joined', 'joined', 'started']);
    for (const { connection } of opened) assert.deepEqual(connection, opened[0]?.connection);
    assert.deepEqual(readdirSync(join(lab.dataDir, 'postgresql')).sort(), ['data', 'server.log']);
  });

  test('keep the server until the last one is closed, in whatever order', async (t) => {
    const lab = await openLab(t);
    await lab.prepare();
    const folder = join(lab.dataDir, 'postgresql');
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
    ]) {
      const servers = [await lab.open(), await lab.open(), await lab.open()];
      const pid = await serverPid(folder);
      assert.deepEqual(
        servers.map(({ origin }) => origin),
        ['started', 'joined', 'joined'],
      );
      for (const [i, which] of order.entries()) {
        await servers[which]?.close();
        assert.equal(isAlive(pid), i < 2);
        const next = servers[order[i + 1] ?? -1];
        if (next) assert.deepEqual(await query(next, 'SELECT 1 AS one'), [{ one: 1 }]);
      }
    }
  });

  test('that close at the same moment still stop it', async (t) => {
    const lab = await openLab(t);
    await lab.prepare();
    for (let round = 0; round < 5; round++) {
      const servers = await Promise.all([lab.open(), lab.open(), lab.open()]);
      const pid = await serverPid(join(lab.dataDir, 'postgresql'));
      await Promise.all(servers.map((server) => server.close()));
      assert.equal(isAlive(pid), false);
    }
  });

  test('find a server that works when one opens while the last other one closes', async (t) => {
    const lab = await openLab(t);
    await lab.prepare();
    let server = await lab.open();
    for (let round = 0; round < 8; round++) {
      const closing = server.close();
      server = await lab.open();
      await closing;
      assert.deepEqual(await query(server, 'SELECT 1 AS one'), [{ one: 1 }]);
    }
  });

  test('do not keep the server for one that crashed', async (t) => {
    const lab = await openLab(t);
    await lab.prepare();
    for (const crashes of ['the one that started it', 'the one that joined it']) {
      const [first, second] = [await lab.service(), await lab.service()];
      assert.equal((await first.open()).origin, 'started');
      assert.equal((await second.open()).origin, 'joined');
      const pid = await serverPid(join(lab.dataDir, 'postgresql'));
      const [crashing, living] = crashes === 'the one that started it' ? [first, second] : [second, first];
      await crashing.kill();
      assert.deepEqual(await living.query('SELECT 1 AS one'), [{ one: 1 }]);
      assert.equal(isAlive(pid), true);
      await living.close();
      assert.equal(isAlive(pid), false, crashes);
    }
  });

  test('let the settings of the first stand, and say so', async (t) => {
    const lab = await openLab(t);
    await lab.prepare();
    const first = await lab.open({ settings: { work_mem: '7MB' } });
    const second = await lab.open({ settings: { work_mem: '8MB' } });
    assert.deepEqual([first.origin, second.origin], ['started', 'joined']);
    assert.deepEqual(await query(second, 'SHOW work_mem'), [{ work_mem: '7MB' }]);
    assert.match(String(lab.log.find(({ level }) => level === 'warn')?.['msg']), /other settings/);
  });

  test('stay registered when the server drops their connections', async (t) => {
    const lab = await openLab(t);
    await lab.prepare();
    const [first, second] = [await lab.open(), await lab.open()];
    const pid = await serverPid(join(lab.dataDir, 'postgresql'));
    const terminate =
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tablecast presence'";
    assert.equal((await query(first, terminate)).length, 2);
    const isBack = () => lab.log.filter(({ msg }) => msg === 'the embedded PostgreSQL is back').length === 2;
    await until('both services to register again', isBack);
    await second.close();
    assert.equal(isAlive(pid), true);
    await first.close();
    assert.equal(isAlive(pid), false);
  });
});

describe('the server of a service that was killed', limit, () => {
  test('is adopted as it is, and stopped by its new owner', async (t) => {
    const lab = await openLab(t);
    await lab.prepare();
    const service = await lab.service();
    const settings = { work_mem: '7MB' };
    const { connection } = await service.open({ settings });
    await service.query('CREATE TABLE note AS SELECT 1 AS id');
    const pid = await serverPid(join(lab.dataDir, 'postgresql'));
    await service.kill();
    assert.equal(isAlive(pid), true, 'it outlives its service');

    const heir = await lab.open({ settings });
    assert.equal(heir.origin, 'adopted');
    assert.deepEqual(heir.connection, connection);
    assert.equal(await serverPid(join(lab.dataDir, 'postgresql')), pid);
    assert.deepEqual(await query(heir, 'SELECT id, current_setting($$work_mem$$) AS mem FROM note'), [
      { id: 1, mem: '7MB' },
    ]);
    assert.equal((await lab.open({ settings })).origin, 'joined', 'an adopted server can be joined');
  });

  test('is started again when it cannot be used as it is', async (t) => {
    const lab = await openLab(t);
    await lab.prepare();
    const cases: { name: string; settings: Record<string, string>; spoil?: (host: string) => Promise<void> }[] = [
      { name: 'other settings', settings: { work_mem: '8MB' } },
      { name: 'its socket was cleaned away', settings: {}, spoil: (host) => rm(host, { recursive: true }) },
    ];
    for (const { name, settings, spoil } of cases) {
      const service = await lab.service();
      const { connection } = await service.open();
      await service.query(`CREATE TABLE "${name}" AS SELECT 1 AS id`);
      const pid = await serverPid(join(lab.dataDir, 'postgresql'));
      await service.kill();
      await spoil?.(connection.host);

      const heir = await lab.open({ settings });
      assert.equal(heir.origin, 'started', name);
      assert.equal(isAlive(pid), false);
      assert.deepEqual(heir.connection, connection);
      assert.deepEqual(await query(heir, `SELECT id FROM "${name}"`), [{ id: 1 }]);
      await heir.close();
    }
  });

  test('is adopted by one of several that come at once', async (t) => {
    const lab = await openLab(t);
    await lab.prepare();
    const service = await lab.service();
    await service.open();
    const pid = await serverPid(join(lab.dataDir, 'postgresql'));
    await service.kill();
    const heirs = await Promise.all([lab.open(), lab.open(), lab.open()]);
    assert.deepEqual(heirs.map(({ origin }) => origin).sort(), ['adopted', 'joined', 'joined']);
    await Promise.all(heirs.map((heir) => heir.close()));
    assert.equal(isAlive(pid), false);
    assert.deepEqual(processesNaming(lab.root), []);
    assert.equal(existsSync(heirs[0]?.connection.host ?? ''), false);
  });
});
