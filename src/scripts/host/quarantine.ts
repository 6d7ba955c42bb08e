// Runs that may have brought a host down are begun again here, one operation after the other: the innocent ones answer, and the
// culprit takes nobody else with it the second time.

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

export class Quarantine {
  readonly #operations = new Map<object, Together>();
  #host: ScriptHost | null = null;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  #idle: NodeJS.Timeout | undefined;
  #closed = false;
  #close: () => void = () => undefined;
  readonly #closing = new Promise<void>((resolve) => {
    this.#close = resolve;
  });

  constructor(private readonly options: QuarantineOptions) {}

  /** Each is begun when the turn of its operation comes. */
  admit(suspects: readonly PendingRun[]): void {
    for (const suspect of suspects) {
      const operation = suspect.run.operation ?? suspect;
      const known = this.#operations.get(operation);
      if (known?.death) suspect.reject(failureOf(known.death));
      else if (known?.host) known.host.begin(suspect);
      else if (known) known.waiting.push(suspect);
      else this.#enqueue(operation, { waiting: [suspect], host: null, death: null, over: suspect.run.apart?.over });
    }
  }

  /** Resolves when every run that was taken in has come to something. */
  settled(): Promise<void> {
    return this.#last;
  }

  /** Runs that are here reject. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#close();
    clearTimeout(this.#idle);
    this.#host?.kill({ kind: 'died', message: 'was closed' });
    await this.#last;
  }

  #enqueue(operation: object, together: Together): void {
    this.#operations.set(operation, together);
    clearTimeout(this.#idle);
    this.#waiting += 1;
    this.#last = this.#last.then(async () => {
      try {
        await this.#serve(together);
      } catch (error) {
        const failure = new ScriptFailure('died', `The script could not be begun again: ${messageOf(error)}`);
        for (const { reject } of together.waiting) reject(failure);
      }
      this.#operations.delete(operation);
      this.#waiting -= 1;
      if (this.#waiting === 0 && !this.#closed) this.#idle = setTimeout(() => this.#letGo(), this.options.idle).unref();
    });
  }

  async #serve(together: Together): Promise<void> {
    if (this.#closed) throw new Error('the script hosts were closed');
    const host = await this.#open();
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
  }

  async #open(): Promise<ScriptHost> {
    if (this.#host) return this.#host;
    const host = await this.options.open();
    this.#host = host;
    void host.ended.then(({ death, suspects }) => {
      if (this.#host === host) this.#host = null;
      for (const { reject } of suspects) reject(failureOf(death));
    });
    if (this.#closed) host.kill({ kind: 'died', message: 'was closed' });
    return host;
  }

  #letGo(): void {
    this.#host?.kill({ kind: 'died', message: 'was closed' });
    this.#host = null;
  }
}

function failureOf({ kind, message }: Death): ScriptFailure {
  return new ScriptFailure(kind, `The script's host ${message}.`);
}
