// Runs that may have brought a host down are begun again here, each operation in a host that it shares with nobody: the innocent
// ones answer, and the culprit takes nobody else with it the second time.

import { messageOf } from '../../platform/errors.ts';
import type { PendingRun } from './open-run.ts';
import { ScriptFailure } from './script-failure.ts';
import type { ScriptHost } from './script-host.ts';
import type { Death } from './start-deno.ts';

export interface QuarantineOptions {
  /** A host with the modules in it; rejects when there can be none. */
  readonly open: () => Promise<ScriptHost>;
  /** Milliseconds after which a host without work is closed. */
  readonly idle: number;
}

/** Runs of one operation, which may wait for each other. */
interface Together {
  readonly waiting: PendingRun[];
  /** Set once they have their turn. */
  host: ScriptHost | null;
  /** What their host ended of. */
  death: Death | null;
  /** The turn is theirs until then. */
  readonly over: Promise<void> | undefined;
}

/** Hosts at a time: a loop takes one for as long as it may be silent, and others are not to wait for that. */
const LANES = 3;

export class Quarantine {
  readonly #operations = new Map<object, Together>();
  /** Those whose turn is to come, and those that come when there are no others. */
  readonly #waiting: Together[] = [];
  readonly #likely: Together[] = [];
  readonly #lanes = new Set<Promise<void>>();
  readonly #hosts = new Set<ScriptHost>();
  /** Hosts without an operation. */
  readonly #free: ScriptHost[] = [];
  #idle: NodeJS.Timeout | undefined;
  #closed = false;
  #close: () => void = () => undefined;
  readonly #closing = new Promise<void>((resolve) => {
    this.#close = resolve;
  });

  constructor(private readonly options: QuarantineOptions) {}

  /** Begins it when the turn of its operation comes; who is likely to be the culprit lets all others go first. */
  admit(suspect: PendingRun, isLikely = false): void {
    const operation = suspect.run.operation ?? suspect;
    const known = this.#operations.get(operation);
    if (known?.death) suspect.reject(failureOf(known.death));
    else if (known?.host) known.host.begin(suspect);
    else if (known) known.waiting.push(suspect);
    else {
      const together: Together = { waiting: [suspect], host: null, death: null, over: suspect.run.apart?.over };
      this.#operations.set(operation, together);
      if (isLikely) this.#likely.push(together);
      // Whoever asked the service for something was not looping then.
      else if (together.over) this.#waiting.unshift(together);
      else this.#waiting.push(together);
      this.#openLane();
    }
  }

  /** Resolves when every run that was taken in has come to something. */
  async settled(): Promise<void> {
    await Promise.all(this.#lanes);
  }

  /** Runs that are here reject. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#close();
    clearTimeout(this.#idle);
    for (const host of this.#hosts) host.kill(CLOSED);
    await this.settled();
  }

  #openLane(): void {
    clearTimeout(this.#idle);
    if (this.#lanes.size === LANES) return;
    const lane = this.#serveAll().finally(() => {
      this.#lanes.delete(lane);
      if (this.#lanes.size > 0 || this.#closed) return;
      this.#idle = setTimeout(() => {
        for (const host of this.#free) host.kill(CLOSED);
      }, this.options.idle).unref();
    });
    this.#lanes.add(lane);
  }

  async #serveAll(): Promise<void> {
    for (;;) {
      const together = this.#waiting.shift() ?? this.#likely.shift();
      if (!together) return;
      try {
        await this.#serve(together);
      } catch (error) {
        const failure = new ScriptFailure('died', `The script could not be begun again: ${messageOf(error)}`);
        for (const { reject } of together.waiting) reject(failure);
      }
      for (const [operation, known] of this.#operations) if (known === together) this.#operations.delete(operation);
    }
  }

  async #serve(together: Together): Promise<void> {
    if (this.#closed) throw new Error('the script hosts were closed');
    const host = this.#free.pop() ?? (await this.#open());
    await new Promise<void>((resolve) => {
      const freed = () => {
        if (host.load === 0) resolve();
      };
      host.onFree = freed;
      together.host = host;
      for (const suspect of together.waiting.splice(0)) host.begin(suspect);
      freed();
      void host.ended.then(({ death }) => {
        together.death = death;
        resolve();
      });
    });
    await Promise.race([together.over, this.#closing]);
    if (this.#hosts.has(host)) this.#free.push(host);
  }

  async #open(): Promise<ScriptHost> {
    const host = await this.options.open();
    this.#hosts.add(host);
    void host.ended.then(({ death, suspects }) => {
      this.#hosts.delete(host);
      const at = this.#free.indexOf(host);
      if (at >= 0) this.#free.splice(at, 1);
      for (const { reject } of suspects) reject(failureOf(death));
    });
    if (this.#closed) host.kill(CLOSED);
    return host;
  }
}

const CLOSED: Death = { kind: 'died', message: 'was closed' };

function failureOf({ kind, message }: Death): ScriptFailure {
  return new ScriptFailure(kind, `The script's host ${message}.`);
}
