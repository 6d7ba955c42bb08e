// What is decided once about a server, before anything is started: its folder, its user, its programs, its name.

import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, chmod, mkdir, realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Logger } from '../../platform/log.ts';
import { type Binaries, openBinaries } from './binaries.ts';
import { codeOf, EmbeddedPostgresError, OR_USE_A_SERVER } from './embedded-postgres-error.ts';
import type { Settings } from './server-settings.ts';
import { chooseServerUser, isRoot, makeForAll, mayReach, type ServerUser } from './server-user.ts';

/** How the server is reached, and how it is started and stopped. They differ by platform; tests try both on one. */
export interface Ways {
  readonly transport: 'socket' | 'tcp';
  readonly control: 'signals' | 'pg_ctl';
}

export interface Site {
  /** The server's own folder: the data, the log, and copies. */
  readonly folder: string;
  /** The PostgreSQL data folder. It exists complete or not at all. */
  readonly data: string;
  /** Names this server among all on this machine; the same for every service on the folder. */
  readonly id: string;
  readonly user: ServerUser | undefined;
  readonly binaries: Binaries;
  readonly settings: Settings;
  readonly ways: Ways;
  /** Where the folders of sockets are made, best place first. */
  readonly socketFolders: readonly string[];
  /** Milliseconds that a fast shutdown may take before it becomes an immediate one. */
  readonly stopTimeout: number;
  readonly log: Logger;
}

export interface SiteOptions extends Pick<Site, 'settings' | 'ways' | 'socketFolders' | 'stopTimeout' | 'log'> {
  readonly dataDir: string;
  /** Where root keeps what an unprivileged user could not reach. */
  readonly reachableFolder: string;
  readonly packageFolder: string | undefined;
}

export async function openSite(options: SiteOptions): Promise<Site> {
  const { settings, ways, socketFolders, stopTimeout, log } = options;
  const { folder, user } = await openFolder(options);
  const copyFolders = isRoot() ? [options.reachableFolder, folder] : [folder];
  const binaries = await openBinaries({ packageFolder: options.packageFolder, copyFolders, user, log });
  const id = createHash('sha256').update(folder).digest('hex').slice(0, 12);
  return { folder, data: join(folder, 'data'), id, user, binaries, settings, ways, socketFolders, stopTimeout, log };
}

/** `cluster_name`: what the titles of the server's processes begin with. */
export function clusterNameOf(site: Site): string {
  return `tablecast-${site.id}`;
}

/** The server's folder, made if needed: in the service's data folder, or for root where the server's user gets to it. */
async function openFolder(options: SiteOptions): Promise<{ folder: string; user: ServerUser | undefined }> {
  const wanted = join(resolve(options.dataDir), 'postgresql');
  if (!isRoot()) return { folder: await makeFolder(wanted, 0o700), user: undefined };

  const instead = join(options.reachableFolder, createHash('sha256').update(wanted).digest('hex').slice(0, 16));
  const owner = await ownerOf(join(wanted, 'data'));
  const user = await chooseServerUser(owner ?? (await ownerOf(join(instead, 'data'))));
  if (owner !== undefined && !(await mayReach(wanted, user))) {
    // Never serve an empty database while the real one lies elsewhere.
    throw new EmbeddedPostgresError(
      `The database in ${wanted} cannot be reached by its owner, ${user?.name}, as whom it is served when the service ` +
        `runs as root. Let everyone enter the folders above it (chmod o+x), ${OR_USE_A_SERVER}.`,
    );
  }
  const useWanted = owner !== undefined || (!(await exists(instead)) && (await canBeReached(wanted, user)));
  if (!useWanted) {
    await makeForAll(options.reachableFolder).catch(() => undefined);
    options.log.info({ wanted, used: instead }, `the data is kept where user ${user?.name} can reach it`);
  }
  const folder = await makeFolder(useWanted ? wanted : instead, 0o711);
  if (await mayReach(folder, user)) return { folder, user };
  throw new EmbeddedPostgresError(
    `The folder ${folder} for the embedded PostgreSQL cannot be reached by user ${user?.name}, as whom it is served when ` +
      `the service runs as root. Let everyone enter the folders above it (chmod o+x), ${OR_USE_A_SERVER}.`,
  );
}

/** Whether `user` gets to `path` once it is made: the folder that holds it is made here to find out. */
async function canBeReached(path: string, user: ServerUser | undefined): Promise<boolean> {
  return mayReach(await makeFolder(dirname(path)), user);
}

/** Makes the folder, and returns its real path. `mode` is set on it unless it is another user's. */
async function makeFolder(path: string, mode?: number): Promise<string> {
  try {
    await makeAll(path);
    if (mode !== undefined && (await ownerOf(path)) === (process.geteuid?.() ?? 0)) await chmod(path, mode);
    await access(path, constants.W_OK);
    return await realpath(path);
  } catch (error) {
    throw new EmbeddedPostgresError(
      `The folder ${path} for the embedded PostgreSQL cannot be made or written in (${codeOf(error)}). ` +
        `Set TABLECAST_DATA_DIR to a folder that this user may write in, ${OR_USE_A_SERVER}.`,
      { cause: error },
    );
  }
}

/** As a recursive `mkdir`, which says ENOENT when the real reason is a read-only file system. */
async function makeAll(path: string): Promise<void> {
  const make = () => mkdir(path).catch((error) => (codeOf(error) === 'EEXIST' ? undefined : Promise.reject(error)));
  await make().catch(async (error) => {
    if (codeOf(error) !== 'ENOENT' || dirname(path) === path) throw error;
    await makeAll(dirname(path));
    await make();
  });
}

function ownerOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    (found) => found.uid,
    () => undefined,
  );
}

async function exists(path: string): Promise<boolean> {
  return (await ownerOf(path)) !== undefined;
}
