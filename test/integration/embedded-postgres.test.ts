// The embedded PostgreSQL by itself: what a service gets, how it is protected, and that nothing of it stays.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { appendFile, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import pg from 'pg';
import { boundLog, reasonIn } from '../../src/stores/embedded-postgres/server-log.ts';
import {
  IS_ROOT,
  isAlive,
  NOBODY,
  openLab,
  processesNaming,
  query,
  serverPid,
} from '../support/embedded-postgres-lab.ts';

const limit = { timeout: 300_000 };

describe('a new embedded PostgreSQL', limit, () => {
  test('is UTF-8 without any locale in the environment, and leaves nothing behind', async (t) => {
    const lab = await openLab(t);
    const folder = join(lab.dataDir, 'postgresql');
    const service = await lab.service({ env: { PATH: process.env['PATH'] } });
    const { connection, origin } = await service.open();
    assert.equal(origin, 'started');
    const [row] = await service.query(`
      SELECT current_setting('server_version_num')::int / 10000 AS major, pg_encoding_to_char(encoding) AS encoding,
             datlocprovider AS provider, datlocale AS locale, datcollate AS collate, current_database() AS name,
             pg_get_userbyid(datdba) AS owner, upper('ä') AS folded
      FROM pg_database WHERE datname = current_database()`);
    assert.deepEqual(row, {
      major: 18,
      encoding: 'UTF8',
      provider: 'b',
      locale: 'C.UTF-8',
      collate: 'C',
      name: 'tablecast',
      owner: 'tablecast',
      folded: 'Ä',
    });
    const pid = await serverPid(folder);

    await service.close();
    assert.equal(isAlive(pid), false);
    assert.equal(existsSync(connection.host), false, 'the folder of the socket is gone');
    assert.deepEqual(readdirSync(folder).sort(), ['data', 'server.log']);
    assert.equal(await service.leave(), 0, 'no timer, socket or child keeps the process');
  });
});

describe('an embedded PostgreSQL', limit, () => {
  test('opens again with its data, and closes as often as it is asked', async (t) => {
    const lab = await openLab(t);
    await lab.prepare();
    const first = await lab.open();
    await query(first, 'CREATE TABLE note AS SELECT 1 AS id');
    await Promise.all([first.close(), first.close()]);
    await first.close();
    const second = await lab.open();
    assert.equal(second.origin, 'started');
    assert.deepEqual(second.connection, first.connection);
    assert.deepEqual(await query(second, 'SELECT id FROM note'), [{ id: 1 }]);
  });

  test('gives its service a role that owns the database and nothing else', async (t) => {
    const lab = await openLab(t);
    await lab.prepare();
    const server = await lab.open();
    assert.deepEqual(
      await query(
        server,
        'SELECT rolname, rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolcanlogin ORDER BY 1',
      ),
      [
        { rolname: 'postgres', rolsuper: true, rolcreatedb: true, rolcreaterole: true },
        { rolname: 'tablecast', rolsuper: false, rolcreatedb: true, rolcreaterole: false },
      ],
    );
    await assert.rejects(query(server, "COPY (SELECT 1) TO PROGRAM 'true'"), /permission denied/);
    await query(server, 'CREATE TABLE ours (id int)');
    await query(server, 'CREATE EXTENSION pg_trgm');
  });

  test('lets in nobody without the password, and no superuser at all', async (t) => {
    const lab = await openLab(t);
    await lab.prepare();
    const { connection } = await lab.open();
    const cases = [
      { with: { password: 'guessed' }, error: /password authentication failed/ },
      { with: { user: 'postgres', database: 'postgres' }, error: /no pg_hba.conf entry/ },
      { with: { user: 'nobody' }, error: /no pg_hba.conf entry/ },
    ];
    for (const { with: other, error } of cases) {
      const client = new pg.Client({ ...connection, ...other });
      await assert.rejects(client.connect(), error);
    }
    const server = IS_ROOT ? NOBODY : process.getuid?.();
    const data = join(lab.dataDir, 'postgresql', 'data');
    for (const [path, mode] of [
      [connection.host, 0o700],
      [data, 0o700],
      [join(data, 'tablecast.password'), 0o600],
    ] as const) {
      const found = statSync(path);
      assert.deepEqual({ path, mode: found.mode & 0o777, uid: found.uid }, { path, mode, uid: server });
    }
    assert.equal(statSync(join(connection.host, '.s.PGSQL.5432')).mode & 0o777, 0o700);
  });

  test('is durable by default, takes settings, and keeps its address to itself', async (t) => {
    const lab = await openLab(t);
    await lab.prepare();
    const settings = { work_mem: '7MB', listen_addresses: '*', port: '1', search_path: `"a ' b", public` };
    const server = await lab.open({ settings });
    const [row] = await query(
      server,
      `SELECT ${[
        'fsync',
        'synchronous_commit',
        'jit',
        'timezone',
        'work_mem',
        'listen_addresses',
        'port',
        'search_path',
      ]
        .map((name) => `current_setting('${name}') AS ${name}`)
        .join(', ')}`,
    );
    assert.deepEqual(row, {
      fsync: 'on',
      synchronous_commit: 'on',
      jit: 'off',
      timezone: 'UTC',
      work_mem: '7MB',
      listen_addresses: '',
      port: '5432',
      search_path: `"a ' b", public`,
    });
  });

  test('says which setting it does not take', async (t) => {
    const lab = await openLab(t);
    await lab.prepare();
    const cases = [
      { settings: { shared_buffer: '1GB' }, error: /unrecognized configuration parameter "shared_buffer"/ },
      { settings: { work_mem: 'lots' }, error: /invalid value for parameter "work_mem": "lots"/ },
      { settings: { 'fsync = off\n#': '' }, error: /cannot be the name of a PostgreSQL setting/ },
    ];
    for (const { settings, error } of cases) {
      await assert.rejects(lab.open({ settings }), (thrown: Error) => {
        assert.equal(thrown.name, 'EmbeddedPostgresError');
        assert.match(thrown.message, error);
        return true;
      });
    }
    assert.deepEqual(
      readdirSync(join(lab.dataDir, 'postgresql')).filter((name) => name.includes('start-')),
      [],
    );
    assert.equal((await lab.open()).origin, 'started');
  });

  test('survives a Ctrl-C that reaches the whole group of the service', async (t) => {
    const lab = await openLab(t);
    await lab.prepare();
    const service = await lab.service({ detached: true });
    await service.open();
    const pid = await serverPid(join(lab.dataDir, 'postgresql'));
    process.kill(-service.pid, 'SIGINT');
    assert.deepEqual(await service.query('SELECT pg_postmaster_start_time() < clock_timestamp() AS up'), [
      { up: true },
    ]);
    assert.equal(await serverPid(join(lab.dataDir, 'postgresql')), pid);
    await service.close();
    assert.equal(isAlive(pid), false);
  });

  test('ends with an immediate shutdown when an orderly one takes too long', async (t) => {
    const lab = await openLab(t);
    await lab.prepare();
    const server = await lab.open({ stopTimeout: 200 });
    const pid = await serverPid(join(lab.dataDir, 'postgresql'));
    const [{ cluster_name: cluster } = {}] = await query(server, 'SHOW cluster_name');
    const [checkpointer = 0] = processesNaming(`postgres: ${cluster}: checkpointer`);
    process.kill(checkpointer, 'SIGSTOP');
    await server.close();
    assert.equal(isAlive(pid), false);
    assert.equal(isAlive(checkpointer), false);
    assert.equal(existsSync(server.connection.host), false);
    assert.ok(lab.log.some(({ msg }) => msg === 'PostgreSQL does not end: stopping it without a checkpoint'));
  });

  test('gives up waiting when nobody needs it any more', async (t) => {
    const lab = await openLab(t);
    await lab.prepare();
    const closing = new AbortController();
    const opening = lab.open({ signal: closing.signal });
    closing.abort();
    await assert.rejects(opening, /abort/i);
  });
});

