// How long one piece of work may take, and whether it is still wanted.

import { setTimeout as wait } from 'node:timers/promises';

export interface Deadline {
  readonly signal: AbortSignal;
  /** Whole milliseconds left; 0 when it is over. */
  left(): number;
  isOver(): boolean;
}

/** `milliseconds` from now. */
export function deadlineIn(milliseconds: number, signal: AbortSignal): Deadline {
  const end = performance.now() + milliseconds;
  return {
    signal,
    left: () => Math.max(0, Math.ceil(end - performance.now())),
    isOver: () => performance.now() >= end,
  };
}

/** Waits; rejects with an AbortError when the signal says that nobody needs the result. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await wait(milliseconds, undefined, { signal });
}
