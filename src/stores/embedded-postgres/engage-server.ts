// Gets a server for this service, whatever the state of things: joins one that others use, adopts one that a dead
// service left, or starts one. The whole decision is taken in turn, and repeated until it holds or time is up.

import { messageOf } from '../../platform/errors.ts';
import { checkMajor, openCluster, readPassword } from './cluster.ts';
import { type Deadline, pause } from './deadline.ts';
import { codeOf, EmbeddedPostgresError, OR_USE_A_SERVER } from './embedded-postgres-error.ts';
import { chooseEndpoint, prepareEndpoint, removeEndpoint } from './endpoint.ts';
import { findPostmaster, hasClients, type Postmaster } from './postmaster.ts';
import { Presence } from './presence.ts';
import { type Endpoint, endpointIn, readSettings, renderSettings } from './server-settings.ts';
import { clusterNameOf, type Site } from './site.ts';
import { startServer } from './start-server.ts';
import { stopServer } from './stop-server.ts';
import { takeTurn } from './turn.ts';

export type Origin = 'started' | 'adopted' | 'joined';

/** A server that runs, with this service registered at it. Whoever holds the presence leaves or closes it. */
export interface Engagement {
  readonly origin: Origin;
  readonly endpoint: Endpoint;
  readonly password: string;
  readonly presence: Presence;
}

const FIRST_PAUSE = 15;
const LONGEST_PAUSE = 500;

/**
 * Rejects with an EmbeddedPostgresError when the deadline is over or nothing can help. `fixed` is the endpoint that
 * the service already uses; without it a free one is chosen.
 */
export async function engageServer(site: Site, deadline: Deadline, fixed?: Endpoint): Promise<Engagement> {
  let told: string | undefined;
  for (let delay = FIRST_PAUSE; ; delay = Math.min(delay * 1.5, LONGEST_PAUSE)) {
    const release = await takeTurn(site.id, site.folder, deadline);
    try {
      const found = await findPostmaster(site);
      return await (found ? join(site, found, fixed) : start(site, deadline, fixed));
    } catch (error) {
      if (!(error instanceof EmbeddedPostgresError && error.retry)) throw error;
      if (deadline.isOver()) throw tooLate(error);
      if (error.message !== told) site.log.info({ reason: error.message }, 'waiting for the embedded PostgreSQL');
      told = error.message;
    } finally {
      await release();
    }
    await pause(delay, deadline.signal);
  }
}

async function start(site: Site, deadline: Deadline, fixed: Endpoint | undefined): Promise<Engagement> {
  const password = await openCluster(site, deadline);
  const endpoint = fixed ?? (await chooseEndpoint(site, endpointIn(await readSettings(site.data))));
  if (fixed && !(await prepareEndpoint(site, fixed))) {
    throw notYet(`${fixed.host}:${fixed.port}, where the service expects its PostgreSQL, is taken or cannot be made.`);
  }
  const pid = await startServer(site, endpoint, deadline);
  try {
    const presence = await Presence.open(endpoint, password);
    await presence.enter();
    await presence.settle();
    return { origin: 'started', endpoint, password, presence };
  } catch (error) {
    await stopServer(site, pid);
    const reason = `The PostgreSQL in ${site.folder} started, but gave no connection: ${messageOf(error)}.`;
    throw isRefusal(error) ? new EmbeddedPostgresError(reason, { cause: error }) : notYet(reason, error);
  }
}

/** Registers at a running server; or stops it, when it is nobody's and not as this service needs it. */
async function join(site: Site, found: Postmaster, fixed: Endpoint | undefined): Promise<Engagement> {
  const { pid, endpoint, status } = found;
  if (status !== 'ready') throw notYet(`the PostgreSQL in ${site.folder} (process ${pid}) is ${status || 'starting'}.`);
  const { presence, password } = await connect(site, found);
  try {
    const entry = await presence.enter();
    if (entry === 'refused') throw notYet('another service is stopping this PostgreSQL.');
    const wanted = renderSettings(site.settings, fixed ?? endpoint, clusterNameOf(site));
    const isAsWanted = (await readSettings(site.data)) === wanted;
    if (entry === 'alone') {
      if (!isAsWanted || presence.serverVersion !== site.binaries.version) {
        await replace(site, found, 'its settings or its version differ');
      }
      await presence.settle();
      return { origin: 'adopted', endpoint, password, presence };
    }
    checkMajor(site, presence.serverVersion);
    if (fixed && (fixed.host !== endpoint.host || fixed.port !== endpoint.port)) {
      throw notYet(`another service started this PostgreSQL elsewhere, at ${endpoint.host}:${endpoint.port}.`);
    }
    if (!isAsWanted) site.log.warn('another service started this PostgreSQL with other settings, which stay in force');
    return { origin: 'joined', endpoint, password, presence };
  } catch (error) {
    presence.close();
    if (error instanceof EmbeddedPostgresError) throw error;
    throw notYet(
      `The PostgreSQL in ${site.folder} went away while this service joined it: ${messageOf(error)}.`,
      error,
    );
  }
}

async function connect(site: Site, found: Postmaster): Promise<{ presence: Presence; password: string }> {
  const byHand = `End it (process ${found.pid}) and start again.`;
  const password = await readPassword(site);
  if (password === undefined) {
    throw new EmbeddedPostgresError(
      `A PostgreSQL runs in ${site.folder}, but the file with its password is missing. ${byHand}`,
    );
  }
  try {
    return { presence: await Presence.open(found.endpoint, password), password };
  } catch (error) {
    const code = codeOf(error);
    const reason = `A PostgreSQL runs in ${site.folder}, but gives no connection: ${messageOf(error)}.`;
    if (isRefusal(error)) throw new EmbeddedPostgresError(`${reason} ${byHand}`, { cause: error });
    const unreachable = code === 'ENOENT' || code === 'ECONNREFUSED';
    if (unreachable && (await hasClients(site)) === false) await replace(site, found, 'its socket is gone');
    throw notYet(`${reason} If this lasts: ${byHand}`, error);
  }
}

/** Stops a server that nobody uses, so that the next attempt starts one. */
async function replace(site: Site, { pid, endpoint }: Postmaster, why: string): Promise<never> {
  site.log.info({ pid, why }, 'a PostgreSQL that a dead service left is stopped and started again');
  await stopServer(site, pid);
  await removeEndpoint(endpoint);
  throw notYet('it was stopped to be started again.');
}

/** PostgreSQL knows the role or the password otherwise, and will the next time. */
function isRefusal(error: unknown): boolean {
  return ['28P01', '28000'].includes(codeOf(error) ?? '');
}

function tooLate(error: EmbeddedPostgresError): EmbeddedPostgresError {
  const advice = `This did not pass in time. Start again, ${OR_USE_A_SERVER}.`;
  return new EmbeddedPostgresError(`${error.message}\n${advice}`, { cause: error });
}

/** A state that should pass by itself. */
function notYet(message: string, cause?: unknown): EmbeddedPostgresError {
  return new EmbeddedPostgresError(message, { retry: true, cause });
}
