// Rows as read scripts tell them. A store over another one: whatever is read of a table that has such a script passes through
// it, on every way that there is to a row, and what reads no such table passes by. Its script sees whole rows, however little
// the client asked of them; there is one run for each table and answer. JSON columns with numbers beyond double precision lose
// digits on the way.

import type { ConnectionSelection, ReadPlan, RowSelection } from './plan.ts';
import type { RecordStore } from './ports.ts';
import type { RowScripts } from './row-scripts.ts';
import { type Json, ToldAnswer } from './told-answer.ts';
import type { Request } from './value-source.ts';
import { touches, widened, widenedConnection } from './whole-rows.ts';
import type { JudgedRow, WritePlan } from './writes/write-plan.ts';

/** Makes it. Transactions and everything that tells no rows are the other store's. */
export function scriptedReads(store: RecordStore, scripts: RowScripts): RecordStore {
  const answered = async (
    selections: readonly RowSelection[],
    rows: readonly (readonly (string | null)[])[],
    request: Request,
  ): Promise<readonly (readonly (string | null)[])[]> => {
    const answer = new ToldAnswer();
    const parsed = rows.map((texts) => texts.map((text) => (text === null ? null : (JSON.parse(text) as Json))));
    for (const values of parsed) for (const [at, value] of values.entries()) answer.gather(selections[at], value);
    await answer.ask(scripts, request);
    return parsed.map((values) => values.map((value, at) => textOf(answer.tell(selections[at], value))));
  };

  return {
    transaction: (work, options) => store.transaction(work, options),
    savepoint: (transaction, work) => store.savepoint(transaction, work),
    query: (request, text, values) => store.query(request, text, values),
    compileFind: (plan) => store.compileFind(plan),
    compileLink: (plan) => store.compileLink(plan),
    compileRead(plan) {
      const wide = widePlan(plan);
      if (!wide) return store.compileRead(plan);
      const compiled = store.compileRead(wide);
      return {
        async run(request) {
          const value = JSON.parse(await compiled.run(request)) as Json;
          const answer = new ToldAnswer();
          if (wide.kind === 'connection') {
            answer.gatherConnection(wide.selection, value);
            await answer.ask(scripts, request);
            return JSON.stringify(answer.tellConnection(wide.selection, value));
          }
          const selection = wide.selection as RowSelection;
          answer.gather(selection, value);
          await answer.ask(scripts, request);
          return JSON.stringify(answer.tell(selection, value));
        },
      };
    },
    compileReadBack(plan) {
      if (!plan.selections.some(touches)) return store.compileReadBack(plan);
      const selections = plan.selections.map(widened);
      const compiled = store.compileReadBack({ ...plan, selections });
      return { run: async (request) => answered(selections, await compiled.run(request), request) };
    },
    compileWrite(plan) {
      const selections = selectionsOf(plan);
      if (!selections.some(touches)) return store.compileWrite(plan);
      const wide = selections.map(widened);
      const compiled = store.compileWrite(withSelections(plan, wide));
      return {
        async run(request) {
          const judged = await compiled.run(request);
          const texts = await answered(
            wide,
            judged.map(({ answers }) => answers),
            request,
          );
          return judged.map((row, at): JudgedRow => ({ ...row, answers: texts[at] ?? [] }));
        },
      };
    },
  };
}

function textOf(value: Json): string | null {
  return value === null ? null : JSON.stringify(value);
}

function widePlan(plan: ReadPlan): Exclude<ReadPlan, { readonly kind: 'aggregate' }> | null {
  switch (plan.kind) {
    case 'aggregate':
      return null;
    case 'connection': {
      const selection: ConnectionSelection = widenedConnection(plan.selection);
      return selection === plan.selection ? null : { ...plan, selection };
    }
    case 'one':
      return touches(plan.selection) ? { ...plan, selection: widened(plan.selection) } : null;
    case 'list':
      return touches(plan.selection) ? { ...plan, selection: widened(plan.selection) } : null;
  }
}

function selectionsOf(plan: WritePlan): readonly RowSelection[] {
  if (plan.kind === 'upsert') return plan.insert.selections;
  return 'selections' in plan ? plan.selections : [];
}

function withSelections(plan: WritePlan, selections: readonly RowSelection[]): WritePlan {
  if (plan.kind === 'upsert') {
    return { ...plan, insert: { ...plan.insert, selections }, update: { ...plan.update, selections } };
  }
  return 'selections' in plan ? { ...plan, selections } : plan;
}
