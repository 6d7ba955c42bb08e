// Undoing: from rows as they are now to rows as they were.

import type { Image } from './change.ts';
import type { Look } from './rows-as-of.ts';

/** What names a row among those of its table: its id; of a table between two others, all that it holds. */
export function rowName(image: Image): string {
  return image['id'] ?? JSON.stringify(Object.entries(image).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The rows of a look as they were at its position, of those that `matches` takes, by their names. */
export function rowsAsOf({ rows, later }: Look, matches: (image: Image) => boolean): Map<string, Image> {
  const found = new Map(rows.map((image) => [rowName(image), image]));
  for (const { before, after } of later.toReversed()) {
    if (after) found.delete(rowName(after));
    if (before && matches(before)) found.set(rowName(before), before);
  }
  return found;
}
