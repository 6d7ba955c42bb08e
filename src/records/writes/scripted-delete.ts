// Deleting rows and bringing them back, with scripts around it. They are locked first, so that scripts see them as they are.

import type { TableModel } from '../../tables/model.ts';
import type { PlainRow, StepOutcome } from '../row-scripts.ts';
import type { Request } from '../value-source.ts';
import type { RowAnswers, RowTexts } from './answer.ts';
import { beginAround, carryOut } from './around.ts';
import { undoable } from './in-transaction.ts';
import type { LockedRow, ScriptedRows } from './scripted-update.ts';
import { toldTexts } from './told-rows.ts';
import type { Writer } from './writer.ts';

/** What is told of a row that was removed or brought back, and what it is now; of one that is gone, what it was. */
export interface RemovedRow {
  readonly texts: RowTexts;
  readonly row: PlainRow;
}

/** Does it to these rows, in a transaction; answers each, in their order. Throws when it cannot be done to all. */
export type Removal = (ids: readonly string[], request: Request) => Promise<readonly RemovedRow[]>;

/** Carries scripts out around a removal of locked rows. `request` is in the transaction that has them locked. */
export async function removeAround(
  writer: Writer,
  {
    table,
    operation,
    answers,
    remove,
  }: {
    readonly table: TableModel;
    readonly operation: 'DELETE' | 'UNDELETE';
    readonly answers: RowAnswers;
    readonly remove: Removal;
  },
  locked: readonly Omit<LockedRow, 'item'>[],
  batch: boolean,
  request: Request,
): Promise<ScriptedRows> {
  const ids = locked.map(({ id }) => id);
  const items = locked.map(({ id, previous }) => ({ id, item: {}, previous }));
  const done = new Map<string, RemovedRow>();
  const running = await beginAround(writer, table, operation, items, batch, request);
  const ends = await carryOut(running, async (turns) => {
    const outcomes = new Map<number, StepOutcome>();
    const ready = turns.filter(({ at, version }) => {
      const row = locked[at];
      const conflict = row && version === undefined ? row.conflict : null;
      if (row && conflict) outcomes.set(at, { error: conflict, current: row.previous });
      return !conflict;
    });
    const own = ready.map(({ at }) => ids[at] ?? '');
    try {
      const removed = await undoable(writer.store, request, (inside) => remove(own, inside));
      for (const [nth, { at }] of ready.entries()) {
        const one = removed[nth];
        if (!one) continue;
        done.set(ids[at] ?? '', one);
        outcomes.set(at, { row: one.row });
      }
    } catch (error) {
      for (const { at } of ready) outcomes.set(at, { error });
    }
    return outcomes;
  });
  const kept = await answers.byIds(
    ids.filter((id) => !done.has(id)),
    request,
  );
  return {
    texts: locked.flatMap(({ id, previous }, at): RowTexts[] => {
      const told = ends[at]?.told;
      const own = done.get(id);
      const texts = own?.texts ?? kept.get(id);
      if (!texts || told === null) return [];
      return [told ? toldTexts(texts, answers.selections, told, own?.row ?? previous) : texts];
    }),
    count: ends.filter(({ written }) => written).length,
  };
}
