// One client's subscription to changes. It begins with rows, or where it left off, reads the log until it is where everybody
// is, and then is told with everybody. When its client does not take what it is sent, it lets go of everything but its cursor,
// and reads the log again once there is room: nothing is kept for it, and nothing is lost.

import { ServiceError } from '../platform/errors.ts';
import type { Request } from '../records/value-source.ts';
import type { BatchWriter, EventBatch, Outlet } from './batch.ts';
import { type ChangeCursor, cursorAt } from './change-cursor.ts';
import type { Interest } from './interest.ts';
import { comparePositions, type Position } from './position.ts';
import { checkCursor, ReplayLost, type ReplaySources, replay } from './replay.ts';
import type { CompiledImages } from './row-pages.ts';
import { snapshot } from './snapshot.ts';
import type { Member } from './watch.ts';

export interface SubscriberOptions {
  readonly interest: Interest;
  readonly writer: BatchWriter;
  readonly outlet: Outlet;
  readonly request: Request;
  readonly images: CompiledImages;
  readonly sources: ReplaySources;
  readonly since: ChangeCursor | null;
  /** Whether it wants the rows that there are, when it begins and whenever it begins anew. */
  readonly initial: boolean;
  /** Begin with this: what was told before, under another rule, is void. */
  readonly anew: boolean;
  readonly batchSize: number;
  /** Where everybody is. */
  readonly edge: () => { readonly position: Position; readonly next: Position };
  /** Where the answers begin that everybody waits for; null: none. */
  readonly wanted: () => ChangeCursor | null;
  /** Resolves when everybody is there. */
  readonly reached: (position: Position) => Promise<void>;
  /** Resolves when everybody was told what is committed by now. */
  readonly fresh: () => Promise<void>;
}

/** Bytes of answers that may wait while the log is read. */
const MOST_KEPT = 256 * 1024;
/** Milliseconds between two tries when the store cannot be reached. */
const RETRY = 1_000;

export class Subscriber implements Member {
  /** Answers about what is after this are its own. */
  #joined: Position;
  /** Whether it is told with everybody; otherwise it reads for itself. */
  #isLive = false;
  #kept: { readonly answer: Buffer; readonly from: ChangeCursor }[] = [];
  #keptBytes = 0;
  #overflowed = false;
  #restart: { readonly at: Position } | null = null;
  #closed = false;
  #wasHeard = false;
  #wakeUp: (() => void) | null = null;

  /** Up to where it was told, by answers of its own. */
  #told: ChangeCursor | null;

  /** It is told from now on; `start` begins it. */
  constructor(private readonly options: SubscriberOptions) {
    this.#joined = options.edge().next;
    this.#told = options.since;
  }

