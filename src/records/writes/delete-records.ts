// Deleting rows, and bringing soft-deleted ones back. A table with soft delete keeps the row and marks it; in others it is
// gone, and what is asked of it is read before.

import { decideTable } from '../../access/decide.ts';
import { ServiceError } from '../../platform/errors.ts';
import { allOf, EVERY_ROW, type Filter, livingRows } from '../../tables/filter.ts';
import { columnOf, type Operation, type TableModel } from '../../tables/model.ts';
import type { KeyValue, RequestedSelection } from '../plan.ts';
import type { CompiledWrite } from '../ports.ts';
import { visibleRows } from '../readable-rows.ts';
import type { Request, Slot } from '../value-source.ts';
import { type BatchField, batchText, nodeSelections, planAnswers, type RowAnswers, type RowTexts } from './answer.ts';
import { inScriptTransaction, scriptsAround, wholeRow } from './around.ts';
import { inTransaction } from './in-transaction.ts';
import type { PlannedWrite } from './insert-records.ts';
import { mayNot, noSuchRow, notAllowed } from './refusals.ts';
import { removeAround } from './scripted-delete.ts';
import { SoftDeleteCascade } from './soft-delete-cascade.ts';
import { assertFew, conflictReader, targetOf, UNJUDGED, type WeighAnswer } from './update-records.ts';
import type { Change, JudgedRow, LockPlan, Target } from './write-plan.ts';
import type { Writer } from './writer.ts';

/** Plans deleting the row of a key; answered is the row as it was, or as it is when it was only marked. */
export function planDeleteOne(
  writer: Writer,
  table: TableModel,
  asked: { readonly by: readonly KeyValue[]; readonly version: Slot | null; readonly selection: RequestedSelection },
): PlannedWrite {
  const { by, version, selection } = asked;
  const grant = grantOf(writer, table, 'DELETE');
  const rows = allOf([grant.rows, livingRows(table)]);
  const answers = planAnswers(writer, table, [selection]);
  const target: Target = { kind: 'key', by };
  const remove = removal(writer, { table, target, rows, version, ceiling: null }, answers);
  const conflict = conflictReader(writer, selection, by);
  const scripts = scriptsAround(writer, table, 'DELETE');
  if (scripts) {
    const lock = writer.store.compileWrite({ kind: 'lock', table, target, rows, version, ceiling: null, whole: true });
    const removal = removalOf(writer, table, rows, answers);
    return {
      run: (request) =>
        inScriptTransaction(writer.store, request, async (within) => {
          const [row] = await lock.run(within);
          if (row?.id == null) throw noSuchRow(table, 'delete');
          const conflicting = row.current ? null : await conflict(within);
          const locked = { id: row.id, previous: wholeRow(row), conflict: conflicting };
          const { texts } = await removeAround(writer, removal, [locked], false, within);
          return texts[0]?.[0] ?? 'null';
        }),
    };
  }
  return {
    run: (request) =>
      remove(request, async (judged, within) => {
        const [row] = judged;
        if (!row) throw noSuchRow(table, 'delete');
        if (!row.current) throw await conflict(within);
      }).then(({ texts }) => texts[0]?.[0] ?? 'null'),
  };
}

