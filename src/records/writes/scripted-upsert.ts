// An upsert that scripts run around: those of the branch that happens. Which one it is has to be known before they run.

import { decideTable } from '../../access/decide.ts';
import { allOf, livingRows } from '../../tables/filter.ts';
import type { TableModel } from '../../tables/model.ts';
import type { KeyValue, RequestedSelection } from '../plan.ts';
import type { Request } from '../value-source.ts';
import type { RowAnswers, RowTexts } from './answer.ts';
import { wholeRow } from './around.ts';
import { isAboutRows } from './findings.ts';
import { insertion } from './insert-records.ts';
import { mayNot, takenMeanwhile } from './refusals.ts';
import type { GivenChange, RowInput } from './row-input.ts';
import { ScriptedUpdate } from './scripted-update.ts';
import type { Writer } from './writer.ts';

/** How often the row of a key is looked for, that another transaction makes or removes at the same time. */
const TRIES = 3;

/** Plans both. What is planned runs in the transaction of a request. */
export function scriptedBranches(
  writer: Writer,
  table: TableModel,
  by: readonly KeyValue[],
  answers: RowAnswers,
  selections: readonly RequestedSelection[],
) {
  const grant = decideTable(writer.caller, table, 'UPDATE');
  if (!grant) throw mayNot('update', table);
  const rows = allOf([grant.rows, livingRows(table)]);
  const lock = writer.store.compileWrite({
    kind: 'lock',
    table,
    target: { kind: 'key', by },
    rows,
    version: null,
    ceiling: null,
    whole: true,
  });
  const insert = insertion(writer, table, selections);
  // Changes that the client names are the same ones each time.
  const updates = new WeakMap<readonly GivenChange[], ScriptedUpdate>();
  const updateOf = (changes: readonly GivenChange[]) => {
    const update = updates.get(changes) ?? new ScriptedUpdate(writer, table, changes, answers);
    updates.set(changes, update);
    return update;
  };

  return async (
    input: RowInput,
    changes: readonly GivenChange[],
    request: Request,
  ): Promise<{ readonly inserted: boolean; readonly texts: RowTexts }> => {
    for (let tries = 1; ; tries++) {
      const [found] = await lock.run(request);
      if (found?.id != null) {
        const update = updateOf(changes);
        const locked = { id: found.id, item: update.item(request), previous: wholeRow(found), conflict: null };
        const { texts } = await update.run([locked], false, request);
        return { inserted: false, texts: texts[0] ?? [] };
      }
      try {
        const { texts } = await insert([input], request, false);
        return { inserted: true, texts: texts[0] ?? [] };
      } catch (error) {
        // Who has the key is looked for once more: it may have come meanwhile.
        if (!isAboutRows(error) || error.code === 'FORBIDDEN' || tries === TRIES) throw error;
        const [now] = await lock.run(request);
        if (now?.id == null) throw error;
      }
      if (tries >= TRIES) throw takenMeanwhile(table);
    }
  };
}
