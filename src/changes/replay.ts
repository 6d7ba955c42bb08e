// Reading the log once more, for one who follows rows: what a subscriber has not been told yet, in the same order and by the
// same judgement as whoever was there.

import type { EventBatch } from './batch.ts';
import type { Change } from './change.ts';
import type { ChangeCursor } from './change-cursor.ts';
import type { ChangeLog } from './change-log.ts';
import type { Interest } from './interest.ts';
import { Judge } from './judge.ts';
import { Mirror, MirrorLost } from './mirror.ts';
import { comparePositions, type Position } from './position.ts';
import type { RecentChanges } from './recent-changes.ts';
import type { RowEvent } from './row-event.ts';
import type { RowReader } from './rows-as-of.ts';
import { toBatches } from './watch.ts';

/** What a replay reads from. */
export interface ReplaySources {
  readonly changeLog: ChangeLog;
  readonly recent: RecentChanges;
  readonly reader: RowReader;
}

/** The log cannot tell any more: the subscriber begins anew. */
export class ReplayLost extends Error {}

const PAGE = 1_000;

/**
 * What happened after a cursor, up to a position, in batches of `size` at most. Throws ReplayLost when nobody can say, and
 * ServiceError when the store cannot be reached.
 */
export async function* replay(
  interest: Interest,
  after: ChangeCursor,
  end: Position,
  { changeLog, recent, reader }: ReplaySources,
  size: number,
): AsyncGenerator<EventBatch> {
  const { left } = after;
  // Of the change at the cursor some was told: it is read again.
  let position = left?.of === 'change' ? predecessor(after.position) : after.position;
  const mirror = new Mirror(reader, position);
  const judge = new Judge(mirror);
  let events: RowEvent[] = [];
  let lost = false;
  let failure: unknown;
  judge.add({
    interest,
    tell: (event) => {
      events.push(event);
    },
    reset: () => {
      lost = true;
    },
    fail: (error) => {
      failure ??= error;
    },
  });
  const untold = (some: readonly RowEvent[]) =>
    left?.of === 'change' ? some.filter((event) => !isTold(event, after.position, left.after)) : some;
  while (comparePositions(position, end) < 0) {
    const page = await read(position, end, changeLog, recent);
    await orLost(judge.prepare(page.changes));
    for (const change of page.changes) {
      await orLost(judge.judge(change));
      if (failure !== undefined) throw failure;
      if (lost) throw new ReplayLost('rows were changed in a way that is not logged');
      // What is there is told, so that whoever is cut off has come further.
      if (events.length < size) continue;
      yield* toBatches(untold(events), size, change.position);
      events = [];
    }
    position = page.end;
    mirror.arrive(position);
    yield* toBatches(untold(events), size, position);
    events = [];
  }
}

async function orLost(work: void | Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (error instanceof MirrorLost) throw new ReplayLost(error.message);
    throw error;
  }
}

async function read(
  after: Position,
  end: Position,
  changeLog: ChangeLog,
  recent: RecentChanges,
): Promise<{ readonly changes: readonly Change[]; readonly end: Position }> {
  const known = recent.between(after, end);
  if (known) return { changes: known, end };
  const page = await changeLog.read(after, PAGE);
  if (page.kind === 'reset') throw new ReplayLost(page.reason);
  const further = page.changes.filter(({ position }) => comparePositions(position, end) <= 0);
  const isWhole = further.length < page.changes.length || comparePositions(page.end, after) === 0;
  return { changes: further, end: isWhole || comparePositions(page.end, end) > 0 ? end : page.end };
}

function isTold({ id, cursor }: RowEvent, position: Position, told: string): boolean {
  return comparePositions(cursor.position, position) === 0 && id <= told;
}

function predecessor(position: Position): Position {
  return { ...position, seq: position.seq - 1n };
}

/** Whether a cursor can be gone on from at all. Throws ReplayLost when it cannot. */
export async function checkCursor({ position, left }: ChangeCursor, { changeLog }: ReplaySources): Promise<void> {
  const from = left?.of === 'change' ? predecessor(position) : position;
  const page = await changeLog.read(from, 1);
  if (page.kind === 'reset') throw new ReplayLost(page.reason);
}
