// Deleting rows and bringing them back, with scripts around it. They are locked first, so that scripts see them as they are.

import type { TableModel } from '../../tables/model.ts';
import type { PlainRow, StepOutcome } from '../row-scripts.ts';
import type { Request } from '../value-source.ts';
import type { RowAnswers, RowTexts } from './answer.ts';
import { beginAround, carryOut, PlainRows } from './around.ts';
import { undoable } from './in-transaction.ts';
import type { LockedRow, ScriptedRows } from './scripted-update.ts';
import { toldTexts } from './told-rows.ts';
import type { Writer, WriterScripts } from './writer.ts';

/** Does it to these rows, in a transaction; answers the texts of each, in their order. Throws when it cannot be done to all. */
export type Removal = (ids: readonly string[], request: Request) => Promise<readonly RowTexts[]>;

/** Carries scripts out around a removal of locked rows. `request` is in the transaction that has them locked. */
export async function removeAround(
  writer: Writer,
  scripts: WriterScripts,
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
  const plain = PlainRows.from(scripts.store);
  const ids = locked.map(({ id }) => id);
  const previous = await plain.of(table, ids, request);
  const items = ids.map((id) => ({ id, item: {}, previous: previous.get(id) ?? null }));
  const texts = new Map<string, RowTexts>();
  const running = await beginAround(writer, table, operation, items, batch, request);
  const now = new Map<string, PlainRow>(previous);
  const ends = await carryOut(running, async (turns) => {
    const outcomes = new Map<number, StepOutcome>();
    const ready = turns.filter(({ at, version }) => {
      const row = locked[at];
      const before = row && previous.get(row.id);
      const conflict = row && version === undefined ? row.conflict : null;
      if (conflict && before) outcomes.set(at, { error: conflict, current: before });
      return !conflict;
    });
    const own = ready.map(({ at }) => ids[at] ?? '');
    try {
      const removed = await undoable(writer.store, request, (inside) => remove(own, inside));
      for (const [at, id] of own.entries()) texts.set(id, removed[at] ?? []);
      if (table.softDelete) for (const [id, row] of await plain.of(table, own, request)) now.set(id, row);
      for (const { at } of ready) outcomes.set(at, { row: now.get(ids[at] ?? '') ?? {} });
    } catch (error) {
      for (const { at } of ready) outcomes.set(at, { error });
    }
    return outcomes;
  });
  const kept = await answers.byIds(
    ids.filter((id) => !texts.has(id)),
    request,
  );
  return {
    texts: ids.flatMap((id, at): RowTexts[] => {
      const told = ends[at]?.told;
      const own = texts.get(id) ?? kept.get(id);
      if (!own || told === null) return [];
      return [told ? toldTexts(own, answers.selections, told, now.get(id)) : own];
    }),
    count: ends.filter(({ written }) => written).length,
  };
}
