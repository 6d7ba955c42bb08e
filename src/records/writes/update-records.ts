// Changing rows: one by its key, or many by a filter.

import { decideTable } from '../../access/decide.ts';
import { ServiceError } from '../../platform/errors.ts';
import { allOf, EVERY_ROW, type Filter, livingRows } from '../../tables/filter.ts';
import type { TableModel } from '../../tables/model.ts';
import { guardFilter } from '../guard-filter.ts';
import { guardOne } from '../guard-selection.ts';
import type { KeyValue, RequestedSelection } from '../plan.ts';
import { visibleRows } from '../readable-rows.ts';
import type { Request, Slot } from '../value-source.ts';
import { type BatchField, batchText, nodeSelections, planAnswers } from './answer.ts';
import { inScriptTransaction, scriptsAround, wholeRow } from './around.ts';
import { planChanges } from './changes.ts';
import { CheckedChange } from './checked-change.ts';
import { inTransaction } from './in-transaction.ts';
import type { PlannedWrite } from './insert-records.ts';
import { mayNot, noSuchRow, tooManyRows } from './refusals.ts';
import type { GivenChange } from './row-input.ts';
import { ScriptedUpdate } from './scripted-update.ts';
import type { JudgedRow, Target, UpdatePlan } from './write-plan.ts';
import type { Writer } from './writer.ts';

/** Plans changing the row of a key. */
export function planUpdateOne(
  writer: Writer,
  table: TableModel,
  asked: {
    readonly by: readonly KeyValue[];
    readonly changes: readonly GivenChange[];
    readonly version: Slot | null;
    readonly selection: RequestedSelection;
  },
): PlannedWrite {
  const { by, version, selection } = asked;
  const grant = grantOf(writer, table);
  const answers = planAnswers(writer, table, [selection]);
  const planned = planChanges(writer, table, asked.changes);
  const read = decideTable(writer.caller, table, 'READ');
  // Who may read and update every row learns from the current row, or from its absence, why nothing was written.
  const silent = grant.rows === EVERY_ROW && read?.rows === EVERY_ROW;
  const plan: UpdatePlan = {
    kind: 'update',
    table,
    target: { kind: 'key', by },
    rows: allOf([grant.rows, livingRows(table)]),
    version,
    silent,
    ceiling: null,
    changes: planned.changes,
    check: grant.check,
    references: planned.references,
    ...answers.answered,
  };
  const update = writer.store.compileWrite(plan);
  const change = new CheckedChange(writer, plan, planned);
  const conflict = conflictReader(writer, selection, by);
  const write = async (request: Request) => {
    const [row] = await update.run(request);
    if (!row && !(silent && version)) throw noSuchRow(table, 'update');
    if (!row?.current) {
      const error = await conflict(request);
      throw !row && error.current === null ? noSuchRow(table, 'update') : error;
    }
    change.assertAllowed([row]);
    const [texts] = await answers.texts([row], request);
    return texts?.[0] ?? 'null';
  };
  const scripts = scriptsAround(writer, table, 'UPDATE');
  if (scripts) {
    const lock = writer.store.compileWrite({
      kind: 'lock',
      table,
      target: plan.target,
      rows: plan.rows,
      version,
      ceiling: null,
      whole: true,
    });
    const scripted = new ScriptedUpdate(writer, table, asked.changes, answers);
    return {
      run: (request) =>
        inScriptTransaction(writer.store, request, async (within) => {
          const item = scripted.item(within);
          const [row] = await lock.run(within);
          if (row?.id == null) throw noSuchRow(table, 'update');
          const previous = wholeRow(row);
          const locked = { id: row.id, item, previous, conflict: row.current ? null : await conflict(within) };
          return (await scripted.run([locked], false, within)).texts[0]?.[0] ?? 'null';
        }),
    };
  }
  return {
    run: (request) =>
      change.run(request, (within) => (answers.readsBack ? inTransaction(writer.store, within, write) : write(within))),
  };
}

/** Throws when an answer of so many rows, with what is beside them, would be too much. Nothing is kept of the write then. */
export type WeighAnswer = (rows: number, request: Request) => void;

