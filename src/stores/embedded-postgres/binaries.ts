// Finds PostgreSQL's programs in the npm package of this platform and makes them runnable: the library links that the
// package's install script would have made, and a copy where the server's user cannot reach the original or it cannot
// be completed in place.

import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, chmod, cp, lstat, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import type { Logger } from '../../platform/log.ts';
import { codeOf, EmbeddedPostgresError, OR_USE_A_SERVER } from './embedded-postgres-error.ts';
import { makeForAll, mayReach, type ServerUser } from './server-user.ts';

export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
  readonly pgCtl: string;
  /** As the server reports it, e.g. `18.4`. */
  readonly version: string;
}

export interface BinariesOptions {
  /** The folder of the platform package; by default it is resolved as a dependency. */
  readonly packageFolder?: string | undefined;
  /** Where a copy may be kept, best place first. */
  readonly copyFolders: readonly string[];
  readonly user: ServerUser | undefined;
  readonly log: Logger;
}

interface Link {
  readonly source: string;
  readonly target: string;
}

/** The programs, ready to be run by `user`. Does no work beyond a few `stat`s when everything is in place. */
export async function openBinaries(options: BinariesOptions): Promise<Binaries> {
  const from = options.packageFolder ?? findPackage();
  const description: unknown = JSON.parse(await readFile(join(from, 'package.json'), 'utf8'));
  const { name, version } = description as { name: string; version: string };
  const usable = (await isRunnable(from, options.user)) && (await hasLinks(from));
  const folder = usable ? from : await openCopy(from, `postgresql-${version}-${basename(name)}`, options);
  const program = (file: string) => join(folder, 'native', 'bin', process.platform === 'win32' ? `${file}.exe` : file);
  return {
    postgres: program('postgres'),
    initdb: program('initdb'),
    pgCtl: program('pg_ctl'),
    version: version.split('.').slice(0, 2).join('.'),
  };
}

function findPackage(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    // The package exports only dist/index.js; its folder is what we are after.
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (error) {
    throw new EmbeddedPostgresError(
      `The package ${name} with the embedded PostgreSQL is not installed. Install with optional dependencies ` +
        `(no --omit=optional) on a supported platform, ${OR_USE_A_SERVER}.`,
      { cause: error },
    );
  }
}

/** Whether `user` can run every program in the package. */
async function isRunnable(folder: string, user: ServerUser | undefined): Promise<boolean> {
  const bin = join(folder, 'native', 'bin');
  if (!(await mayReach(bin, user))) return false;
  const runnable = async (path: string) => {
    await access(path, constants.X_OK);
    return mayReach(path, user);
  };
  const files = await readdir(bin);
  const found = await Promise.all(files.map((file) => runnable(join(bin, file)).catch(() => false)));
  return found.every(Boolean);
}

async function readLinks(folder: string): Promise<Link[]> {
  const text = await readFile(join(folder, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  return JSON.parse(text) as Link[];
}

/** Whether every library link is there, or could be made where the package lies. */
async function hasLinks(folder: string): Promise<boolean> {
  try {
    await makeLinks(folder);
    return true;
  } catch (error) {
    if (['EACCES', 'EPERM', 'EROFS'].includes(codeOf(error) ?? '')) return false;
    throw error;
  }
}

async function makeLinks(folder: string): Promise<void> {
  for (const { source, target } of await readLinks(folder)) {
    const path = join(folder, target);
    if (await lstat(path).catch(() => undefined)) continue;
    await symlink(relative(dirname(path), join(folder, source)), path).catch((error: unknown) => {
      // Another service made it between our two calls.
      if (codeOf(error) !== 'EEXIST') throw error;
    });
  }
}

/** The folder of an up-to-date copy, made if there is none. It appears complete or not at all. */
async function openCopy(from: string, name: string, options: BinariesOptions): Promise<string> {
  const { copyFolders, user, log } = options;
  for (const parent of copyFolders) {
    const folder = join(parent, name);
    if (await lstat(folder).catch(() => undefined)) return folder;
  }
  const failures: string[] = [];
  for (const parent of copyFolders) {
    const folder = join(parent, name);
    try {
      await makeForAll(parent);
      if (!(await mayReach(parent, user))) throw new Error(`${parent} cannot be reached by ${user?.name}`);
      await makeCopy(from, folder);
      log.info({ from, to: folder }, 'PostgreSQL was copied: it cannot be run where it is installed');
      return folder;
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new EmbeddedPostgresError(
    `PostgreSQL cannot be run from ${from} by ${user?.name ?? 'this user'}, and cannot be copied elsewhere ` +
      `(${failures.join('; ')}). Set TABLECAST_DATA_DIR to a folder that it can use, ${OR_USE_A_SERVER}.`,
  );
}

async function makeCopy(from: string, folder: string): Promise<void> {
  // Two that copy at the same moment, in one process too, copy to different folders.
  const unfinished = `${folder}.${randomBytes(6).toString('hex')}`;
  try {
    await cp(join(from, 'native'), join(unfinished, 'native'), {
      recursive: true,
      verbatimSymlinks: true,
      mode: constants.COPYFILE_FICLONE,
      // What only C programs link against.
      filter: (path) => !path.endsWith('.a') && basename(path) !== 'pkgconfig',
    });
    await makeLinks(unfinished);
    await openToAll(unfinished);
    await rename(unfinished, folder);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    // A folder of that name means that another service finished first, with the same files.
    if (
      !['ENOTEMPTY', 'EEXIST', 'EPERM'].includes(codeOf(error) ?? '') ||
      !(await lstat(folder).catch(() => undefined))
    ) {
      throw error;
    }
  }
}

/** Our umask, or that of the installation, may have hidden the files from everyone else. */
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openToAll(path);
    else if (entry.isFile()) await chmod(path, basename(folder) === 'bin' ? 0o755 : 0o644);
  }
}
