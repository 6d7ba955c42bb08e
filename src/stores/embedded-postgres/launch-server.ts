// Launches the program that becomes the server, or the one that starts it, detached from this process: no part of its
// group, and no pipe to it. What the launched server is to do next is start-server.ts's business.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Deadline } from './deadline.ts';
import { type Postmaster, readPidFile } from './postmaster.ts';
import { cannotRun, programEnvironment } from './run-program.ts';
import type { StartLog } from './server-log.ts';
import { runAs } from './server-user.ts';
import type { Site } from './site.ts';
import { stopServer } from './stop-server.ts';

/** A start under way. */
export interface Launched {
  /** The server of this start, once it has announced itself. Rejects with how it ended, when it did. */
  find(): Promise<Postmaster | undefined>;
  /** Stops the server, however far it came. */
  stop(): Promise<void>;
}

/** The server as a child process. */
export async function launchDirectly(site: Site, log: StartLog): Promise<Launched> {
  const findNew = await newPostmaster(site);
  const { child, ending } = await run(site, log, site.binaries.postgres, ['-D', site.data]);
  return {
    async find() {
      if (ending()) throw new Error(`it ${ending()}`);
      const found = await findNew();
      return found?.pid === child.pid ? found : undefined;
    },
    async stop() {
      if (!ending() && child.pid !== undefined) await stopServer(site, child.pid);
    },
  };
}

/** For Windows, which lets an administrator run the server only through pg_ctl, which drops his rights. */
export async function launchByPgCtl(site: Site, log: StartLog, deadline: Deadline): Promise<Launched> {
  const findNew = await newPostmaster(site);
  const seconds = String(Math.ceil(deadline.left() / 1000));
  const args = ['start', '--silent', '--wait', '--timeout', seconds, '-D', site.data, '-l', log.path];
  const { child, ending } = await run(site, log, site.binaries.pgCtl, args);
  return {
    async find() {
      if (ending() === undefined) return undefined;
      if (ending() !== 'exited with 0') throw new Error(`it ${ending()}`);
      return findNew();
    },
    async stop() {
      // It may have given up on a server that still starts.
      child.kill();
      const found = await findNew();
      if (found) await stopServer(site, found.pid);
    },
  };
}

/**
 * Reads postmaster.pid, unless it is still the one that was there before. That one may name the very id that ours gets,
 * because in a container ids repeat, and even the same second of its start.
 */
async function newPostmaster(site: Site): Promise<() => Promise<Postmaster | undefined>> {
  const stale = await readPidFile(site.data);
  return async () => {
    const found = await readPidFile(site.data);
    return found?.writtenAt === stale?.writtenAt ? undefined : found;
  };
}

async function run(
  site: Site,
  log: StartLog,
  program: string,
  args: readonly string[],
): Promise<{ child: ChildProcess; ending: () => string | undefined }> {
  const child = spawn(program, args, {
    ...runAs(site.user),
    cwd: site.folder,
    env: programEnvironment(),
    detached: true,
    windowsHide: true,
    stdio: ['ignore', log.file.fd, log.file.fd],
  });
  let ending: string | undefined;
  child.once('exit', (code, signal) => {
    ending = signal ? `was ended by ${signal}` : `exited with ${code}`;
  });
  await once(child, 'spawn').catch((error: Error) => {
    throw cannotRun(program, error);
  });
  // Whether the server lives is seen from its connections; as a child it must not keep this process from ending.
  child.unref();
  return { child, ending: () => ending };
}