describe("the server's log", limit, () => {
  test('holds errors but no statements, and keeps the one of the previous start', async (t) => {
    const lab = await openLab(t);
    await lab.prepare();
    const folder = join(lab.dataDir, 'postgresql');
    const first = await lab.open();
    await assert.rejects(query(first, "SELECT 'secret' / 0"));
    await assert.rejects(query(first, 'SELECT 1 / 0'), /division by zero/);
    await first.close();
    await lab.open();
    const previous = await readFile(join(folder, 'server.log.1'), 'utf8');
    assert.match(previous, /ERROR: {2}division by zero/);
    assert.doesNotMatch(previous, /STATEMENT|SELECT/);
    assert.doesNotMatch(await readFile(join(folder, 'server.log'), 'utf8'), /division/);
  });

  test('is emptied when it grows too long, and the server writes on', async (t) => {
    const lab = await openLab(t);
    await lab.prepare();
    const server = await lab.open();
    const folder = join(lab.dataDir, 'postgresql');
    const path = join(folder, 'server.log');
    await appendFile(path, 'x'.repeat(10_000));
    await boundLog(folder, 100_000);
    assert.ok((await stat(path)).size > 10_000);
    await boundLog(folder, 5_000);
    assert.equal((await stat(path)).size, 0);
    await assert.rejects(query(server, 'SELECT 1 / 0'));
    const text = await readFile(path, 'utf8');
    assert.match(text, /^2.*division by zero/);
  });

  test('gives the reason of a failure', () => {
    const cases: [string, string][] = [
      [
        '2026-01-01 00:00:00.000 UTC [7] LOG:  starting PostgreSQL\n2026-01-01 [7] FATAL:  no\n2026-01-01 [7] HINT:  do\n',
        'FATAL: no; HINT: do',
      ],
      [
        '[7] LOG:  could not bind Unix address "x": Address in use\n',
        'LOG: could not bind Unix address "x": Address in use',
      ],
      [
        'initdb: error: could not create directory "x": Permission denied\n',
        'ERROR: could not create directory "x": Permission denied',
      ],
      [
        'postgres: libicuuc.so.60: cannot open shared object file\n',
        'postgres: libicuuc.so.60: cannot open shared object file',
      ],
      ['', ''],
    ];
    for (const [output, reason] of cases) assert.equal(reasonIn(output), reason);
  });
});
