// Where the server will listen: a socket in a short private folder of its own in the temporary folder, or a free
// loopback port. The path of a socket has a limit of about a hundred bytes, which that of a data folder often exceeds.

import { randomBytes } from 'node:crypto';
import { lstat, mkdir, readFile, rm, rmdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { codeOf, EmbeddedPostgresError, OR_USE_A_SERVER } from './embedded-postgres-error.ts';
import { isServerOf } from './processes.ts';
import { type Endpoint, isSocket } from './server-settings.ts';
import { giveTo } from './server-user.ts';
import { clusterNameOf, type Site } from './site.ts';

const PORT = 5432;
/** Bytes. Linux takes four more. */
const LONGEST_SOCKET_PATH = 103;

/**
 * A free endpoint: `last`, the one of the previous start, where it can be had again, so that services which still
 * know it find the server there.
 */
export async function chooseEndpoint(site: Site, last: Endpoint | undefined): Promise<Endpoint> {
  if (last && isSocket(last) === (site.ways.transport === 'socket') && (await prepareEndpoint(site, last))) return last;
  if (site.ways.transport === 'tcp') return { host: '127.0.0.1', port: await freePort() };
  const name = clusterNameOf(site);
  const names = [name, `${name}-${randomBytes(4).toString('hex')}`];
  const candidates = names.flatMap((folder) =>
    site.socketFolders.map((parent) => ({ host: join(parent, folder), port: PORT })),
  );
  for (const candidate of candidates) {
    if (await prepareEndpoint(site, candidate)) return candidate;
  }
  throw new EmbeddedPostgresError(
    `No folder for the embedded PostgreSQL's socket can be made in ${site.socketFolders.join(' or ')}. ` +
      `Set TMPDIR to a folder with a short path that this user may write in, ${OR_USE_A_SERVER}.`,
  );
}

/** Makes the endpoint ready for a server of this site; false when it cannot be had, or another server has it. */
export async function prepareEndpoint(site: Site, endpoint: Endpoint): Promise<boolean> {
  if (!isSocket(endpoint)) return isFree(endpoint);
  const path = socketPath(endpoint);
  // The setting is a list: a comma or a quote in the path would make two folders of it.
  if (Buffer.byteLength(path) > LONGEST_SOCKET_PATH || /[,"'\\]/.test(path)) return false;
  return (await openSocketFolder(site, endpoint.host)) && !(await isTaken(endpoint));
}

/** Removes the folder of a socket whose server is gone, with what a killed server left in it. */
export async function removeEndpoint(endpoint: Endpoint): Promise<void> {
  if (!isSocket(endpoint)) return;
  await rm(socketPath(endpoint), { force: true });
  await rm(`${socketPath(endpoint)}.lock`, { force: true });
  await rmdir(endpoint.host).catch(() => undefined);
}

export function socketPath(endpoint: Endpoint): string {
  return join(endpoint.host, `.s.PGSQL.${endpoint.port}`);
}

/** A folder that only the server's user and we can enter. Anyone may have made one of that name in a shared folder. */
async function openSocketFolder(site: Site, folder: string): Promise<boolean> {
  const uid = site.user?.uid ?? process.getuid?.() ?? 0;
  try {
    await mkdir(folder, { mode: 0o700 });
    await giveTo(folder, site.user);
    return true;
  } catch (error) {
    if (error instanceof EmbeddedPostgresError) throw error;
    if (codeOf(error) !== 'EEXIST') return false;
  }
  const found = await lstat(folder).catch(() => undefined);
  return found?.isDirectory() === true && found.uid === uid && (found.mode & 0o077) === 0;
}

/** Whether a living server has the socket. A file that a dead one left is removed: a zombie would hold it for ever. */
async function isTaken(endpoint: Endpoint): Promise<boolean> {
  const lock = `${socketPath(endpoint)}.lock`;
  const text = await readFile(lock, 'utf8').catch(() => undefined);
  if (text === undefined) return false;
  const [pid, data] = text.split('\n');
  if (await isServerOf(Number(pid), data ?? '')) return true;
  await rm(lock, { force: true });
  return false;
}

function freePort(): Promise<number> {
  return listenOn({ host: '127.0.0.1', port: 0 });
}

function isFree(endpoint: Endpoint): Promise<boolean> {
  return listenOn(endpoint).then(
    () => true,
    () => false,
  );
}

function listenOn(endpoint: Endpoint): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ ...endpoint, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : endpoint.port));
    });
  });
}
