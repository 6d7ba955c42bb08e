// Runs that may have brought a host down are begun again here, alone: the innocent ones answer, and the culprit takes nobody
// with it the second time.

import { messageOf } from '../../platform/errors.ts';
import type { PendingRun } from './open-run.ts';
import { ScriptFailure } from './script-failure.ts';
import type { ScriptHost } from './script-host.ts';

export interface QuarantineOptions {
  /** A host with the modules in it; rejects when there can be none. */
  readonly open: () => Promise<ScriptHost>;
  /** Milliseconds after which a host without work is closed. */
  readonly idle: number;
}

export class Quarantine {
  #host: ScriptHost | null = null;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  #idle: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(private readonly options: QuarantineOptions) {}

  /** Each is begun again, alone, when its turn comes. */
  admit(suspects: readonly PendingRun[]): void {
    for (const suspect of suspects) this.#enqueue(suspect);
  }

  /** Resolves when every run that was taken in has come to something. */
  settled(): Promise<void> {
    return this.#last;
  }

  /** Runs that are here reject. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#idle);
    this.#host?.kill({ kind: 'died', message: 'was closed' });
    await this.#last;
  }

  #enqueue(suspect: PendingRun): void {
    clearTimeout(this.#idle);
    this.#waiting += 1;
    this.#last = this.#last.then(async () => {
      try {
        await this.#again(suspect);
      } catch (error) {
        suspect.reject(new ScriptFailure('died', `The script could not be begun again: ${messageOf(error)}`));
      }
      this.#waiting -= 1;
      if (this.#waiting === 0 && !this.#closed) this.#idle = setTimeout(() => this.#letGo(), this.options.idle).unref();
    });
  }

  async #again(suspect: PendingRun): Promise<void> {
    if (this.#closed) throw new Error('the script hosts were closed');
    await suspect.run.restart?.();
    const host = await this.#open();
    await new Promise<void>((resolve) => {
      const freed = () => {
        if (host.load === 0) resolve();
      };
      host.onFree = freed;
      host.begin(suspect);
      freed();
      void host.ended.then(() => resolve());
    });
  }

  async #open(): Promise<ScriptHost> {
    if (this.#host) return this.#host;
    const host = await this.options.open();
    this.#host = host;
    void host.ended.then(({ death, suspects }) => {
      if (this.#host === host) this.#host = null;
      for (const { reject } of suspects) {
        reject(new ScriptFailure(death.kind, `The script's host ${death.message}.`));
      }
    });
    if (this.#closed) host.kill({ kind: 'died', message: 'was closed' });
    return host;
  }

  #letGo(): void {
    this.#host?.kill({ kind: 'died', message: 'was closed' });
    this.#host = null;
  }
}
