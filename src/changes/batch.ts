// What subscribers are told at once, and how it becomes the bytes of an answer.

import type { ChangeCursor } from './change-cursor.ts';
import type { RowEvent } from './row-event.ts';

export interface EventBatch {
  /** Where to go on after it. */
  readonly cursor: ChangeCursor;
  /** Whatever was told before is void. */
  readonly reset: boolean;
  readonly events: readonly RowEvent[];
}

/** Makes answers for subscribers who ask for the same and may see the same. */
export interface BatchWriter {
  /** At once when nothing has to be read for it. Rejects when something cannot be read. */
  write(batch: EventBatch): Buffer | Promise<Buffer>;
}

/** Where one subscriber takes its answers. */
export interface Outlet {
  next(answer: Buffer): void;
  /** Nothing comes any more. */
  fail(error: unknown): void;
  /** So much waits to be taken that the subscriber is to be left alone. */
  readonly isFull: boolean;
  onceDrained(callback: () => void): void;
}
