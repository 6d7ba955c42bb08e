// Inserting one row: what the client gave, presets, defaults and a new id become one statement that decides and writes
// together. What was asked back comes from the statement itself, or from one read afterwards when it leaves the row.

import type { CallerClass } from '../access/caller-class.ts';
import { decideColumn, decideTable } from '../access/decide.ts';
import { type FieldProblem, ServiceError } from '../platform/errors.ts';
import { EVERY_ROW } from '../tables/filter.ts';
import { type Column, columnOf, type Model, type TableModel, tableOf } from '../tables/model.ts';
import { checkValues } from './check-values.ts';
import { guardSelection } from './guard-selection.ts';
import type { GivenValue, InsertPlan, NewValue, RequestedSelection, RowSelection } from './plan.ts';
import type { RecordStore } from './ports.ts';
import { unknownField, visibleRows } from './readable-rows.ts';
import { bindSlot, type Request, type ValueSource } from './value-source.ts';

/** A planned insert; run it once for each request. */
export interface PlannedInsert {
  /** The JSON text of what was asked, `null` when the new row may not be seen. Throws ServiceError. */
  run(request: Request): Promise<string>;
}

/** Plans an insert. Throws FORBIDDEN when the class may not insert at all, or sets a column that it may not. */
export function planInsert(
  store: RecordStore,
  model: Model,
  caller: CallerClass,
  asked: { readonly given: readonly GivenValue[]; readonly selection: RequestedSelection },
): PlannedInsert {
  const { table } = asked.selection;
  const grant = decideTable(caller, table, 'INSERT');
  if (!grant) throw new ServiceError('FORBIDDEN', `You may not insert into ${table.name}.`);
  for (const { column } of asked.given) {
    if (!decideColumn(caller, column, 'INSERT')) throw unknownField(table, column.name);
  }
  const selection = guardSelection(model, caller, asked.selection);
  const ownColumns = selection.fields.every((field) => !('relation' in field));
  const mayRead = decideTable(caller, table, 'READ') !== null;
  const plan: InsertPlan = {
    kind: 'insert',
    table,
    values: newValues(table, asked.given),
    check: grant.check,
    connections: asked.given.flatMap(({ column }) => {
      const relation = column.relation === null ? undefined : table.relations.get(column.relation);
      const target = relation && tableOf(model, relation.target);
      return relation && target ? [{ relation, target, rows: visibleRows(caller, target) }] : [];
    }),
    returning: ownColumns ? selection : null,
    // Who may insert but not read is answered with the id alone, which is all that its schema has.
    rows: mayRead ? visibleRows(caller, table) : EVERY_ROW,
  };
  const insert = store.compileInsert(plan);
  const write: typeof insert.run = async (request, transaction) => {
    assertValues(plan, request);
    const outcome = await insert.run(request, transaction);
    if (!outcome.inserted) throw refused(plan, outcome.hidden);
    return outcome;
  };
  if (ownColumns) {
    return {
      run: async (request) => {
        const outcome = await write(request);
        return (outcome.inserted && outcome.row) || 'null';
      },
    };
  }
  const readBack = store.compileRead(readBackPlan(table, selection, plan));
  return {
    run: (request) =>
      store.transaction(async (transaction) => {
        const outcome = await write(request, transaction);
        const id = outcome.inserted ? outcome.id : null;
        return readBack.run({ ...request, variables: { ...request.variables, [NEW_ID]: id } }, transaction);
      }),
  };
}

/** The variable that carries the new row's id to the read-back; no client's variable can have this name. */
const NEW_ID = '#id';

function readBackPlan(table: TableModel, selection: RowSelection, { rows }: InsertPlan) {
  const column = columnOf(table, 'id');
  const source: ValueSource = { from: 'variable', path: [NEW_ID] };
  return {
    kind: 'one',
    selection: { ...selection, rows },
    by: [{ column, slot: { source, type: column.type, list: false } }],
  } as const;
}

function newValues(table: TableModel, given: readonly GivenValue[]): NewValue[] {
  return [...table.columns.values()]
    .filter((column) => !column.system)
    .map((column) => {
      const own = given.find((value) => value.column === column);
      const source = own?.source ?? sourceOf(column);
      return { column, slot: { source, type: column.type, list: column.list }, path: own?.path ?? null };
    });
}

function sourceOf(column: Column): ValueSource {
  if (column.preset?.operations.includes('INSERT')) {
    const { value } = column.preset;
    return value.kind === 'caller' ? { from: 'caller', path: value.path } : { from: 'constant', value: value.value };
  }
  if (column.name === 'id') return { from: 'newId' };
  return { from: 'constant', value: column.defaultValue ?? null };
}

/** Throws CONSTRAINT_VIOLATION with everything that is wrong with the values of this request. */
function assertValues(plan: InsertPlan, request: Request): void {
  const fields = checkValues(
    plan.values
      .filter(({ slot }) => slot.source.from !== 'newId')
      .map(({ column, slot, path }) => ({
        column,
        value: bindSlot(slot, request),
        path: path ?? ['data', column.name],
        whenMissing:
          slot.source.from === 'caller'
            ? `is taken from $user.${slot.source.path.join('.')}, which you do not have`
            : 'is required',
      })),
  );
  if (fields.length > 0) throw violation(fields);
}

function violation(fields: readonly FieldProblem[]): ServiceError {
  const words = fields.map(({ path, message }) => `${path.join('.')} ${message}`).join('; ');
  return new ServiceError('CONSTRAINT_VIOLATION', words, { fields });
}

function refused({ table, values }: InsertPlan, hidden: readonly string[]): ServiceError {
  if (hidden.length === 0) return new ServiceError('FORBIDDEN', `The rules of ${table.name} do not allow this row.`);
  const fields = hidden.map((name) => {
    const relation = table.relations.get(name);
    const value = values.find(({ column }) => column.name === relation?.column);
    // The same words whether the row is hidden or absent: its existence is never told.
    return { path: value?.path ?? ['data', name], message: `names no ${relation?.target} that you may read` };
  });
  return violation(fields);
}
