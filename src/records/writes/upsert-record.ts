// Changing the row of a key, or inserting it when there is none. Without changes of its own an upsert gives the row that is
// there the values that it would have inserted.

import { decideTable } from '../../access/decide.ts';
import { allOf, livingRows } from '../../tables/filter.ts';
import { columnOf, type TableModel, tableOf } from '../../tables/model.ts';
import type { KeyValue, RequestedSelection } from '../plan.ts';
import type { CompiledWrite } from '../ports.ts';
import { visibleRows } from '../readable-rows.ts';
import type { Request } from '../value-source.ts';
import { planAnswers, type RowTexts } from './answer.ts';
import { inScriptTransaction, scriptsAround } from './around.ts';
import { type PlannedChanges, planChanges } from './changes.ts';
import { isAboutRows } from './findings.ts';
import { inTransaction } from './in-transaction.ts';
import type { RowsOf } from './insert-records.ts';
import { layOutRows, pathOfColumn } from './lay-out-rows.ts';
import { problemsOfLayout } from './layout.ts';
import { hiddenReference, located, mayNot, notAllowed, takenKeys, takenMeanwhile, violation } from './refusals.ts';
import type { GivenChange } from './row-input.ts';
import { columnsOf, type NewRow } from './row-values.ts';
import { scriptedBranches } from './scripted-upsert.ts';
import { changesOf, keyedRow } from './upsert-values.ts';
import type { JudgedRow } from './write-plan.ts';
import type { Writer } from './writer.ts';

/** What is asked of an upsert, in the order of the answer. */
export type UpsertField =
  | { readonly kind: 'inserted'; readonly key: string }
  | { readonly kind: 'constant'; readonly key: string; readonly value: string }
  | { readonly kind: 'node'; readonly key: string; readonly selection: RequestedSelection };

/** How often an upsert is tried that finds its row neither there nor free: another one makes it at the same time. */
const TRIES = 3;

