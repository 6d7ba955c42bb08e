// Changing the row of a key, or inserting it when there is none. Without changes of its own an upsert gives the row that is
// there the values that it would have inserted.

import { decideColumn, decideTable } from '../../access/decide.ts';
import { type FieldProblem, ServiceError } from '../../platform/errors.ts';
import { allOf, livingRows } from '../../tables/filter.ts';
import { type Column, columnOf, type TableModel, tableOf } from '../../tables/model.ts';
import type { KeyValue, RequestedSelection } from '../plan.ts';
import type { CompiledWrite } from '../ports.ts';
import { visibleRows } from '../readable-rows.ts';
import { type Request, resolveSource } from '../value-source.ts';
import { planAnswers, type RowTexts } from './answer.ts';
import { type PlannedChanges, planChanges } from './changes.ts';
import { inTransaction } from './in-transaction.ts';
import type { RowsOf } from './insert-records.ts';
import { refusal } from './insert-steps.ts';
import { layOutRows } from './lay-out-rows.ts';
import { hiddenReference, mayNot, notAllowed, violation } from './refusals.ts';
import type { GivenChange, RowInput } from './row-input.ts';
import { columnsOf, givenValue, type NewRow } from './row-values.ts';
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
  const answers = planAnswers(
    writer,
    table,
    fields.flatMap((field) => (field.kind === 'node' ? [field.selection] : [])),
  );
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
        each: false,
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

  return {
    run: async (request) => {
      const input = withKey(asked.rowsOf(request)[0], by, request);
      if (input.related.length > 0) {
        throw new ServiceError(
          'BAD_USER_INPUT',
          `An upsert takes no nested rows: give ${input.related.map(({ relation }) => relation.column || relation.name).join(', ')} by its key, or write them in another field of the mutation.`,
        );
      }
      const changes = asked.changes ?? changesOf(writer, input, by);
      // With nothing to change an upsert makes sure that the row is there.
      const planned = changes.length > 0 ? planChanges(writer, table, changes) : UNCHANGED;
      const [row] = layOutRows(writer, [input], request).roots;
      if (!row) throw new Error('one row was laid out');
      const written = [...row.cells, ...planned.values(request)];
      const statement = statementFor(row, planned);
      const write = async (within: Request) => {
        for (let tries = 1; ; tries++) {
          const [judged] = await statement.run({ ...within, written });
          if (judged) assertAllowed(table, row, planned, judged);
          if (judged && judged.id !== null) {
            const [texts] = await answers.texts([judged], within);
            return upsertText(fields, judged.inserted, texts ?? []);
          }
          if (tries >= TRIES)
            throw new ServiceError('CONFLICT', `Another ${table.name} has this key or one of the unique values.`);
        }
      };
      return answers.readsBack ? inTransaction(writer.store, request, write) : write(request);
    },
  };
}

const UNCHANGED: PlannedChanges = Object.freeze({ changes: [], references: [], values: () => [], pathOf: () => [] });

/** The row to insert has the key that it is looked for by. */
function withKey(input: RowInput | undefined, by: readonly KeyValue[], request: Request): RowInput {
  if (!input) throw new Error('an upsert has one row');
  const cells = new Map(input.cells);
  for (const { column, slot } of by) {
    const value = resolveSource(slot.source, request);
    const own = cells.get(column);
    if (own && !sameValue(column, own.value, value)) {
      throw new ServiceError('BAD_USER_INPUT', `insert.${column.name} is another one than the key by: leave it out.`);
    }
    cells.set(column, own ?? { value, path: ['by', column.name] });
  }
  return { ...input, cells };
}

function sameValue(column: Column, one: unknown, other: unknown): boolean {
  const problems: FieldProblem[] = [];
  const inner = (value: unknown) => givenValue(column, { value, path: [] }, problems);
  return inner(one) === inner(other) && problems.length === 0;
}

/** What an insert would write, as changes: of the columns that may be updated, and without the key. */
function changesOf({ caller }: Writer, { cells, table }: RowInput, by: readonly KeyValue[]): readonly GivenChange[] {
  const keys = by.map(({ column }) => column);
  return [...cells].flatMap(([column, { value, path }]): GivenChange[] => {
    if (keys.includes(column) || column === columnOf(table, 'id') || !decideColumn(caller, column, 'UPDATE')) return [];
    return [{ column, how: 'set', source: { from: 'constant', value }, path }];
  });
}

function assertAllowed(table: TableModel, row: NewRow, planned: PlannedChanges, judged: JudgedRow): void {
  if (judged.inserted) {
    const refused = refusal(row, judged);
    if (refused) throw refused.fields.length > 0 ? violation(refused.fields) : notAllowed(table);
    return;
  }
  const hidden = judged.hidden.flatMap((name) => {
    const relation = table.relations.get(name);
    return relation ? [hiddenReference(planned.pathOf(name), relation)] : [];
  });
  if (hidden.length > 0) throw violation(hidden);
  if (!judged.passed) throw notAllowed(table);
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
