// The service's own PostgreSQL, for when it is given none: one call opens it, one closes it. This file only puts the
// parts together; each part says what it owns.

import { tmpdir } from 'node:os';
import { messageOf } from '../../platform/errors.ts';
import type { Logger } from '../../platform/log.ts';
import { DATABASE, ROLE } from './cluster.ts';
import { deadlineIn } from './deadline.ts';
import { EmbeddedPostgresError, OR_USE_A_SERVER } from './embedded-postgres-error.ts';
import { engageServer, type Origin } from './engage-server.ts';
import type { Settings } from './server-settings.ts';
import { openSite, type Ways } from './site.ts';
import { Supervision } from './supervision.ts';

export { EmbeddedPostgresError };

export interface EmbeddedPostgres {
  /**
   * What a pg pool needs; `host` is the folder of the socket, or 127.0.0.1. Stays the same for the life of this
   * object, also when the server dies and is started again: a pool only has to connect anew.
   */
  readonly connection: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly password: string;
    readonly database: string;
  };
  /** `adopted`: a dead service had left the server running. `joined`: another living service uses it as well. */
  readonly origin: Origin;
  /** Leaves the server; the last service to leave stops it. Close pools first. May be called again; never rejects. */
  close(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** The service's data folder; the server gets the folder `postgresql` in it. Made if needed. */
  readonly dataDir: string;
  readonly log: Logger;
  /** PostgreSQL settings over the default ones. Where it listens cannot be set. */
  readonly settings?: Settings;
  /** Ends the waiting of `openEmbeddedPostgres`. */
  readonly signal?: AbortSignal;
  /** Milliseconds for a start, crash recovery included. Default 60,000. */
  readonly startTimeout?: number;
  /** Milliseconds for an orderly stop. Default 10,000. */
  readonly stopTimeout?: number;
  /** Where root keeps what an unprivileged user could not reach. Default /var/lib/tablecast. */
  readonly reachableFolder?: string;
  /** The folder of the npm package with the binaries. Default: this platform's, as installed. */
  readonly packageFolder?: string;
  /** Where folders for sockets are made, best place first. Default: the temporary folder. */
  readonly socketFolders?: readonly string[];
  /** Default by platform: loopback TCP and pg_ctl on Windows, socket and signals elsewhere. */
  readonly ways?: Ways;
}

/**
 * Makes the database if there is none, and sees to it that exactly one server serves it, now and until `close`.
 * Rejects with an EmbeddedPostgresError that gives the reason and says what to do; then nothing that it started is left running.
 */
export async function openEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  try {
    return await open(options);
  } catch (error) {
    if (error instanceof EmbeddedPostgresError || options.signal?.aborted) throw error;
    throw new EmbeddedPostgresError(
      `The embedded PostgreSQL in ${options.dataDir} cannot be opened: ${messageOf(error)}. ` +
        `Put this right and start again, ${OR_USE_A_SERVER}.`,
      { cause: error },
    );
  }
}

async function open(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { dataDir, log, startTimeout = 60_000, signal = new AbortController().signal } = options;
  const begin = performance.now();
  const site = await openSite({
    dataDir,
    log,
    settings: options.settings ?? {},
    stopTimeout: options.stopTimeout ?? 10_000,
    reachableFolder: options.reachableFolder ?? '/var/lib/tablecast',
    packageFolder: options.packageFolder,
    socketFolders: options.socketFolders ?? [...new Set([tmpdir(), '/tmp'])],
    ways: options.ways ?? waysOf(process.platform),
  });
  const engagement = await engageServer(site, deadlineIn(startTimeout, signal));
  const { origin, endpoint, password, presence } = engagement;
  const took = Math.round(performance.now() - begin);
  log.info({ origin, version: presence.serverVersion, folder: site.folder, took }, 'the embedded PostgreSQL is ready');
  const supervision = new Supervision(site, engagement, startTimeout);
  return {
    connection: Object.freeze({ ...endpoint, user: ROLE, password, database: DATABASE }),
    origin,
    close: () => supervision.close(),
  };
}

function waysOf(platform: NodeJS.Platform): Ways {
  return platform === 'win32' ? { transport: 'tcp', control: 'pg_ctl' } : { transport: 'socket', control: 'signals' };
}
