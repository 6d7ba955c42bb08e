// Starts the server of a site on an endpoint, and waits until it takes connections. The server outlives this process:
// neither Ctrl-C nor this process's death ends it, only stop-server.ts does.

import { messageOf } from '../../platform/errors.ts';
import { type Deadline, pause } from './deadline.ts';
import { EmbeddedPostgresError, OR_USE_A_SERVER } from './embedded-postgres-error.ts';
import { type Launched, launchByPgCtl, launchDirectly } from './launch-server.ts';
import { clearStalePidFile, endLeftovers } from './postmaster.ts';
import { openStartLog, reasonInFile, type StartLog } from './server-log.ts';
import { type Endpoint, readSettings, renderSettings, SETTINGS_FILE, writeServerFile } from './server-settings.ts';
import { clusterNameOf, type Site } from './site.ts';

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
  if ((await readSettings(site.data)) !== text) await writeServerFile(site.data, SETTINGS_FILE, text, site.user);
  const log = await openStartLog(site.folder, site.user);
  try {
    const launched = await (site.ways.control === 'pg_ctl' ? launchByPgCtl : launchDirectly)(site, log, deadline);
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

/** Rejects when the server ends before it is ready, and when it is too late or aborted and was stopped. */
async function waitUntilReady(site: Site, launched: Launched, log: StartLog, deadline: Deadline): Promise<number> {
  try {
    for (;;) {
      const found = await launched.find();
      if (found?.status === 'ready') return found.pid;
      if (deadline.isOver()) throw new Error(`it was not ready in time (${found?.status || 'no status yet'})`);
      await pause(POLL, deadline.signal);
    }
  } catch (error) {
    // Read first: being stopped adds lines that explain nothing.
    const reason = await reasonInFile(log.path);
    await launched.stop();
    throw new EmbeddedPostgresError(
      `The embedded PostgreSQL in ${site.folder} did not start: ${messageOf(error)}. ${reason}\n` +
        `Put this right and start again, ${OR_USE_A_SERVER}.`,
      { retry: PASSES.test(reason), cause: error },
    );
  }
}