  /** Where another one would go on; null: from its beginning. */
  get cursor(): ChangeCursor | null {
    if (!this.#isLive) return this.#told;
    return this.#notBefore(this.options.wanted() ?? cursorAt(this.options.edge().position));
  }

  /** Begins. Everything that goes wrong ends at the outlet. */
  start(): void {
    const { since, initial, anew } = this.options;
    if (since) void this.#readFrom(since, anew);
    else if (initial) void this.#startFresh(anew);
    // What is committed from now on, and perhaps what was a moment ago.
    else void this.#readFrom(cursorAt(this.options.edge().position), anew);
  }

  /** The rows that there are hold what the client itself has just written. */
  async #startFresh(anew: boolean): Promise<void> {
    await this.options.fresh();
    if (this.#closed) return;
    this.#joinNow();
    await this.#readFrom({ position: this.options.edge().position, left: { of: 'rows', after: null } }, anew);
  }

  close(): void {
    this.#closed = true;
    this.#kept = [];
    this.#wakeUp?.();
  }

  take(answer: Buffer, from: ChangeCursor): void {
    if (isBefore(from, this.#joined)) return;
    if (!this.#isLive) this.#keep(answer, from);
    else if (this.options.outlet.isFull) this.miss(from);
    else this.options.outlet.next(answer);
  }

  miss(from: ChangeCursor): void {
    if (this.#isLive) this.#readLater(this.#notBefore(from));
    else this.#overflowed = true;
  }

  reset(from: Position): void {
    if (!this.#isLive) this.#restart = { at: from };
    else this.#beginAnew(from);
  }

  fail(error: unknown): void {
    if (this.#closed) return;
    this.close();
    this.options.outlet.fail(error);
  }

  #keep(answer: Buffer, from: ChangeCursor): void {
    this.#keptBytes += answer.length;
    if (this.#keptBytes > MOST_KEPT) this.#overflowed = true;
    if (this.#overflowed) this.#kept = [];
    else this.#kept.push({ answer, from });
  }

  /** Goes on from a cursor as soon as the client takes something. */
  #readLater(from: ChangeCursor): void {
    this.#isLive = false;
    this.#joinNow();
    void this.#readFrom(from, false);
  }

  #beginAnew(at: Position): void {
    this.#isLive = false;
    this.#joinNow();
    const left = this.options.initial ? ({ of: 'rows', after: null } as const) : null;
    void this.#readFrom({ position: at, left }, true);
  }

  #joinNow(): void {
    this.#joined = this.options.edge().next;
    this.#kept = [];
    this.#keptBytes = 0;
    this.#overflowed = false;
    this.#restart = null;
  }

  async #readFrom(first: ChangeCursor, anew: boolean): Promise<void> {
    let cursor = first;
    let voided = anew;
    while (!this.#closed) {
      try {
        for await (const batch of this.#batches(cursor)) {
          await this.#send(voided ? { ...batch, reset: true } : batch);
          voided = false;
          cursor = batch.cursor;
          if (this.#closed) return;
        }
        cursor = cursorAt(comparePositions(cursor.position, this.#joined) < 0 ? this.#joined : cursor.position);
        if (this.#restart) throw new ReplayLost('rows were changed in a way that is not logged');
        if (!this.#overflowed) break;
        this.#joinNow();
      } catch (error) {
        if (this.#closed) return;
        if (error instanceof ReplayLost) {
          this.#joinNow();
          const { position } = this.options.edge();
          cursor = { position, left: this.options.initial ? { of: 'rows', after: null } : null };
          voided = true;
        } else if (error instanceof ServiceError && error.code === 'SERVICE_UNAVAILABLE') {
          await this.#pause(RETRY);
        } else {
          this.fail(error);
          return;
        }
      }
    }
    if (this.#closed) return;
    if (voided || !this.#wasHeard) await this.#send({ cursor, reset: voided, events: [] });
    this.#goLive(cursor);
  }

  readonly #fresh = async (): Promise<Position> => {
    await this.options.fresh();
    return this.options.edge().position;
  };

  /** What is to be told after a cursor, until where it joined everybody. */
  async *#batches(cursor: ChangeCursor): AsyncGenerator<EventBatch> {
    const { interest, sources, images, request, batchSize, reached } = this.options;
    let { position, left } = cursor;
    if (left?.of === 'rows') {
      yield* snapshot(interest, position, left.after, { ...sources, images, request, fresh: this.#fresh }, batchSize);
      left = null;
    }
    for (;;) {
      if (position.epoch !== this.#joined.epoch) throw new ReplayLost('another epoch');
      if (comparePositions(position, this.#joined) <= 0) break;
      // Another process was further than this one is yet.
      await checkCursor({ position, left }, sources);
      await reached(position);
      this.#joinNow();
    }
    yield* replay(interest, { position, left }, this.#joined, sources, batchSize);
  }

  async #send(batch: EventBatch): Promise<void> {
    const { writer, outlet } = this.options;
    const answer = await writer.write(batch);
    while (outlet.isFull && !this.#closed) await this.#drained();
    if (this.#closed) return;
    outlet.next(answer);
    this.#told = batch.cursor;
    this.#wasHeard = true;
  }

  /** Nothing is awaited in here: what comes next comes from everybody. */
  #goLive(cursor: ChangeCursor): void {
    if (this.#closed) return;
    const restart = this.#restart;
    if (restart) this.#beginAnew(restart.at);
    else if (this.#overflowed) this.#readLater(cursor);
    else this.#joinIn(cursor);
  }

  #joinIn(cursor: ChangeCursor): void {
    this.#isLive = true;
    this.#joined = cursor.position;
    const kept = this.#kept;
    this.#kept = [];
    this.#keptBytes = 0;
    for (const { answer, from } of kept) {
      if (!this.#isLive) return;
      this.take(answer, from);
    }
  }

  /** What was before it joined was told to others, or by itself. */
  #notBefore(from: ChangeCursor): ChangeCursor {
    return isBefore(from, this.#joined) ? cursorAt(this.#joined) : from;
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#wakeUp = resolve;
      this.options.outlet.onceDrained(resolve);
    });
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Whether something after the cursor comes before the position, or at it: of the change there some may be left. */
function isBefore({ position, left }: ChangeCursor, other: Position): boolean {
  const order = comparePositions(position, other);
  return order < 0 || (order === 0 && left !== null);
}