/** Plans deleting all rows that a filter leaves, or the first of them up to a limit. */
export function planDeleteMany(
  writer: Writer,
  table: TableModel,
  asked: {
    readonly where: Filter;
    readonly limit: Slot | null;
    readonly fields: readonly BatchField[];
    readonly weigh: WeighAnswer;
  },
): PlannedWrite {
  const grant = grantOf(writer, table, 'DELETE');
  const rows = allOf([grant.rows, visibleRows(writer.caller, table)]);
  const answers = planAnswers(writer, table, nodeSelections(asked.fields));
  const { target, ceiling } = targetOf(writer, table, asked);
  const remove = removal(writer, { table, target, rows, version: null, ceiling }, answers);
  const scripts = scriptsAround(writer, table, 'DELETE');
  if (scripts) {
    const lock = writer.store.compileWrite({ kind: 'lock', table, target, rows, version: null, ceiling, whole: true });
    const removal = removalOf(writer, table, rows, answers);
    return {
      run: (request) =>
        inScriptTransaction(writer.store, request, async (within) => {
          const found = await lock.run(within);
          assertFew(writer, table, found, ceiling);
          if (answers.readsBack) asked.weigh(found.length, within);
          const locked = found.flatMap((row) =>
            row.id === null ? [] : [{ id: row.id, previous: wholeRow(row), conflict: null }],
          );
          const { texts, count } = await removeAround(writer, removal, locked, true, within);
          return batchText(asked.fields, count, texts, []);
        }),
    };
  }
  return {
    run: async (request) => {
      const { judged, texts } = await remove(request, async (found, within) => {
        assertFew(writer, table, found, ceiling);
        if (answers.readsBack) asked.weigh(found.length, within);
      });
      return batchText(asked.fields, judged.length, texts, []);
    },
  };
}

/** Plans bringing back the row of a key. One that is not deleted stays as it is. */
export function planUndelete(
  writer: Writer,
  table: TableModel,
  { by, selection }: { readonly by: readonly KeyValue[]; readonly selection: RequestedSelection },
): PlannedWrite {
  const { rows, check } = grantOf(writer, table, 'UNDELETE');
  const answers = planAnswers(writer, table, [selection]);
  const scripts = scriptsAround(writer, table, 'UNDELETE');
  const restore = writer.store.compileWrite({
    kind: 'update',
    table,
    target: { kind: 'key', by },
    rows,
    version: null,
    ceiling: null,
    changes: markDeleted(table, false),
    check,
    references: [],
    ...answers.answered,
    whole: scripts !== null,
  });
  const write = async (request: Request) => {
    const [row] = await restore.run(request).catch((error: unknown) => Promise.reject(taken(table, error)));
    if (!row) throw noSuchRow(table, 'undelete');
    if (!row.passed) throw notAllowed(table);
    return { row, texts: (await answers.texts([row], request))[0] ?? [] };
  };
  if (scripts) {
    const lock = writer.store.compileWrite({
      kind: 'lock',
      table,
      target: { kind: 'key', by },
      rows,
      version: null,
      ceiling: null,
      whole: true,
    });
    const remove = async (_: readonly string[], request: Request) => {
      const { row, texts } = await write(request);
      return [{ texts, row: wholeRow(row) }];
    };
    return {
      run: (request) =>
        inScriptTransaction(writer.store, request, async (within) => {
          const [row] = await lock.run(within);
          if (row?.id == null) throw noSuchRow(table, 'undelete');
          const undeletion = { table, operation: 'UNDELETE', answers, remove } as const;
          const locked = [{ id: row.id, previous: wholeRow(row), conflict: null }];
          return (await removeAround(writer, undeletion, locked, false, within)).texts[0]?.[0] ?? 'null';
        }),
    };
  }
  const run = (request: Request) => (answers.readsBack ? inTransaction(writer.store, request, write) : write(request));
  return { run: async (request) => (await run(request)).texts[0] ?? 'null' };
}

/** Removing rows that are locked, by their ids, for scripts. */
function removalOf(writer: Writer, table: TableModel, rows: Filter, answers: RowAnswers) {
  const target: Target = { kind: 'ids', ids: idSlot(table) };
  const remove = removal(writer, { table, target, rows, version: null, ceiling: null, whole: true }, answers);
  return {
    table,
    operation: 'DELETE' as const,
    answers,
    remove: async (ids: readonly string[], request: Request) => {
      const { judged, texts } = await remove({ ...request, written: [ids] }, async () => undefined);
      const byId = new Map(judged.map((row, at) => [row.id, { row, texts: texts[at] ?? [] }]));
      return ids.map((id) => {
        const own = byId.get(id);
        if (!own) throw noSuchRow(table, 'delete');
        return { texts: own.texts, row: wholeRow(own.row) };
      });
    },
  };
}

