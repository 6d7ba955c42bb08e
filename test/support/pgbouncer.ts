// A connection pooler from the machine's own packages, where there is one: it lends a session of the server to each
// transaction, and knows nothing of prepared statements.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const PROGRAM = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer', '/opt/homebrew/bin/pgbouncer'].find(existsSync);
/** Only a name: it listens on a socket in its folder. */
const PORT = 6432;

/** Why tests of it are skipped; false where it is installed. */
export const skipped = PROGRAM === undefined ? 'no pgbouncer' : false;

export interface Pgbouncer {
  /** A database of the server, through the pooler. */
  url(databaseUrl: string): string;
  close(): Promise<void>;
}

/** Starts it before the server of a URL, with two sessions for each database. `settings` are lines of its file. */
export async function openPgbouncer(serverUrl: string, settings: readonly string[] = []): Promise<Pgbouncer> {
  if (PROGRAM === undefined) throw new Error('pgbouncer is not installed');
  const folder = mkdtempSync(join(tmpdir(), 'tablecast-pooler-'));
  const file = join(folder, 'pgbouncer.ini');
  writeFileSync(file, configuration(folder, new URL(serverUrl), settings));
  // It refuses to be root.
  const user = process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {};
  for (const path of [folder, file]) if (user.uid !== undefined) chownSync(path, user.uid, user.gid);
  const pooler = spawn(PROGRAM, [file], { ...user, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(pooler, 'exit');
  await new Promise<void>((resolve, reject) => {
    const said: string[] = [];
    createInterface(pooler.stderr).on('line', (line) => {
      said.push(line);
      if (line.includes('process up')) resolve();
    });
    pooler.once('exit', () => reject(new Error(said.join('\n'))));
  });
  return {
    url: (databaseUrl) =>
      `postgres://anyone@localhost:${PORT}${new URL(databaseUrl).pathname}?host=${encodeURIComponent(folder)}`,
    async close() {
      pooler.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function configuration(
  folder: string,
  { username, password, hostname, port, searchParams }: URL,
  settings: readonly string[],
): string {
  const server = {
    host: searchParams.get('host') ?? hostname,
    port: port || '5432',
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
  };
  const [major = 0, minor = 0] = versionOf(PROGRAM ?? '');
  return [
    '[databases]',
    `* = ${Object.entries(server)
      .map(([name, value]) => `${name}=${value}`)
      .join(' ')}`,
    '[pgbouncer]',
    'listen_addr =',
    `listen_port = ${PORT}`,
    `unix_socket_dir = ${folder}`,
    'auth_type = any',
    'pool_mode = transaction',
    'default_pool_size = 2',
    // Since 1.21 it can follow names from one session to the next.
    ...(major > 1 || minor >= 21 ? ['max_prepared_statements = 0'] : []),
    ...settings,
    '',
  ].join('\n');
}

function versionOf(program: string): number[] {
  const [, version = ''] = /PgBouncer (\S+)/.exec(execFileSync(program, ['--version'], { encoding: 'utf8' })) ?? [];
  return version.split('.').map(Number);
}

function idOf(which: '-u' | '-g'): number {
  return Number(execFileSync('id', [which, 'nobody'], { encoding: 'utf8' }));
}
