// The rows that a subscriber begins with: as they are at a position of the log, page by page in the order of their ids, so that
// the changes after the position can follow them without a gap, and that a page can be gone on from later.

import type { Request } from '../records/value-source.ts';
import { rowsAsOf } from './as-of.ts';
import type { EventBatch } from './batch.ts';
import { cursorAt } from './change-cursor.ts';
import type { Interest } from './interest.ts';
import { Mirror, MirrorLost } from './mirror.ts';
import type { Position } from './position.ts';
import { ReplayLost } from './replay.ts';
import type { CompiledImages } from './row-pages.ts';
import type { RowReader } from './rows-as-of.ts';

/**
 * The rows with an id after `after` (null: all), as they were at the position, in batches of `size`; the last one is not
 * full, and may be empty. Throws ReplayLost when nobody can say, and ServiceError when the store cannot be reached.
 */
export async function* snapshot(
  interest: Interest,
  position: Position,
  after: string | null,
  {
    images,
    reader,
    request,
    size,
  }: {
    readonly images: CompiledImages;
    readonly reader: RowReader;
    readonly request: Request;
    readonly size: number;
  },
): AsyncGenerator<EventBatch> {
  const mirror = new Mirror(reader, position);
  for (let from = after; ; ) {
    const look = await images.run(request, { after: position, afterId: from, most: size });
    if (!look) throw new ReplayLost('the log does not reach back to where the rows were asked for');
    const last = look.rows.length < size ? null : (look.rows.at(-1)?.['id'] ?? null);
    const isOnPage = (id: string) =>
      (from === null || compareIds(id, from) > 0) && (last === null || compareIds(id, last) <= 0);
    const found = [...rowsAsOf(look, (image) => isOnPage(image['id'] ?? '')).values()];
    // What was changed since then is judged as it was; related rows may have been changed as well.
    const rows = await settled(mirror, () => found.filter((image) => interest.has(image, mirror)));
    rows.sort((a, b) => compareIds(a['id'] ?? '', b['id'] ?? ''));
    const cursor = last === null ? cursorAt(position) : { position, left: { of: 'rows', after: last } as const };
    const events = rows.map((image) => {
      const id = image['id'] ?? '';
      return {
        op: 'SNAPSHOT',
        id,
        before: null,
        after: image,
        changed: [],
        cursor: eventCursor(position, id),
      } as const;
    });
    yield { cursor, reset: false, events };
    if (last === null) return;
    from = last;
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