/** Plans changing all rows that a filter leaves, or the first of them up to a limit. */
export function planUpdateMany(
  writer: Writer,
  table: TableModel,
  asked: {
    readonly where: Filter;
    readonly limit: Slot | null;
    readonly changes: readonly GivenChange[];
    readonly fields: readonly BatchField[];
    readonly weigh: WeighAnswer;
  },
): PlannedWrite {
  const grant = grantOf(writer, table);
  const answers = planAnswers(writer, table, nodeSelections(asked.fields));
  const planned = planChanges(writer, table, asked.changes);
  const { target, ceiling } = targetOf(writer, table, asked);
  const plan: UpdatePlan = {
    kind: 'update',
    table,
    target,
    rows: allOf([grant.rows, visibleRows(writer.caller, table)]),
    version: null,
    ceiling,
    changes: planned.changes,
    check: grant.check,
    references: planned.references,
    ...answers.answered,
  };
  const update = writer.store.compileWrite(plan);
  const change = new CheckedChange(writer, plan, planned);
  const write = async (request: Request) => {
    const rows = await update.run(request);
    assertFew(writer, table, rows, ceiling);
    change.assertAllowed(rows);
    if (answers.readsBack) asked.weigh(rows.length, request);
    return batchText(asked.fields, rows.length, await answers.texts(rows, request), []);
  };
  const scripts = scriptsAround(writer, table, 'UPDATE');
  if (scripts) {
    const lock = writer.store.compileWrite({
      kind: 'lock',
      table,
      target,
      rows: plan.rows,
      version: null,
      ceiling,
      whole: true,
    });
    const scripted = new ScriptedUpdate(writer, table, asked.changes, answers, visibleRows(writer.caller, table));
    return {
      run: (request) =>
        inScriptTransaction(writer.store, request, async (within) => {
          const item = scripted.item(within);
          const rows = await lock.run(within);
          assertFew(writer, table, rows, ceiling);
          if (answers.readsBack) asked.weigh(rows.length, within);
          const locked = rows.flatMap((row) =>
            row.id === null ? [] : [{ id: row.id, item, previous: wholeRow(row), conflict: null }],
          );
          const { texts, count } = await scripted.run(locked, true, within);
          return batchText(asked.fields, count, texts, []);
        }),
    };
  }
  return {
    run: (request) =>
      change.run(request, (within) => (answers.readsBack ? inTransaction(writer.store, within, write) : write(within))),
  };
}

function grantOf({ caller }: Writer, table: TableModel) {
  const grant = decideTable(caller, table, 'UPDATE');
  if (!grant) throw mayNot('update', table);
  return grant;
}

/**
 * The rows of a client's filter. Only rows that the caller may read are among them, in whatever operation: from which rows are
 * written it could tell what a filter says of them.
 */
export function targetOf(
  { model, caller, maxRows }: Writer,
  table: TableModel,
  { where, limit }: { readonly where: Filter; readonly limit: Slot | null },
): { readonly target: Target; readonly ceiling: number | null } {
  const most: Slot = limit ?? {
    source: { from: 'model', value: maxRows + 1 },
    type: { kind: 'scalar', name: 'Int' },
    list: false,
  };
  return {
    target: { kind: 'filter', where: guardFilter(model, caller, table, where), most },
    ceiling: limit ? null : maxRows,
  };
}

/** Throws for more rows than one operation writes: none was. */
export function assertFew(writer: Writer, table: TableModel, rows: readonly JudgedRow[], ceiling: number | null): void {
  if (ceiling !== null && rows.length > ceiling) throw tooManyRows(table, writer.maxRows, rows.length, ['where']);
}

/** Reads the row that another write was faster with. It is not in the statement that missed it, whose snapshot is older. */
export function conflictReader(
  { store, model, caller }: Writer,
  selection: RequestedSelection,
  by: readonly KeyValue[],
) {
  const read = store.compileRead({ kind: 'one', by, selection: guardOne(model, caller, selection) });
  return async (request: Request): Promise<ServiceError> => {
    const current: unknown = JSON.parse(await read.run(request));
    return new ServiceError(
      'CONFLICT',
      `The ${selection.table.name} was changed since that version. The current row is in "current": take what you need of it and try again with its version.`,
      { current },
    );
  };
}

/** Where nothing is judged. */
export const UNJUDGED = Object.freeze({ check: EVERY_ROW, references: [] });
