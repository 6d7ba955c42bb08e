// Which user the server runs as. PostgreSQL refuses root, so root lends the work to the owner of the existing cluster,
// or to `nobody` for a new one. Everyone else runs it as themselves. Knows nothing of folders but their permissions.

import { chmod, chown, mkdir, readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { codeOf, EmbeddedPostgresError, OR_USE_A_SERVER } from './embedded-postgres-error.ts';

/** Another user than this process's own. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
}

/** True when this process is root, on a system that has one. */
export function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

/** The user for a cluster owned by `owner` (a user id), or for a new cluster; undefined: run it as this process. */
export async function chooseServerUser(owner: number | undefined): Promise<ServerUser | undefined> {
  if (!isRoot()) return undefined;
  const users = await readUsers();
  const user = owner ? users.find(({ uid }) => uid === owner) : users.find(({ name }) => name === 'nobody');
  if (user) return user;
  const missing = owner ? `user with the id ${owner}, who owns the database files` : 'user "nobody" to run it as';
  throw new EmbeddedPostgresError(
    `PostgreSQL does not run as root, and this system has no ${missing}. ` +
      `Start the service as an ordinary user, ${OR_USE_A_SERVER}.`,
  );
}

/** What `spawn` needs to run a program as `user`. */
export function runAs(user: ServerUser | undefined): { uid?: number; gid?: number } {
  // Some systems give `nobody` the id 4294967294, which spawn takes only in its signed form.
  return user ? { uid: user.uid | 0, gid: user.gid | 0 } : {};
}

/** Whether `user` may pass through every folder down to `path`, and through `path` itself. Judges permission bits only. */
export async function mayReach(path: string, user: ServerUser | undefined): Promise<boolean> {
  if (!user) return true;
  for (let at = resolve(path); ; at = dirname(at)) {
    const { uid, gid, mode } = await stat(at);
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

/** Gives `path` to `user`. Root can, except in a container that took the right from it. */
export async function giveTo(path: string, user: ServerUser | undefined): Promise<void> {
  if (!user) return;
  await chown(path, user.uid, user.gid).catch((error) => {
    throw new EmbeddedPostgresError(
      `PostgreSQL does not run as root, and this root may not give ${path} to user ${user.name} (${codeOf(error)}). ` +
        `Start the service as an ordinary user, ${OR_USE_A_SERVER}.`,
      { cause: error },
    );
  });
}

/** Makes a folder that other users may enter, whatever our umask; one that exists keeps its permissions. */
export async function makeForAll(path: string): Promise<void> {
  if (await mkdir(path, { recursive: true })) await chmod(path, 0o755);
}

async function readUsers(): Promise<ServerUser[]> {
  const text = await readFile('/etc/passwd', 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    const [name, , uid, gid] = line.split(':');
    return name && uid && gid ? [{ name, uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 }] : [];
  });
}
