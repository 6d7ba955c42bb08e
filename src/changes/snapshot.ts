// The rows that a subscriber begins with: as they are at a position of the log, page by page in the order of their ids, so that
// the changes after the position can follow them without a gap, and that a page can be gone on from later.

import type { Request } from '../records/value-source.ts';
import { rowsAsOf } from './as-of.ts';
import type { EventBatch } from './batch.ts';
import type { Image } from './change.ts';
import { type ChangeCursor, cursorAt } from './change-cursor.ts';
import type { Interest } from './interest.ts';
import { Mirror, MirrorLost } from './mirror.ts';
import type { Position } from './position.ts';
import { ReplayLost, type ReplaySources, replay } from './replay.ts';
import type { CompiledImages } from './row-pages.ts';

export interface SnapshotSources extends ReplaySources {
  readonly images: CompiledImages;
  readonly request: Request;
  /** Resolves with where everybody is, when that is not before what is committed by now. */
  readonly fresh: () => Promise<Position>;
}

/**
 * The rows with an id after `after` (null: all), as they were at the position, in batches of at most `size`; the last one is
 * not full, and may be empty. Throws ReplayLost when nobody can say, and ServiceError when the store cannot be reached.
 */
export async function* snapshot(
  interest: Interest,
  position: Position,
  after: string | null,
  sources: SnapshotSources,
  size: number,
): AsyncGenerator<EventBatch> {
  const mirror = new Mirror(sources.reader, position);
  for (let from = after; ; ) {
    const look = await sources.images.run(sources.request, { after: position, afterId: from, most: size });
    if (!look) throw new ReplayLost('the log does not reach back to where the rows were asked for');
    const last = look.rows.length < size ? null : (look.rows.at(-1)?.['id'] ?? null);
    const isOnPage = (id: string) =>
      (from === null || compareIds(id, from) > 0) && (last === null || compareIds(id, last) <= 0);
    const found = [...rowsAsOf(look, (image) => isOnPage(image['id'] ?? '')).values()];
    // What was changed since then is judged as it was.
    const rows = await settled(mirror, () => found.filter((image) => interest.has(image, mirror)));
    rows.push(...(await rowsThatLeft(interest, position, rows, sources, isOnPage)));
    rows.sort((a, b) => compareIds(a['id'] ?? '', b['id'] ?? ''));
    const cursor = last === null ? cursorAt(position) : { position, left: { of: 'rows', after: last } as const };
    yield* toPages(rows, position, cursor, size);
    if (last === null) return;
    from = last;
  }
}

/**
 * The statement asks whether rows are meant now. Those that were at the position, and are not since another row was changed,
 * are in no look: what happened since then tells of them.
 */
async function rowsThatLeft(
  interest: Interest,
  position: Position,
  rows: readonly Image[],
  sources: SnapshotSources,
  isOnPage: (id: string) => boolean,
): Promise<Image[]> {
  if (interest.uses.length === 0) return [];
  const end = await sources.fresh();
  if (end.epoch !== position.epoch) throw new ReplayLost('another epoch');
  const known = new Set(rows.map((image) => image['id']));
  const left: Image[] = [];
  for await (const { events } of replay(interest, cursorAt(position), end, sources, MANY)) {
    for (const { id, before } of events) {
      if (known.has(id) || !isOnPage(id)) continue;
      // What happened to it first tells whether it was there.
      known.add(id);
      if (before) left.push(before);
    }
  }
  return left;
}

/** Events that are read at once where nobody is told them. */
const MANY = 10_000;

function* toPages(rows: readonly Image[], position: Position, end: ChangeCursor, size: number): Generator<EventBatch> {
  const events = rows.map((image) => {
    const id = image['id'] ?? '';
    return { op: 'SNAPSHOT', id, before: null, after: image, changed: [], cursor: eventCursor(position, id) } as const;
  });
  // Rows that were deleted since then come on top of those of the page.
  for (let at = 0; at === 0 || at < events.length; at += size) {
    const some = events.slice(at, at + size);
    const cursor = at + size >= events.length ? end : (some.at(-1)?.cursor ?? end);
    yield { cursor, reset: false, events: some };
  }
}

function eventCursor(position: Position, id: string) {
  return { position, left: { of: 'rows', after: id } as const };
}

async function settled<T>(mirror: Mirror, work: () => T): Promise<T> {
  try {
    return await mirror.settle(work);
  } catch (error) {
    if (error instanceof MirrorLost) throw new ReplayLost(error.message);
    throw error;
  }
}

/** By code point, as the store has them in order. */
function compareIds(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
