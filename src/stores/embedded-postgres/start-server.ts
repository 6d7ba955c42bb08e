// Starts the server of a site on an endpoint, and waits until it takes connections. The server is no part of this
// process's group and keeps no pipe to it: neither Ctrl-C nor this process's death ends it, only stop-server.ts does.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { messageOf } from '../../platform/errors.ts';
import { type Deadline, pause } from './deadline.ts';
import { EmbeddedPostgresError, OR_USE_A_SERVER } from './embedded-postgres-error.ts';
import { clearStalePidFile, endLeftovers, type Postmaster, readPidFile } from './postmaster.ts';
import { cannotRun, programEnvironment } from './run-program.ts';
import { openStartLog, reasonInFile, type StartLog } from './server-log.ts';
import { type Endpoint, renderSettings, SETTINGS_FILE, writeServerFile } from './server-settings.ts';
import { runAs } from './server-user.ts';
import { clusterNameOf, type Site } from './site.ts';
import { stopServer } from './stop-server.ts';

const POLL = 8;

/** Failures that pass by themselves: a dying server that still holds its files, memory or address. */
const PASSES = /lock file|still in use|could not bind|could not create any|Is another postmaster/;

/**
 * Resolves with its process id when the server is ready. Rejects with its own reason, `retry` set where trying again
 * makes sense; then nothing of it runs any more. Call only while holding the turn, with no server running.
 */
export async function startServer(site: Site, endpoint: Endpoint, deadline: Deadline): Promise<number> {
  await clearStalePidFile(site);
  const text = renderSettings(site.settings, endpoint, clusterNameOf(site));
  await writeServerFile(site.data, SETTINGS_FILE, text, site.user);
  const log = await openStartLog(site.folder, site.user);
  try {
    const launched = await launch(site, log, deadline);
    const pid = await waitUntilReady(site, launched, log, deadline);
    await log.keep();
    return pid;
  } catch (error) {
    await log.drop();
    if (messageOf(error).includes('still in use')) await endLeftovers(site);
    throw error;
  } finally {
    await log.file.close();
  }
}

/** A start under way. */
interface Launched {
  /** The server of this start, once it has announced itself. */
  find(): Promise<Postmaster | undefined>;
  /** Whether the program that was launched has said that the server is ready; the server itself never says so. */
  isDone(): boolean;
  /** How the program ended, when that means that the start failed. */
  failure(): string | undefined;
}

async function launch(site: Site, log: StartLog, deadline: Deadline): Promise<Launched> {
  const { program, args, ends } = launchCommand(site, log, deadline);
  // A file left by a killed server may name the very id that ours gets: in a container ids repeat.
  const stale = await readPidFile(site.data);
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
  const isDone = () => ends && ending === 'exited with 0';
  return {
    async find() {
      const found = await readPidFile(site.data);
      if (!found || (found.pid === stale?.pid && found.startedAt === stale.startedAt)) return undefined;
      return ends || found.pid === child.pid ? found : undefined;
    },
    isDone: () => !ends || isDone(),
    failure: () => (isDone() ? undefined : ending),
  };
}

/** Rejects when the server ends before it is ready, and when it is too late and was stopped. */
async function waitUntilReady(site: Site, launched: Launched, log: StartLog, deadline: Deadline): Promise<number> {
  try {
    for (;;) {
      const found = await launched.find();
      if (found?.status === 'ready' && launched.isDone()) return found.pid;
      const failure = launched.failure();
      if (failure) throw new Error(`it ${failure}`);
      if (deadline.isOver()) throw new Error(`it was not ready in time (${found?.status || 'no status yet'})`);
      await pause(POLL, deadline.signal);
    }
  } catch (error) {
    // Read first: being stopped adds lines that explain nothing.
    const reason = await reasonInFile(log.path);
    const found = await launched.find();
    if (found && !launched.failure()) await stopServer(site, found.pid);
    throw new EmbeddedPostgresError(
      `The embedded PostgreSQL in ${site.folder} did not start: ${messageOf(error)}. ${reason}\n` +
        `Put this right and start again, ${OR_USE_A_SERVER}.`,
      { retry: PASSES.test(reason), cause: error },
    );
  }
}

/**
 * Windows has no signals, and lets an administrator run the server only through pg_ctl, which drops his rights. `ends`:
 * the program is not the server, and ends when the server is ready.
 */
function launchCommand(site: Site, log: StartLog, deadline: Deadline) {
  if (site.ways.control === 'signals') return { program: site.binaries.postgres, args: ['-D', site.data], ends: false };
  const wait = ['--wait', '--timeout', String(Math.ceil(deadline.left() / 1000))];
  const args = ['start', '--silent', ...wait, '-D', site.data, '-l', log.path];
  return { program: site.binaries.pgCtl, args, ends: true };
}
