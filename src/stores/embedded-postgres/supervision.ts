// Keeps a server under a service for as long as the service lives: notices its death, gets it back on the same
// endpoint, and leaves it at the end; the last service to leave stops it.

import { messageOf } from '../../platform/errors.ts';
import { deadlineIn, pause } from './deadline.ts';
import { removeEndpoint } from './endpoint.ts';
import { type Engagement, engageServer } from './engage-server.ts';
import { findPostmaster } from './postmaster.ts';
import type { Presence } from './presence.ts';
import { boundLog } from './server-log.ts';
import type { Site } from './site.ts';
import { stopServer } from './stop-server.ts';
import { takeTurn } from './turn.ts';

const FIRST_PAUSE = 20;
const LONGEST_PAUSE = 5_000;
/** A server that lived this long did not die of its start: the next pause is short again. */
const STEADY = 10_000;
const LOG_CHECK = 60_000;

export class Supervision {
  readonly #site: Site;
  readonly #engagement: Engagement;
  readonly #startTimeout: number;
  readonly #closing = new AbortController();
  readonly #logTimer: NodeJS.Timeout;
  readonly #watch: Promise<Presence | undefined>;
  #closed: Promise<void> | undefined;

  constructor(site: Site, engagement: Engagement, startTimeout: number) {
    this.#site = site;
    this.#engagement = engagement;
    this.#startTimeout = startTimeout;
    this.#logTimer = setInterval(() => {
      boundLog(site.folder).catch((error) => site.log.warn({ error: messageOf(error) }, "PostgreSQL's log stays long"));
    }, LOG_CHECK).unref();
    this.#watch = this.#keep(engagement.presence);
  }

  /** Leaves the server, and stops it if no other service is there. Resolves when that is done; it never rejects. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** Resolves once closing has begun, with the presence of that moment; undefined when no server was there. */
  async #keep(first: Presence): Promise<Presence | undefined> {
    const { signal } = this.#closing;
    const closing = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    let delay = FIRST_PAUSE;
    for (let presence: Presence | undefined = first; ; ) {
      const since = performance.now();
      await Promise.race([presence.ended, closing]);
      if (signal.aborted) return presence;
      this.#site.log.warn({ folder: this.#site.folder }, 'the embedded PostgreSQL is gone: getting it back');
      if (performance.now() - since > STEADY) delay = FIRST_PAUSE;
      presence = undefined;
      while (!presence) {
        try {
          await pause(delay, signal);
          presence = await this.#regain();
        } catch (error) {
          if (signal.aborted) return undefined;
          this.#site.log.error({ error: messageOf(error) }, 'the embedded PostgreSQL is not back yet');
        }
        delay = Math.min(delay * 2, LONGEST_PAUSE);
      }
    }
  }

  async #regain(): Promise<Presence> {
    const deadline = deadlineIn(this.#startTimeout, this.#closing.signal);
    const { origin, presence } = await engageServer(this.#site, deadline, this.#engagement.endpoint);
    this.#site.log.info({ origin, folder: this.#site.folder }, 'the embedded PostgreSQL is back');
    return presence;
  }

  async #close(): Promise<void> {
    clearInterval(this.#logTimer);
    this.#closing.abort();
    const presence = await this.#watch;
    if (!presence) return;
    // A turn that cannot be had must not keep the service from ending.
    const deadline = deadlineIn(this.#site.stopTimeout, new AbortController().signal);
    const release = await takeTurn(this.#site.id, this.#site.folder, deadline).catch(() => undefined);
    try {
      if (await presence.leave()) await this.#stop();
    } catch (error) {
      this.#site.log.warn({ error: messageOf(error) }, 'the embedded PostgreSQL could not be left in order');
    } finally {
      presence.close();
      await release?.();
    }
  }

  async #stop(): Promise<void> {
    const found = await findPostmaster(this.#site);
    if (!found) return;
    await stopServer(this.#site, found.pid);
    await removeEndpoint(found.endpoint);
    this.#site.log.info({ folder: this.#site.folder }, 'the embedded PostgreSQL is stopped');
  }
}
