// What a change means to whoever follows some rows of a table.

import type { Change, Image } from './change.ts';
import { type ChangeCursor, cursorAt } from './change-cursor.ts';
import type { InterestPlan } from './interest.ts';

/** SNAPSHOT: it is there. ENTER: it is there now. LEAVE: it is not any more, though it lives. DELETE: it does not live any more. */
export type ChangeOp = 'SNAPSHOT' | 'ENTER' | 'UPDATE' | 'LEAVE' | 'DELETE';

export interface RowEvent {
  readonly op: ChangeOp;
  readonly id: string;
  /** With UPDATE, LEAVE and DELETE: the row as it was. */
  readonly before: Image | null;
  /** With SNAPSHOT, ENTER and UPDATE: the row as it is. */
  readonly after: Image | null;
  /** With UPDATE: names of the columns that changed, of those that are shown. */
  readonly changed: readonly string[];
  /** Where to go on after this event. */
  readonly cursor: ChangeCursor;
}

/** What the change of a row itself means, for whom it was or is among the rows; null: nothing to tell. */
export function ownEvent(plan: InterestPlan, change: Change, was: boolean, is: boolean): RowEvent | null {
  const { before, after, position } = change;
  const cursor = cursorAt(position);
  const id = (after ?? before)?.['id'] ?? '';
  if (is && !was) return { op: 'ENTER', id, before: null, after, changed: [], cursor };
  if (was && !is) {
    const died = !after || (plan.table.softDelete && after['deleted'] === 'true');
    if (died) return { op: 'DELETE', id, before, after: null, changed: [], cursor };
    return { op: 'LEAVE', id, before, after: null, changed: [], cursor };
  }
  if (!was) return null;
  const changed = changedColumns(plan, change);
  return changed.some((name) => plan.telling.has(name)) ? { op: 'UPDATE', id, before, after, changed, cursor } : null;
}

/** What the change of another row means for a row that it brought in or put out. */
export function relatedEvent(image: Image, is: boolean, cursor: ChangeCursor): RowEvent {
  const id = image['id'] ?? '';
  const row = { changed: [], id, cursor };
  return is ? { ...row, op: 'ENTER', before: null, after: image } : { ...row, op: 'LEAVE', before: image, after: null };
}

function changedColumns({ table, shown }: InterestPlan, { changed }: Change): string[] {
  const names: string[] = [];
  for (const { name, sqlName } of table.columns.values()) {
    if (shown.has(name) && changed.includes(sqlName)) names.push(name);
  }
  return names;
}