interface Removed {
  readonly judged: readonly JudgedRow[];
  readonly texts: readonly RowTexts[];
}

type Assert = (judged: readonly JudgedRow[], request: Request) => Promise<void>;

/** `assert` throws what the client is to know; whatever was done is undone then. */
function removal(writer: Writer, targeted: Omit<LockPlan, 'kind'>, answers: RowAnswers) {
  return targeted.table.softDelete ? marking(writer, targeted, answers) : erasing(writer, targeted, answers);
}

function marking({ store, model }: Writer, targeted: Omit<LockPlan, 'kind'>, answers: RowAnswers) {
  const { table } = targeted;
  const changes = markDeleted(table, true);
  const mark = store.compileWrite({ kind: 'update', ...targeted, changes, ...UNJUDGED, ...answers.answered });
  const cascade = new SoftDeleteCascade(store, model);
  const alone = !answers.readsBack && !cascade.concerns(table);
  return async (request: Request, assert: Assert): Promise<Removed> => {
    const write = async (within: Request) => {
      const judged = await mark.run(within);
      await assert(judged, within);
      await cascade.run(table, idsOf(judged), within);
      return { judged, texts: await answers.texts(judged, within) };
    };
    return alone ? write(request) : inTransaction(store, request, write);
  };
}

function erasing({ store }: Writer, targeted: Omit<LockPlan, 'kind'>, answers: RowAnswers) {
  if (!answers.readsBack) {
    const erase = store.compileWrite({ kind: 'delete', ...targeted, ...answers.answered });
    return async (request: Request, assert: Assert): Promise<Removed> => {
      const judged = await erase.run(request);
      await assert(judged, request);
      return { judged, texts: judged.map((row) => row.answers) };
    };
  }
  // What lies beside a row is read while it is still there, and nobody can change it in between.
  const lock = store.compileWrite({ kind: 'lock', ...targeted });
  const erase = eraseByIds(store, targeted.table);
  return (request: Request, assert: Assert): Promise<Removed> =>
    inTransaction(store, request, async (within) => {
      const judged = await lock.run(within);
      await assert(judged, within);
      const texts = await answers.texts(judged, within);
      await erase.run({ ...within, written: [idsOf(judged)] });
      return { judged, texts };
    });
}

function eraseByIds(store: Writer['store'], table: TableModel): CompiledWrite {
  const target: Target = { kind: 'ids', ids: idSlot(table) };
  const plan = { table, target, rows: EVERY_ROW, version: null, ceiling: null, selections: [], shown: EVERY_ROW };
  return store.compileWrite({ kind: 'delete', ...plan });
}

/** The list of ids that a write brings along. */
function idSlot(table: TableModel): Slot {
  return { source: { from: 'write', at: 0 }, type: columnOf(table, 'id').type, list: true };
}

function markDeleted(table: TableModel, deleted: boolean): readonly Change[] {
  const column = columnOf(table, 'deleted');
  const source = { from: 'model', value: deleted } as const;
  return [{ column, how: 'set', slot: { source, type: column.type, list: false } }];
}

function grantOf({ caller }: Writer, table: TableModel, operation: Operation) {
  const grant = decideTable(caller, table, operation);
  if (!grant) throw mayNot(operation.toLowerCase(), table);
  return grant;
}

const idsOf = (rows: readonly JudgedRow[]): string[] => rows.flatMap(({ id }) => id ?? []);

/** Unique means unique among the living: while a row was deleted, another one may have taken its values. */
function taken(table: TableModel, error: unknown): unknown {
  if (!(error instanceof ServiceError) || error.code !== 'CONSTRAINT_VIOLATION' || !error.fields) return error;
  const columns = error.fields.map(({ path }) => path.at(-1)).join(' and ');
  const message = `Another ${table.name} has the same ${columns} now. Change or delete that one first.`;
  return new ServiceError('CONFLICT', message, { cause: error });
}
