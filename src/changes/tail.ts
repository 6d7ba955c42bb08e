// Following the change log to its end and on: one in each process, from a position of its own. It looks at once when this
// process committed something or another one rang, and from time to time anyway, since whoever writes past the service rings
// for nobody.

import { messageOf } from '../platform/errors.ts';
import type { Logger } from '../platform/log.ts';
import type { Change } from './change.ts';
import type { ChangeLog, ResetReason } from './change-log.ts';
import { comparePositions, type Position } from './position.ts';

/** What is done with the log. Nothing is read on before it is done. */
export interface Follower {
  /** Whether anybody is to be told. For nobody, nothing is read. */
  readonly isFollowed: boolean;
  /** Nobody was to be told what was committed until then, and it goes on from there. */
  skip(end: Position): void;
  /** The changes after the last end, in their order, and where they end. Must not throw. */
  take(changes: readonly Change[], end: Position): Promise<void> | void;
  /** The log cannot be read on: it goes on at its head, and what was between is not told. */
  lose(head: Position, reason: ResetReason): void;
}

export interface TailOptions {
  readonly changeLog: ChangeLog;
  readonly log: Logger;
  /** Where it begins: the head of the log when it is opened. */
  readonly start: Position;
  readonly follower: Follower;
  /** Rung when this process committed something: once it was found, and at once where nobody follows. */
  readonly ring: () => void;
}

export interface Tail {
  /** Something was committed: by this process, or (a ring was heard) by another one. */
  wake(by: 'commit' | 'ring'): void;
  /** Resolves when everything that is committed by now was taken, or cannot be. */
  fresh(): Promise<void>;
  /** Milliseconds from the last change until it was taken. */
  lag(): number;
  /** Stops it, and waits for what is being done. */
  close(): Promise<void>;
}

/** Changes that are read at once. */
const PAGE = 1_000;
/** Milliseconds between two looks at least, so that what is committed together is found together; and at most. */
const BUSY = 3;
const IDLE = 250;
/** At least while nobody is to be told: who begins to follow may be told what is as old as that. */
const UNFOLLOWED = 25;
/** Milliseconds between two tries when the log cannot be reached. */
const RETRY = 500;

export function openTail({ changeLog, log, start, follower, ring }: TailOptions): Tail {
  let position = start;
  let closed = false;
  let woken = false;
  let committed = false;
  let lag = 0;
  let asking: (() => void)[] = [];
  let failing = false;
  let endPause: (() => void) | null = null;
  let resting = false;

  const pause = (milliseconds: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    }).finally(() => {
      endPause = null;
    });

  /** Takes what there is; answers whether there was something. */
  const look = async (): Promise<boolean> => {
    const head = await changeLog.advance();
    if (head.epoch === position.epoch) {
      if (comparePositions(head, position) <= 0) return false;
      // Who begins to follow from now on is told what comes after this.
      if (!follower.isFollowed) {
        follower.skip(head);
        position = head;
        lag = 0;
        return true;
      }
    }
    for (;;) {
      const page = await changeLog.read(position, PAGE);
      if (page.kind === 'reset') {
        log.warn({ reason: page.reason }, 'the change log goes on elsewhere: every subscription begins anew');
        follower.lose(page.head, page.reason);
        position = page.head;
        return true;
      }
      const end = page.changes.length > 0 || comparePositions(page.end, position) > 0 ? page.end : head;
      await follower.take(page.changes, end);
      position = end;
      const last = page.changes.at(-1);
      if (last) lag = Math.max(0, Date.now() - last.at);
      if (closed || comparePositions(position, head) >= 0) return true;
    }
  };

  const run = async () => {
    let wait = BUSY;
    while (!closed) {
      woken = false;
      const mine = committed;
      committed = false;
      const asked = asking;
      asking = [];
      try {
        const found = await look();
        if (found && mine) ring();
        wait = found ? BUSY : Math.min(wait * 2, IDLE);
        if (failing) log.info('the change log can be reached again');
        failing = false;
      } catch (error) {
        if (!failing && !closed) log.warn({ error: messageOf(error) }, 'the change log cannot be read: trying again');
        failing = true;
        committed ||= mine;
        wait = RETRY;
      }
      for (const answer of asked) answer();
      if (closed) return;
      // A moment's rest, which no commit ends: not even when nothing was found, since not every commit leaves something.
      resting = asking.length === 0;
      if (resting) await pause(follower.isFollowed ? BUSY : UNFOLLOWED);
      resting = false;
      if (wait > BUSY && !woken) await pause(wait);
    }
  };
  const running = run();

  return {
    wake(by) {
      woken = true;
      if (by === 'commit' && follower.isFollowed) committed = true;
      else if (by === 'commit') ring();
      if (!resting) endPause?.();
    },
    fresh() {
      if (closed) return Promise.resolve();
      woken = true;
      endPause?.();
      return new Promise((resolve) => asking.push(resolve));
    },
    lag: () => lag,
    async close() {
      closed = true;
      woken = true;
      endPause?.();
      await running;
      for (const answer of asking) answer();
    },
  };
}
