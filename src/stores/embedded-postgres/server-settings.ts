// The settings that the server runs with, as a file in its data folder: written before each start, and afterwards the
// record of what the running server (or the last one) was started with, its address included. The file is the one that
// ALTER SYSTEM would write, which takes a superuser, and none can sign in.

import { randomBytes } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres-error.ts';
import type { ServerUser } from './server-user.ts';

/** Where the server listens: a folder for its socket, or an address. The port also names the socket file. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export type Settings = Readonly<Record<string, string>>;

export const SETTINGS_FILE = 'postgresql.auto.conf';

/** Durable, and modest enough for a laptop or a small container. A caller's own settings go over these. */
const DEFAULT_SETTINGS: Settings = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  shared_buffers: '128MB',
  max_connections: '100',
  jit: 'off',
  // The role and the schema of the service's own objects have one name, and "$user" would put a person's tables there.
  search_path: 'public',
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
  log_line_prefix: '%m [%p] ',
  log_min_messages: 'warning',
  log_checkpoints: 'off',
  // Statements carry people's data, and setting a password is one: they stay out of the log.
  log_min_error_statement: 'panic',
};

/** The whole text of the file. Equal texts mean servers that behave alike. */
export function renderSettings(settings: Settings, endpoint: Endpoint, clusterName: string): string {
  const onSocket = isSocket(endpoint);
  const all: Settings = {
    ...DEFAULT_SETTINGS,
    ...settings,
    cluster_name: clusterName,
    listen_addresses: onSocket ? '' : endpoint.host,
    port: String(endpoint.port),
    unix_socket_directories: onSocket ? endpoint.host : '',
    unix_socket_permissions: '0700',
  };
  const lines = Object.keys(all)
    .sort()
    .map((name) => `${checkedName(name)} = '${quoted(all[name] ?? '')}'\n`);
  return `# Written by the service before each start of this server. Changes made here do not last.\n${lines.join('')}`;
}

/** True when clients reach the server through a socket file in the folder `host`. */
export function isSocket(endpoint: Endpoint): boolean {
  return endpoint.host.startsWith('/');
}

/** The text that the server of the folder `data` was last started with; empty when it never was. */
export function readSettings(data: string): Promise<string> {
  return readFile(join(data, SETTINGS_FILE), 'utf8').catch(() => '');
}

/** The address in the text of a settings file. */
export function endpointIn(text: string): Endpoint | undefined {
  const settingOf = (name: string) => new RegExp(`^${name} = '(.*)'$`, 'm').exec(text)?.[1];
  const host = settingOf('unix_socket_directories') || settingOf('listen_addresses');
  const port = Number(settingOf('port'));
  return host && port ? { host, port } : undefined;
}

/**
 * Puts a file of the server's into its data folder, readable by its user alone, durably and all at once. The folder
 * belongs to another user when we are root, so nothing that lies there under that name is ever opened.
 */
export async function writeServerFile(data: string, name: string, text: string, user: ServerUser | undefined) {
  const path = join(data, name);
  const unfinished = `${path}.${randomBytes(6).toString('hex')}`;
  const file = await open(unfinished, 'wx', 0o600);
  try {
    await file.writeFile(text);
    if (user) await file.chown(user.uid, user.gid);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(unfinished, path);
}

function checkedName(name: string): string {
  if (/^[a-z_][a-z0-9_.]*$/i.test(name)) return name;
  throw new EmbeddedPostgresError(`${JSON.stringify(name)} cannot be the name of a PostgreSQL setting.`);
}

function quoted(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll("'", "''").replaceAll('\n', '\\n');
}
