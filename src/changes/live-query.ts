// A query that is asked again whenever its answer may have changed: once for all who ask the same, not more often than it can
// be answered, and told only when the answer is another one.

import { ServiceError } from '../platform/errors.ts';
import type { Outlet } from './batch.ts';

export interface LiveQueryOptions {
  /** Answers it: bytes that are the same as long as the answer is. */
  readonly run: () => Promise<Buffer>;
}

/** Milliseconds from one answer to asking again, at least. */
const REST = 50;
/** Milliseconds between two tries when the store cannot be reached. */
const RETRY = 1_000;

interface Asker {
  readonly outlet: Outlet;
  /** What it was told last. */
  told: Buffer | null;
  /** Whether it has no room now, and is told the latest when it has. */
  full: boolean;
}

export class LiveQuery {
  readonly #askers = new Set<Asker>();
  /** The last answer; null while it may be another one. */
  #answer: Buffer | null = null;
  #dirty = false;
  #running = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(private readonly options: LiveQueryOptions) {}

  get isUnused(): boolean {
    return this.#askers.size === 0;
  }

  /** Tells the answer as it is now, and then whenever it is another one. Returns its end. */
  ask(outlet: Outlet): () => void {
    const asker: Asker = { outlet, told: null, full: false };
    this.#askers.add(asker);
    this.refresh();
    return () => {
      this.#askers.delete(asker);
      if (this.isUnused) this.close();
    };
  }

  /** Something happened that may be seen in the answer. */
  refresh(): void {
    this.#dirty = true;
    if (!this.#running && !this.#timer) void this.#run();
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#askers.clear();
  }

  async #run(): Promise<void> {
    this.#running = true;
    this.#dirty = false;
    let rest = REST;
    try {
      const began = performance.now();
      const answer = await this.options.run();
      rest = Math.max(REST, performance.now() - began);
      // Equal answers are one, so that nobody is told twice.
      if (!this.#answer?.equals(answer)) this.#answer = answer;
      for (const asker of this.#askers) this.#tell(asker);
    } catch (error) {
      if (error instanceof ServiceError && error.code === 'SERVICE_UNAVAILABLE') {
        this.#dirty = true;
        rest = RETRY;
      } else {
        for (const { outlet } of [...this.#askers]) outlet.fail(error);
        this.#askers.clear();
      }
    }
    this.#running = false;
    if (this.isUnused) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (this.#dirty) void this.#run();
    }, rest);
  }

  #tell(asker: Asker): void {
    const answer = this.#answer;
    if (!answer || asker.told === answer || asker.full) return;
    if (!asker.outlet.isFull) {
      asker.told = answer;
      asker.outlet.next(answer);
      return;
    }
    asker.full = true;
    asker.outlet.onceDrained(() => {
      asker.full = false;
      if (this.#askers.has(asker)) this.#tell(asker);
    });
  }
}
