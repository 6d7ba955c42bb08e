// What everybody is told: the changes of the log, judged once for all who follow rows, in one order. Each subscriber comes in at
// a position, and is then told with the others.

import { messageOf, ServiceError } from '../platform/errors.ts';
import type { Logger } from '../platform/log.ts';
import type { Change } from './change.ts';
import type { ChangeCursor } from './change-cursor.ts';
import type { ChangeLog } from './change-log.ts';
import { Judge } from './judge.ts';
import { Mirror, MirrorLost } from './mirror.ts';
import { comparePositions, type Position } from './position.ts';
import { RecentChanges } from './recent-changes.ts';
import type { ReplaySources } from './replay.ts';
import type { KeyedLook, Look, RowReader } from './rows-as-of.ts';
import { Subscriber, type SubscriberOptions } from './subscriber.ts';
import type { Follower } from './tail.ts';
import { Watch } from './watch.ts';

export interface FeedOptions {
  readonly changeLog: ChangeLog;
  readonly reader: RowReader;
  readonly log: Logger;
  readonly start: Position;
  /** Resolves when everybody was told what is committed by now. */
  readonly fresh: () => Promise<void>;
  /** Milliseconds after which a subscriber that was told nothing is told how far everybody is. */
  readonly heartbeat: number;
}

/** A subscription to changes. Equal `group`s ask for the same, of the same rows, for callers who may see the same. */
export type Subscription = Omit<SubscriberOptions, 'sources' | 'edge' | 'wanted' | 'reached' | 'fresh'> & {
  readonly group: string;
};

/** A subscription that is under way. */
export interface Following {
  /** Ends it. Safe to call again. */
  close(): void;
  /** Where another one would go on; null: from its beginning. */
  cursor(): ChangeCursor | null;
}

/** Milliseconds between two tries of the store. */
const RETRY = 200;

export class Feed implements Follower {
  readonly #sources: ReplaySources;
  readonly #mirror: Mirror;
  readonly #judge: Judge;
  readonly #watches = new Map<string, { readonly watch: Watch; readonly end: () => void }>();
  readonly #touched = new Set<Watch>();
  readonly #listeners = new Map<string, Set<(change: Change) => void>>();
  readonly #everything = new Set<() => void>();
  readonly #waiting = new Set<{ readonly position: Position; readonly resolve: () => void }>();
  readonly #timer: NodeJS.Timeout;
  #position: Position;
  #next: Position;
  #closed = false;

  constructor(private readonly options: FeedOptions) {
    const { changeLog, reader, start, heartbeat } = options;
    this.#position = start;
    this.#next = start;
    this.#sources = { changeLog, reader, recent: new RecentChanges(start) };
    this.#mirror = new Mirror({ look: (after, keyed) => this.#look(reader, after, keyed) }, start);
    this.#judge = new Judge(this.#mirror);
    this.#timer = setInterval(() => this.#beat(), heartbeat);
    this.#timer.unref();
  }

