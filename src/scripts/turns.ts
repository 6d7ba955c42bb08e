// The order of what scripts ask of one transaction. A connection does one thing at a time, and savepoints nest: calls of
// scripts that stand beside each other are carried out one after the other, also when they belong to different runs.

import type { StoreTransaction } from '../records/store-transaction.ts';

export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Does work when everything that came before is over. */
  take<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.then(work);
    this.#last = next.catch(() => undefined);
    return next;
  }

  /** Resolves when what has come so far is over. */
  async over(): Promise<void> {
    await this.#last;
  }
}

/** By depth: what a call of a script does in its turn may have scripts around it, whose calls have turns of their own. */
const TURNS = new WeakMap<StoreTransaction, Map<number, Turns>>();

/** Those of a transaction for scripts that are `depth` deep. */
export function turnsOf(transaction: StoreTransaction, depth: number): Turns {
  const byDepth = TURNS.get(transaction) ?? new Map<number, Turns>();
  TURNS.set(transaction, byDepth);
  const turns = byDepth.get(depth) ?? new Turns();
  byDepth.set(depth, turns);
  return turns;
}
