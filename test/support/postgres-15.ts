// A plain PostgreSQL 15 from the machine's own packages, where there is one: the oldest that the service takes.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Its programs. */
export const BIN = '/usr/lib/postgresql/15/bin';

/** Why tests of it are skipped; false where it is installed. */
export const skipped = existsSync(join(BIN, 'initdb')) ? false : 'no PostgreSQL 15';

export interface Postgres15 {
  /** Of its database `postgres`, as its superuser. */
  readonly url: string;
  close(): Promise<void>;
}

/** Starts a cluster of its own, whose databases are SQL_ASCII unless they are made otherwise, as `initdb` without a locale does. */
export async function openPostgres15(): Promise<Postgres15> {
  const folder = mkdtempSync(join(tmpdir(), 'tablecast-15-'));
  const data = join(folder, 'data');
  mkdirSync(data);
  // PostgreSQL refuses to be root.
  const user = process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {};
  for (const path of [folder, data]) if (user.uid !== undefined) chownSync(path, user.uid, user.gid);
  const close = () => rmSync(folder, { recursive: true, force: true });
  try {
    const as = { ...user, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] as ['ignore', 'ignore', 'pipe'] };
    execFileSync(join(BIN, 'initdb'), ['-D', data, '-U', 'tablecast', '--auth=trust', '--locale=C', '--no-sync'], as);
    const settings = ['fsync=off', 'listen_addresses=', `unix_socket_directories=${folder}`];
    const server = spawn(join(BIN, 'postgres'), ['-D', data, ...settings.flatMap((setting) => ['-c', setting])], as);
    await new Promise<void>((resolve, reject) => {
      const said: string[] = [];
      createInterface(server.stderr).on('line', (line) => {
        said.push(line);
        if (line.includes('ready to accept connections')) resolve();
      });
      server.once('exit', () => reject(new Error(said.join('\n'))));
    });
    return {
      url: `postgres://tablecast@localhost/postgres?host=${encodeURIComponent(folder)}`,
      async close() {
        const ended = once(server, 'exit');
        server.kill('SIGINT');
        await ended;
        close();
      },
    };
  } catch (error) {
    close();
    throw error;
  }
}

function idOf(which: '-u' | '-g'): number {
  return Number(execFileSync('id', [which, 'nobody'], { encoding: 'utf8' }));
}