  /** How many subscribers are told, and how many times a change is judged for them at most. */
  get size(): { readonly subscribers: number; readonly watches: number } {
    let subscribers = 0;
    for (const { watch } of this.#watches.values()) subscribers += watch.members.size;
    return { subscribers, watches: this.#watches.size };
  }

  /** Registers a subscriber before it returns; its answers begin when the caller is done. */
  subscribe({ group, ...options }: Subscription): Following {
    const { watch, end } = this.#watchOf(group, options);
    const subscriber = new Subscriber({
      ...options,
      // One for all: the routes, and what was prepared, are kept once.
      interest: watch.interest,
      sources: this.#sources,
      edge: () => ({ position: this.#position, next: this.#next }),
      wanted: () => watch.wanted,
      reached: (position) => this.#reached(position),
      fresh: this.options.fresh,
    });
    watch.members.add(subscriber);
    queueMicrotask(() => subscriber.start());
    const close = () => {
      subscriber.close();
      watch.members.delete(subscriber);
      if (watch.members.size > 0 || this.#watches.get(group)?.watch !== watch) return;
      this.#watches.delete(group);
      this.#touched.delete(watch);
      end();
    };
    return { close, cursor: () => subscriber.cursor };
  }

  /** Calls back with each change of a table, and when nobody can say what changed. Returns its end. */
  listen(tables: readonly string[], onChange: (change: Change) => void, onLoss: () => void): () => void {
    for (const table of tables) {
      const listeners = this.#listeners.get(table) ?? new Set();
      listeners.add(onChange);
      this.#listeners.set(table, listeners);
    }
    this.#everything.add(onLoss);
    return () => {
      for (const table of tables) {
        const listeners = this.#listeners.get(table);
        listeners?.delete(onChange);
        if (listeners?.size === 0) this.#listeners.delete(table);
      }
      this.#everything.delete(onLoss);
    };
  }

  async take(changes: readonly Change[], end: Position): Promise<void> {
    const from = this.#position;
    this.#next = end;
    this.#sources.recent.add(changes, end);
    await this.#prepare(changes);
    for (const change of changes) {
      const listeners = this.#listeners.get(change.table);
      if (listeners) for (const listener of listeners) listener(change);
      const judging = this.#judging(change);
      if (judging) await judging;
    }
    this.#mirror.arrive(end);
    this.#arrive(from, end);
  }

  get isFollowed(): boolean {
    return this.#watches.size > 0 || this.#everything.size > 0 || this.#waiting.size > 0;
  }

  skip(end: Position): void {
    this.#goOnAt(end);
    this.#arrived(end);
  }

  lose(head: Position): void {
    this.#goOnAt(head);
    for (const { watch } of this.#watches.values()) watch.reset();
    this.#arrive(head, head);
    for (const listener of this.#everything) listener();
  }

  /** Ends what waits. Subscribers are their faces' to end. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#wake(() => true);
  }

  /** What was before is not known here. */
  #goOnAt(head: Position): void {
    this.#next = head;
    this.#sources.recent.restart(head);
    this.#mirror.forget();
    this.#mirror.arrive(head);
    this.#position = head;
  }

  #arrive(from: Position, end: Position): void {
    this.#position = end;
    const touched = [...this.#touched];
    this.#touched.clear();
    for (const watch of touched) watch.flush(from, end);
    this.#arrived(end);
  }

  #arrived(end: Position): void {
    this.#wake(({ position }) => position.epoch !== end.epoch || comparePositions(position, end) <= 0);
  }

  async #prepare(changes: readonly Change[]): Promise<void> {
    try {
      await this.#judge.prepare(changes);
    } catch {
      // Whoever needs it will ask again, and be told what is wrong.
      this.#mirror.forget();
    }
  }

  #judging(change: Change): Promise<void> | undefined {
    try {
      return this.#judge.judge(change)?.catch((error: unknown) => this.#giveUp(change, error));
    } catch (error) {
      this.#giveUp(change, error);
    }
  }

  /** Who looks at other rows cannot be told what this change meant; everybody else can. */
  #giveUp(change: Change, error: unknown): void {
    const { log } = this.options;
    if (!this.#closed)
      log.warn({ table: change.table, reason: messageOf(error) }, 'subscriptions over related rows begin anew');
    this.#mirror.forget();
    this.#mirror.apply(change);
    for (const { watch } of this.#watches.values()) if (watch.interest.uses.length > 0) watch.reset();
  }

  #watchOf(group: string, { interest, writer, batchSize }: Omit<Subscription, 'group'>) {
    const known = this.#watches.get(group);
    if (known) return known;
    const watch = new Watch(interest, writer, batchSize, (touched) => this.#touched.add(touched));
    const made = { watch, end: this.#judge.add(watch) };
    this.#watches.set(group, made);
    return made;
  }

  #beat(): void {
    for (const { watch } of this.#watches.values()) watch.heartbeat(this.#position);
  }

  async #look(reader: RowReader, after: Position, keyed: KeyedLook): Promise<Look | null> {
    for (;;) {
      if (this.#closed) throw new MirrorLost('the service is closing');
      try {
        return await reader.look(after, keyed);
      } catch (error) {
        if (!(error instanceof ServiceError) || error.code !== 'SERVICE_UNAVAILABLE') throw error;
        await new Promise((resolve) => setTimeout(resolve, RETRY));
      }
    }
  }

  #reached(position: Position): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.add({ position, resolve });
      // It may have been reached while the log was asked about the position.
      this.#arrived(this.#position);
    });
  }

  #wake(isReached: (waiting: { readonly position: Position }) => boolean): void {
    for (const waiting of this.#waiting) {
      if (!isReached(waiting)) continue;
      this.#waiting.delete(waiting);
      waiting.resolve();
    }
  }
}
