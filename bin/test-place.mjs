// Where a test run keeps its files. It makes and deletes hundreds of database folders; on a disk, the file system's
// bookkeeping takes up to half of the processor time of the tests that do.

import { accessSync, constants, readFileSync, statfsSync } from 'node:fs';
import { freemem, hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { openRunFolder } from './run-folder.mjs';

/** Bytes that have to be free, as room and as memory: six times what a run was seen to hold at once. */
const ROOM = 2 * 2 ** 30;
/** For everybody: as root, the embedded PostgreSQL runs as another user, who makes a socket's folder there. */
const MODE = 0o1777;

/**
 * A folder in memory for this run where there can be one and TMPDIR does not name another: `env` sends the tests there,
 * or is empty. `remove` takes it away with all that tests left in it.
 */
export function openTestPlace() {
  const memory = process.env.TMPDIR ? undefined : findMemoryFolder();
  if (memory === undefined) return { env: {}, remove: () => undefined };
  // Containers may share the memory, but not their process ids.
  const { path, remove } = openRunFolder(join(memory, `tablecast-${userInfo().uid}-${hostname()}`), MODE);
  return { env: { TMPDIR: path }, remove };
}

/**
 * The system's folder in memory, or undefined when there is none in which a run fits and from which programs may be
 * started. `mounts` is the path of the list of mounted file systems, in the form of Linux.
 */
export function findMemoryFolder({ folder = '/dev/shm', mounts = '/proc/mounts', room = ROOM } = {}) {
  try {
    const lines = readFileSync(mounts, 'utf8').split('\n');
    const [, , kind, options = ''] = lines.map((line) => line.split(' ')).findLast(([, path]) => path === folder) ?? [];
    if (kind !== 'tmpfs' || options.split(',').includes('noexec')) return undefined;
    accessSync(folder, constants.W_OK);
    const { bavail, bsize } = statfsSync(folder);
    return Math.min(bavail * bsize, freemem()) >= room ? folder : undefined;
  } catch {
    return undefined;
  }
}