/** Plans it. `changes` null: the values of the insert that the caller may update. */
export function planUpsert(
  writer: Writer,
  table: TableModel,
  asked: {
    readonly by: readonly KeyValue[];
    readonly rowsOf: RowsOf;
    readonly changes: readonly GivenChange[] | null;
    readonly fields: readonly UpsertField[];
  },
): { run(request: Request): Promise<string> } {
  const { by, fields } = asked;
  for (const operation of ['INSERT', 'UPDATE'] as const) {
    if (!decideTable(writer.caller, table, operation)) throw mayNot(operation.toLowerCase(), table);
  }
  const answers = planAnswers(writer, table, nodesOf(fields));
  const compiled = new Map<string, CompiledWrite>();

  const statementFor = (row: NewRow, planned: PlannedChanges): CompiledWrite => {
    const columns = planned.changes.map(({ column, how }) => `${column.name} ${how}`).join();
    const key = `${columns}; ${[...row.references].sort().join()}`;
    const known = compiled.get(key) ?? compile(row, planned);
    compiled.set(key, known);
    return known;
  };

  const compile = (row: NewRow, planned: PlannedChanges): CompiledWrite => {
    const { store, model, caller } = writer;
    const insert = decideTable(caller, table, 'INSERT');
    const update = decideTable(caller, table, 'UPDATE');
    if (!insert || !update) throw mayNot('insert into', table);
    const offset = columnsOf(table).length;
    return store.compileWrite({
      kind: 'upsert',
      insert: {
        kind: 'insert',
        table,
        columns: columnsOf(table),
        many: false,
        each: null,
        check: insert.check,
        references: [...row.references].flatMap((name) => {
          const relation = table.relations.get(name);
          if (!relation) return [];
          const target = tableOf(model, relation.target);
          return [{ relation, target, rows: visibleRows(caller, target) }];
        }),
        ...answers.answered,
      },
      update: {
        kind: 'update',
        table,
        target: { kind: 'key', by },
        rows: allOf([update.rows, livingRows(table)]),
        version: null,
        ceiling: null,
        changes: planned.changes.map((change, at) => ({
          ...change,
          slot: { ...change.slot, source: { from: 'write', at: offset + at } },
        })),
        check: update.check,
        references: planned.references,
        ...answers.answered,
      },
    });
  };

  const around = scriptsAround(writer, table, 'INSERT') ?? scriptsAround(writer, table, 'UPDATE');
  if (around) {
    const branches = scriptedBranches(writer, table, by, answers, nodesOf(fields));
    return {
      run: (request) =>
        inScriptTransaction(writer.store, request, async (within) => {
          const input = keyedRow(asked.rowsOf(within)[0], by, within);
          const { inserted, texts } = await branches(input, asked.changes ?? changesOf(writer, input, by), within);
          return upsertText(fields, inserted, texts);
        }),
    };
  }

  return {
    run: async (request) => {
      const input = keyedRow(asked.rowsOf(request)[0], by, request);
      const changes = asked.changes ?? changesOf(writer, input, by);
      // With nothing to change an upsert makes sure that the row is there.
      const planned = changes.length > 0 ? planChanges(writer, table, changes) : UNCHANGED;
      const layout = layOutRows(writer, [input], request);
      const [row] = layout.roots;
      if (!row) throw new Error('one row was laid out');
      const changed = planned.values(request);
      const problems = [...problemsOfLayout(layout), ...(asked.changes ? changed.problems : [])];
      if (problems.length > 0) throw violation(problems);
      const written = [...row.cells, ...changed.values];
      const statement = statementFor(row, planned);
      const write = async (within: Request) => {
        for (let tries = 1; ; tries++) {
          const [judged] = await statement.run({ ...within, written });
          if (judged) assertAllowed(table, row, planned, judged);
          if (judged && judged.id !== null) {
            const [texts] = await answers.texts([judged], within);
            return upsertText(fields, judged.inserted, texts ?? []);
          }
          if (tries >= TRIES) throw takenMeanwhile(table);
        }
      };
      const pathOf = (name: string) => planned.pathOf(name) ?? pathOfColumn(row, columnOf(table, name));
      try {
        return await (answers.readsBack ? inTransaction(writer.store, request, write) : write(request));
      } catch (error) {
        throw isAboutRows(error) ? located(error, pathOf) : error;
      }
    },
  };
}

const nodesOf = (fields: readonly UpsertField[]) =>
  fields.flatMap((field) => (field.kind === 'node' ? [field.selection] : []));

const UNCHANGED: PlannedChanges = Object.freeze({
  changes: [],
  references: [],
  values: () => ({ values: [], problems: [] }),
  pathOf: () => null,
});

/** Throws what is in the way of the half that was tried. */
function assertAllowed(table: TableModel, row: NewRow, planned: PlannedChanges, judged: JudgedRow): void {
  const pathOf = (name: string) =>
    (judged.inserted ? null : planned.pathOf(name)) ?? pathOfColumn(row, columnOf(table, name));
  const hidden = judged.hidden.flatMap((name) => {
    const relation = table.relations.get(name);
    return relation ? [hiddenReference(pathOf(relation.column), relation)] : [];
  });
  if (!judged.passed) throw hidden.length > 0 ? violation(hidden) : notAllowed(table);
  const taken = judged.id === null ? judged.taken : [];
  const problems = [...hidden, ...takenKeys(table, taken, ({ name }) => pathOf(name))];
  const conflict = hidden.length === 0 && taken.every((key) => key === 0);
  if (problems.length > 0) throw violation(problems, conflict ? 'CONFLICT' : 'CONSTRAINT_VIOLATION');
}

function upsertText(fields: readonly UpsertField[], inserted: boolean, texts: RowTexts): string {
  let selection = 0;
  const members = fields.map((field) => {
    const text =
      field.kind === 'inserted'
        ? String(inserted)
        : field.kind === 'constant'
          ? JSON.stringify(field.value)
          : (texts[selection++] ?? 'null');
    return `${JSON.stringify(field.key)}:${text}`;
  });
  return `{${members.join(',')}}`;
}
