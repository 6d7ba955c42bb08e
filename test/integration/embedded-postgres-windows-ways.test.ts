// The ways of Windows, tried on another system: TCP on a loopback port, and pg_ctl instead of signals. What only
// Windows has itself (its pipes, its process list, its command line) is not shown here.

import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { isAlive, openLab, processesNaming, query, serverPid, until } from '../support/embedded-postgres-lab.ts';

const ways = { transport: 'tcp', control: 'pg_ctl' } as const;

describe('an embedded PostgreSQL with the ways of Windows', { timeout: 300_000 }, () => {
  test('is reached on a loopback port, with its password only', async (t) => {
    const lab = await openLab(t);
    await lab.prepare();
    const server = await lab.open({ ways });
    assert.equal(server.connection.host, '127.0.0.1');
    assert.deepEqual(await query(server, "SELECT current_setting('listen_addresses') AS at"), [{ at: '127.0.0.1' }]);
    const guessed = { connection: { ...server.connection, password: 'guessed' } };
    await assert.rejects(query(guessed, 'SELECT 1'), /password authentication failed/);
    const pid = await serverPid(join(lab.dataDir, 'postgresql'));
    await server.close();
    assert.equal(isAlive(pid), false);
    assert.deepEqual(processesNaming(lab.root), []);
  });

  test('is joined, adopted, and started again at the same port', async (t) => {
    const lab = await openLab(t);
    await lab.prepare();
    const service = await lab.service();
    const { connection } = await service.open({ ways });
    const joined = await lab.open({ ways });
    assert.equal(joined.origin, 'joined');
    await service.kill();
    process.kill(await serverPid(join(lab.dataDir, 'postgresql')), 'SIGKILL');
    await until('the server to be back', () => lab.log.some(({ msg }) => msg === 'the embedded PostgreSQL is back'));
    assert.deepEqual(joined.connection, connection);
    assert.deepEqual(await query(joined, 'SELECT 1 AS one'), [{ one: 1 }]);
    await joined.close();
    const orphaned = await lab.service();
    await orphaned.open({ ways });
    await orphaned.kill();
    assert.equal((await lab.open({ ways })).origin, 'adopted');
  });

  test('keeps its port over restarts, unless another program has taken it', async (t) => {
    const lab = await openLab(t);
    await lab.prepare();
    const first = await lab.open({ ways });
    await first.close();
    const second = await lab.open({ ways });
    assert.equal(second.connection.port, first.connection.port);
    await second.close();
    const other = createServer().listen(first.connection.port, '127.0.0.1');
    t.after(() => other.close());
    const third = await lab.open({ ways });
    assert.notEqual(third.connection.port, first.connection.port);
    assert.deepEqual(await query(third, 'SELECT 1 AS one'), [{ one: 1 }]);
  });

  test('says why it does not start', async (t) => {
    const lab = await openLab(t);
    await lab.prepare();
    const starting = lab.open({ ways, settings: { shared_buffer: '1GB' } });
    await assert.rejects(starting, /exited with 1.*unrecognized configuration parameter "shared_buffer"/);
  });
});
