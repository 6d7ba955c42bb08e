// The last changes, kept: whoever comes back soon reads them from here, and not all at once from the store.

import type { Change } from './change.ts';
import { comparePositions, type Position } from './position.ts';

const MOST = 5_000;

export class RecentChanges {
  #changes: Change[] = [];
  /** Everything after this, up to the end, is here. */
  #start: Position;
  #end: Position;

  constructor(start: Position) {
    this.#start = start;
    this.#end = start;
  }

  /** More changes, that follow what is here. */
  add(changes: readonly Change[], end: Position): void {
    for (const change of changes) this.#changes.push(change);
    this.#end = end;
    if (this.#changes.length < MOST * 2) return;
    const left = this.#changes.splice(0, this.#changes.length - MOST);
    this.#start = left.at(-1)?.position ?? this.#start;
  }

  /** Nothing follows what is here: it goes on elsewhere. */
  restart(position: Position): void {
    this.#changes = [];
    this.#start = position;
    this.#end = position;
  }

  /** The changes after one position, up to another; null when not all of them are here. */
  between(after: Position, end: Position): readonly Change[] | null {
    const known = [after, end].every(({ epoch }) => epoch === this.#end.epoch);
    if (!known || comparePositions(after, this.#start) < 0 || comparePositions(end, this.#end) > 0) return null;
    const first = firstAfter(this.#changes, after);
    return this.#changes.slice(first, firstAfter(this.#changes, end));
  }
}

function firstAfter(changes: readonly Change[], position: Position): number {
  let low = 0;
  let high = changes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const change = changes[middle];
    if (change && comparePositions(change.position, position) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
