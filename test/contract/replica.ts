// A reader that makes a copy of the rows out of the log, and finds whatever a log can do wrong: a change that is lost, told
// twice or out of its row's order does not fit what is there.

import { isDeepStrictEqual } from 'node:util';
import type { Change, Image } from '../../src/changes/change.ts';
import type { ChangeLog } from '../../src/changes/change-log.ts';
import { comparePositions, type Position } from '../../src/changes/position.ts';

export class Replica {
  readonly rows = new Map<string, Image>();
  readonly changes: Change[] = [];
  /** In words; the same for the same cause. */
  readonly problems: string[] = [];

  constructor(
    private readonly log: ChangeLog,
    public position: Position,
  ) {}

  /** Reads to the head, in pages of that many. */
  async follow(most: () => number): Promise<void> {
    for (;;) {
      const room = most();
      const page = await this.log.read(this.position, room);
      if (page.kind === 'reset') {
        this.problems.push(`reset: ${page.reason}`);
        return;
      }
      if (page.changes.length > room) this.problems.push('a page is longer than was asked for');
      for (const change of page.changes) this.#take(change);
      const stands = comparePositions(page.end, this.position) === 0;
      if (stands) return;
      this.position = page.end;
    }
  }

  #take(change: Change): void {
    const { id, before, after, position } = change;
    const last = this.changes.at(-1);
    if (last && comparePositions(position, last.position) <= 0) this.problems.push('positions do not grow');
    this.changes.push(change);
    if (id === null) return;
    const known = this.rows.get(id) ?? null;
    if (!isDeepStrictEqual(known, before)) this.problems.push(`${change.kind} of a row that is not as it was before`);
    if (after) this.rows.set(id, after);
    else this.rows.delete(id);
  }
}
