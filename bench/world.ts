// What is asked in all cases: the world of `tablecast sample world`, in a PostgreSQL of its own that all servers share and
// reach by the same socket.

import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { openLog } from '../src/platform/log.ts';
import { openEmbeddedPostgres } from '../src/stores/embedded-postgres/open-embedded-postgres.ts';

const COMMAND = resolve(import.meta.dirname, '..', 'bin', 'tablecast.mjs');
/** Kept from run to run: loading it takes longer than all cases. */
const FOLDER = join(tmpdir(), 'tablecast-bench');

export interface World {
  /** The folder of the app. */
  readonly app: string;
  /** Of the database, for all servers alike. */
  readonly url: string;
  /** In words: how the servers reach it. */
  readonly transport: string;
  close(): Promise<void>;
}

/** Makes the world, where it is not there yet, and starts its PostgreSQL. Whoever opened it closes it. */
export async function openWorld(): Promise<World> {
  await mkdir(FOLDER, { recursive: true });
  const app = join(FOLDER, 'world');
  const { DATABASE_URL: _, ...env } = process.env;
  await promisify(execFile)(process.execPath, [COMMAND, 'sample', 'world', app], { env });
  const log = openLog({ level: 'warn', readable: true });
  const server = await openEmbeddedPostgres({ dataDir: join(app, '.tablecast'), log });
  const { host, port, user, password, database } = server.connection;
  const credentials = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  const onSocket = host.startsWith('/');
  const place = onSocket
    ? `localhost:${port}/${database}?host=${encodeURIComponent(host)}`
    : `${host}:${port}/${database}`;
  return {
    app,
    url: `postgres://${credentials}@${place}`,
    transport: onSocket ? 'Unix socket' : 'TCP',
    close: () => server.close(),
  };
}
