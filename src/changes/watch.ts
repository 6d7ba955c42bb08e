// Everybody who follows the same rows in the same way: a change is judged once for all of them, and its answer written once.

import type { BatchWriter, EventBatch } from './batch.ts';
import { type ChangeCursor, cursorAt } from './change-cursor.ts';
import type { Interest } from './interest.ts';
import type { Judged } from './judge.ts';
import type { Position } from './position.ts';
import type { RowEvent } from './row-event.ts';

/** One of them. */
export interface Member {
  /** An answer about everything after `from`. */
  take(answer: Buffer, from: ChangeCursor): void;
  /** Answers after `from` were left out, and none of them was taken: it has to see for itself. */
  miss(from: ChangeCursor): void;
  /** What was told before is void; it begins anew at `from`. */
  reset(from: Position): void;
  fail(error: unknown): void;
}

/** Answers that wait to be written, before everybody is left to see for himself. */
const MOST_WAITING = 50;

export class Watch implements Judged {
  readonly members = new Set<Member>();
  #events: RowEvent[] = [];
  #isReset = false;
  #failure: { readonly error: unknown } | null = null;
  /** Where answers that are being written end up, in their order. */
  #writing: Promise<void> | null = null;
  #waiting = 0;
  /** Where those of them begin that are still wanted, the oldest first. */
  #wanted: ChangeCursor[] = [];
  /** What was being written in an earlier one is nobody's. */
  #round = 0;
  /** Whether something was told since the last heartbeat. */
  #spoke = false;

  constructor(
    readonly interest: Interest,
    private readonly writer: BatchWriter,
    readonly batchSize: number,
    /** Is told once that there is something to flush. */
    private readonly touched: (watch: Watch) => void,
  ) {}

  tell(event: RowEvent): void {
    if (this.#events.push(event) === 1) this.touched(this);
  }

  reset(): void {
    this.#isReset = true;
    this.touched(this);
  }

  fail(error: unknown): void {
    this.#failure ??= { error };
    this.touched(this);
  }

  /** Where the oldest answer begins that nobody has taken yet; null: none waits. */
  get wanted(): ChangeCursor | null {
    return this.#wanted[0] ?? null;
  }

  /** Tells everybody what there is of the changes from one position to another. */
  flush(from: Position, end: Position): void {
    const events = this.#events;
    this.#events = [];
    if (this.#failure) {
      this.#each((member) => member.fail(this.#failure?.error));
      return;
    }
    if (this.#isReset) {
      this.#isReset = false;
      this.#drop();
      this.#each((member) => member.reset(end));
      return;
    }
    let start = cursorAt(from);
    for (const batch of toBatches(events, this.batchSize, end)) {
      this.#write(batch, start);
      start = batch.cursor;
    }
  }

  /** Tells whoever heard nothing for long how far everything is. */
  heartbeat(at: Position): void {
    if (!this.#spoke) this.#write({ cursor: cursorAt(at), reset: false, events: [] }, cursorAt(at));
    this.#spoke = false;
  }

  #write(batch: EventBatch, from: ChangeCursor): void {
    this.#spoke = true;
    const round = this.#round;
    if (this.#waiting >= MOST_WAITING) {
      this.#leave(from);
      return;
    }
    const written = this.writer.write(batch);
    if (Buffer.isBuffer(written) && !this.#writing) {
      this.#each((member) => member.take(written, from));
      return;
    }
    this.#waiting += 1;
    this.#wanted.push(from);
    const writing: Promise<void> = Promise.all([written, this.#writing])
      .then(
        ([answer]) => {
          if (round !== this.#round) return;
          this.#wanted.shift();
          this.#each((member) => member.take(answer, from));
        },
        () => {
          // It could not be read now: each tries again, or learns why not.
          if (round === this.#round) this.#leave(from);
        },
      )
      .finally(() => {
        this.#waiting -= 1;
        if (this.#writing === writing) this.#writing = null;
      });
    this.#writing = writing;
  }

  /** Leaves everybody to see for himself, after what was taken last. */
  #leave(from: ChangeCursor): void {
    const start = this.#wanted[0] ?? from;
    this.#drop();
    this.#each((member) => member.miss(start));
  }

  #drop(): void {
    this.#round += 1;
    this.#wanted = [];
  }

  #each(tell: (member: Member) => void): void {
    for (const member of [...this.members]) tell(member);
  }
}

/** Events in batches of at most `size`; the last one ends where everything does. None when there are none. */
export function toBatches(events: readonly RowEvent[], size: number, end: Position): EventBatch[] {
  const batches: EventBatch[] = [];
  for (let at = 0; at < events.length; at += size) {
    const some = events.slice(at, at + size);
    const last = some.at(-1);
    const cursor = at + size >= events.length || !last ? cursorAt(end) : last.cursor;
    batches.push({ cursor, reset: false, events: some });
  }
  return batches;
}
