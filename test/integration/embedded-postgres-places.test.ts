// Where the embedded PostgreSQL may live: users, permissions, installations and folders of every kind.

import assert from 'node:assert/strict';
import { existsSync, lstatSync, readdirSync, statSync } from 'node:fs';
import { chmod, chown, cp, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { IS_ROOT, type Lab, NOBODY, openLab, query, serverPid } from '../support/embedded-postgres-lab.ts';

const limit = { timeout: 300_000 };
const rootOnly = { skip: IS_ROOT ? false : 'needs root, to become other users' };

const PACKAGE = `@embedded-postgres/${process.platform}-${process.arch}`;
const INSTALLED = dirname(dirname(createRequire(import.meta.url).resolve(PACKAGE)));

/** A copy of the platform package as an installation without scripts leaves it: no library links. */
async function installWithoutScripts(folder: string): Promise<string> {
  const isNoLink = (path: string) => !lstatSync(path).isSymbolicLink();
  await cp(INSTALLED, folder, { recursive: true, filter: isNoLink });
  return folder;
}

const linksIn = (folder: string) =>
  readdirSync(join(folder, 'native', 'lib')).filter((name) =>
    lstatSync(join(folder, 'native', 'lib', name)).isSymbolicLink(),
  );

const copiesIn = (folder: string) =>
  (existsSync(folder) ? readdirSync(folder) : []).filter((name) => name.startsWith('postgresql-18'));

/** A folder that only its owner may enter. */
async function lock(lab: Lab, name: string): Promise<string> {
  const folder = join(lab.root, name);
  await mkdir(folder);
  await chmod(folder, 0o700);
  return folder;
}

describe('users', limit, () => {
  test('root runs the server as nobody', rootOnly, async (t) => {
    const lab = await openLab(t);
    await lab.prepare();
    await lab.open();
    const pid = await serverPid(join(lab.dataDir, 'postgresql'));
    assert.equal(statSync(`/proc/${pid}`).uid, NOBODY);
    assert.equal(statSync(join(lab.dataDir, 'postgresql', 'data')).uid, NOBODY);
    assert.equal(statSync(join(lab.dataDir, 'postgresql')).uid, 0);
    assert.equal(statSync(join(lab.dataDir, 'postgresql')).mode & 0o777, 0o711);
  });

  test('another user runs it as himself, and root later does so as well', rootOnly, async (t) => {
    const lab = await openLab(t);
    const uid = 1;
    const service = await lab.service({ uid });
    const { origin } = await service.open();
    assert.equal(origin, 'started');
    const folder = join(lab.dataDir, 'postgresql');
    assert.equal(statSync(`/proc/${await serverPid(folder)}`).uid, uid);
    assert.equal((await lab.open()).origin, 'joined');
    await service.query('CREATE TABLE note AS SELECT 1 AS id');
    await service.kill();
    process.kill(await serverPid(folder), 'SIGKILL');
    const server = await lab.open();
    assert.equal(statSync(`/proc/${await serverPid(folder)}`).uid, uid);
    assert.deepEqual(await query(server, 'SELECT id FROM note'), [{ id: 1 }]);
  });

  test("a user is told when the database is someone else's", rootOnly, async (t) => {
    const lab = await openLab(t);
    await lab.prepare();
    await chown(join(lab.dataDir, 'postgresql'), 1, 1);
    await chmod(join(lab.dataDir, 'postgresql'), 0o777);
    await chmod(join(lab.dataDir, 'postgresql', 'data'), 0o755);
    const service = await lab.service({ uid: 1 });
    await assert.rejects(service.open(), /belongs to user id 65534, but would be served by user id 1.*chown -R 1 /);
  });

  test('a user without a name is told that initdb wants one', rootOnly, async (t) => {
    const lab = await openLab(t);
    const service = await lab.service({ uid: 45_678 });
    await assert.rejects(service.open(), /could not look up effective user ID 45678.*DATABASE_URL/s);
  });
});

describe('folders', limit, () => {
  test('root keeps the data elsewhere when nobody cannot reach the folder, and finds it again', rootOnly, async (t) => {
    const lab = await openLab(t);
    const locked = await lock(lab, 'home');
    const options = { dataDir: join(locked, 'app', 'data'), packageFolder: join(locked, 'package') };
    await cp(INSTALLED, options.packageFolder, { recursive: true, verbatimSymlinks: true });

    const first = await lab.open(options);
    await query(first, 'CREATE TABLE note AS SELECT 1 AS id');
    await first.close();
    const moved = lab.log.filter(({ msg }) => /is kept where|was copied/.test(String(msg)));
    assert.equal(moved.length, 2);
    const reachable = join(lab.root, 'reachable');
    assert.equal(
      moved[0]?.['used'],
      join(reachable, String(readdirSync(reachable).find((name) => !name.startsWith('p')))),
    );
    const [copy = ''] = copiesIn(reachable);
    const made = statSync(join(reachable, copy));
    assert.equal(existsSync(join(options.dataDir, 'postgresql')), false);

    await chmod(locked, 0o755);
    const second = await lab.open(options);
    assert.deepEqual(await query(second, 'SELECT id FROM note'), [{ id: 1 }]);
    await second.close();
    await chmod(locked, 0o700);
    const third = await lab.open(options);
    assert.deepEqual(await query(third, 'SELECT id FROM note'), [{ id: 1 }]);
    assert.deepEqual(copiesIn(reachable), [copy]);
    assert.equal(statSync(join(reachable, copy)).ctimeMs, made.ctimeMs, 'copied once');
  });

  test('root is told, and gets no empty database, when the existing one got out of reach', rootOnly, async (t) => {
    const lab = await openLab(t);
    await lab.prepare();
    await chmod(join(lab.root, 'app'), 0o700);
    await assert.rejects(lab.open(), /cannot be reached by its owner, nobody.*chmod o\+x/s);
  });

  test('a strict umask hides nothing from the server', rootOnly, async (t) => {
    const lab = await openLab(t);
    await mkdir(lab.dataDir);
    const locked = await lock(lab, 'home');
    const packageFolder = join(locked, 'package');
    await cp(INSTALLED, packageFolder, { recursive: true, verbatimSymlinks: true });
    const service = await lab.service();
    const { origin } = await service.open({ umask: 0o077, packageFolder });
    assert.equal(origin, 'started');
    assert.deepEqual(copiesIn(join(lab.root, 'reachable')).length, 1);
    await service.close();
  });

  test('one that cannot be written in is named', async (t) => {
    const lab = await openLab(t);
    const file = join(lab.root, 'file');
    await writeFile(file, '');
    await assert.rejects(lab.open({ dataDir: join(file, 'data') }), /file\/data.* \(ENOTDIR\).*TABLECAST_DATA_DIR/s);
    if (!IS_ROOT) return;
    await mkdir(lab.dataDir);
    const service = await lab.service({ uid: 1 });
    await assert.rejects(service.open(), /app\/data\/postgresql.* \(EACCES\).*TABLECAST_DATA_DIR/s);
  });

  test('one with other files in the place of the database is left alone', async (t) => {
    const lab = await openLab(t);
    const data = join(lab.dataDir, 'postgresql', 'data');
    await mkdir(data, { recursive: true });
    await writeFile(join(data, 'letter.txt'), 'dear');
    if (IS_ROOT) await giveAll(data);
    await assert.rejects(lab.open(), /holds files, but no database/);
    assert.deepEqual(readdirSync(data), ['letter.txt']);
    await rm(join(data, 'letter.txt'));
    assert.equal((await lab.open()).origin, 'started', 'an empty one is as good as none');
  });

  test('a database of another major version is left alone', async (t) => {
    const lab = await openLab(t);
    await lab.prepare();
    await writeFile(join(lab.dataDir, 'postgresql', 'data', 'PG_VERSION'), '17\n');
    await assert.rejects(
      lab.open(),
      /is of PostgreSQL 17; this version of the service runs PostgreSQL 18.*DATABASE_URL/s,
    );
  });

  test('a copy of a running folder gets an address of its own', async (t) => {
    const lab = await openLab(t);
    await lab.prepare();
    const original = await lab.open();
    await query(original, 'CHECKPOINT').catch(() => undefined);
    const dataDir = join(lab.root, 'app', 'copy');
    await original.close();
    await cp(lab.dataDir, dataDir, { recursive: true });
    if (IS_ROOT) await giveAll(join(dataDir, 'postgresql', 'data'));
    const again = await lab.open();
    const copy = await lab.open({ dataDir });
    assert.equal(again.connection.host, original.connection.host);
    assert.notEqual(copy.connection.host, again.connection.host);
    assert.equal(copy.origin, 'started');
  });
});

describe("the socket's folder", limit, () => {
  test('is another one when somebody else made one of that name', async (t) => {
    const lab = await openLab(t);
    await lab.prepare();
    const first = await lab.open();
    await first.close();
    await rm(join(lab.dataDir, 'postgresql', 'data', 'postgresql.auto.conf'));
    await mkdir(join(lab.root, 'trap'));
    await symlink(join(lab.root, 'trap'), first.connection.host);
    const second = await lab.open();
    assert.notEqual(second.connection.host, first.connection.host);
    assert.ok(second.connection.host.startsWith(`${first.connection.host}-`));
    await second.close();
    assert.equal((await lab.open()).connection.host, second.connection.host, 'and stays that one');
    assert.deepEqual(readdirSync(join(lab.root, 'trap')), []);
  });

  test('must have a short path, and may not be hidden in a list', async (t) => {
    const lab = await openLab(t);
    await lab.prepare();
    const long = join(lab.root, 'x'.repeat(90));
    const list = join(lab.root, 'a,b');
    await mkdir(long);
    await mkdir(list);
    const server = await lab.open({ socketFolders: [long, list, lab.sockets] });
    assert.equal(dirname(server.connection.host), lab.sockets);
    await server.close();
    const dataDir = join(lab.root, 'app', 'other');
    await rename(lab.dataDir, dataDir);
    await rm(join(dataDir, 'postgresql', 'data', 'postgresql.auto.conf'));
    await assert.rejects(lab.open({ dataDir, socketFolders: [long] }), /No folder for .* socket.*TMPDIR/s);
  });
});

describe('installations', limit, () => {
  test('without scripts are completed where they lie', async (t) => {
    const lab = await openLab(t);
    await lab.prepare();
    const packageFolder = await installWithoutScripts(join(lab.root, 'package'));
    assert.deepEqual(linksIn(packageFolder), []);
    const server = await lab.open({ packageFolder });
    await query(server, 'SELECT \'ä\' COLLATE "und-x-icu"');
    assert.deepEqual(linksIn(packageFolder), linksIn(INSTALLED));
    assert.deepEqual(copiesIn(join(lab.dataDir, 'postgresql')), []);
  });

  test('without scripts that are read-only are copied', rootOnly, async (t) => {
    const lab = await openLab(t);
    const packageFolder = await installWithoutScripts(join(lab.root, 'package'));
    for (let round = 0; round < 2; round++) {
      const service = await lab.service({ uid: 1 });
      await service.open({ packageFolder });
      await service.close();
      const copied = service.log.filter(({ msg }) => /was copied/.test(String(msg)));
      assert.equal(copied.length, round === 0 ? 1 : 0);
    }
    assert.deepEqual(linksIn(packageFolder), []);
    assert.equal(copiesIn(join(lab.dataDir, 'postgresql')).length, 1);
  });

  test('that cannot run say why', async (t) => {
    const lab = await openLab(t);
    await lab.prepare();
    const packageFolder = join(lab.root, 'package');
    await cp(INSTALLED, packageFolder, { recursive: true, verbatimSymlinks: true });
    await rm(join(packageFolder, 'native', 'lib', 'libicuuc.so.60.2'));
    await assert.rejects(lab.open({ packageFolder }), /did not start: it exited with 127.*libicuuc/);
    await writeFile(join(packageFolder, 'native', 'bin', 'postgres'), '#!/no/such/loader\n');
    await assert.rejects(lab.open({ packageFolder }), /postgres cannot be run here .*ENOENT.*glibc/);
    await assert.rejects(lab.open({ packageFolder: join(lab.root, 'none') }), /cannot be opened: ENOENT.*DATABASE_URL/);
  });
});

async function giveAll(folder: string): Promise<void> {
  await chown(folder, NOBODY, NOBODY);
  for (const entry of readdirSync(folder, { recursive: true }))
    await chown(join(folder, String(entry)), NOBODY, NOBODY);
}
