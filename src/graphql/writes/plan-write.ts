// A mutation field becomes a plan of records. Each kind of write is a line here.

import type { RequestedSelection } from '../../records/plan.ts';
import type { WriteOperation } from '../../records/row-scripts.ts';
import type { Request, Slot } from '../../records/value-source.ts';
import type { BatchField } from '../../records/writes/answer.ts';
import { mayRunScripts } from '../../records/writes/around.ts';
import { planDeleteMany, planDeleteOne, planUndelete } from '../../records/writes/delete-records.ts';
import { planInsertEach } from '../../records/writes/insert-each.ts';
import { type PlannedWrite, planInsertAll, planInsertOne, type RowsOf } from '../../records/writes/insert-records.ts';
import type { GivenChange } from '../../records/writes/row-input.ts';
import { planUpdateMany, planUpdateOne } from '../../records/writes/update-records.ts';
import { planUpsert } from '../../records/writes/upsert-record.ts';
import type { Writer } from '../../records/writes/writer.ts';
import type { TableModel } from '../../tables/model.ts';
import type { AskedField } from '../asked-field.ts';
import { checkPrice } from '../cost/check-price.ts';
import { priceOfOne, priceOfWritten } from '../cost/price.ts';
import type { Write } from '../field-meaning.ts';
import { readFilter } from '../lists/read-list.ts';
import type { PlannedField, Planner } from '../plan-operation.ts';
import { structuralValues } from '../read-argument.ts';
import { readChanges, readKey } from '../read-inputs.ts';
import { readSelection } from '../read-selection.ts';
import { readBatch, readUpsert } from './read-answer.ts';
import { readRows } from './read-rows.ts';

/** What is done to the rows of the field's table. */
const OPERATION_OF = {
  insert: 'INSERT',
  insertMany: 'INSERT',
  upsert: 'INSERT',
  update: 'UPDATE',
  updateMany: 'UPDATE',
  delete: 'DELETE',
  deleteMany: 'DELETE',
  undelete: 'UNDELETE',
} as const satisfies Record<Write, WriteOperation>;

/** Plans it. Throws ServiceError for what is wrong with its arguments, or for what the caller may not do. */
export function planWrite(
  planner: Planner,
  asked: AskedField,
  { write, table }: { readonly write: Write; readonly table: TableModel },
): Pick<PlannedField, 'run' | 'price' | 'scripted'> {
  const { store, model, caller, limits, scripts } = planner;
  const writer: Writer = { store, model, caller, maxRows: limits.rows, ...(scripts ? { scripts } : {}) };
  const planned = planWriteWith(writer, planner, asked, write, table);
  return { ...planned, scripted: mayRunScripts(writer, table, OPERATION_OF[write]) };
}

function planWriteWith(
  writer: Writer,
  { limits }: Planner,
  asked: AskedField,
  write: Write,
  table: TableModel,
): Pick<PlannedField, 'run' | 'price'> {
  const { key } = asked;
  const by = () => readKey(asked.argumentType('by'), asked.argument('by'));
  const version = () => slotOf(asked, 'ifVersion', null);
  const one = (plan: (selection: RequestedSelection) => PlannedWrite) => {
    const selection = readSelection(table, asked);
    return priced(plan(selection), () => priceOfOne(key, selection));
  };
  const batch = (times: (request: Request) => Slot, plan: (fields: readonly BatchField[]) => PlannedWrite) => {
    const fields = readBatch(table, asked);
    return priced(plan(fields), (request) => priceOfWritten(key, nodesOf(fields), times(request)));
  };
  const where = () => readFilter(asked, 'where');
  const limit = slotOf(asked, 'limit', limits.rows);
  // Without a limit as many rows are answered as there are: a page of them is counted before, and all of them then.
  const someRows = () => limit ?? rowCount(limits.pageSize, 'limit');
  const weigh = (rows: number, request: Request) =>
    checkPrice([priceOfWritten(key, nodesOf(readBatch(table, asked)), rowCount(rows, 'limit'))], request, limits);
  const data = asked.argumentOf('data');
  const dataRows = ({ variables }: Request) => rowCount([data(variables)].flat().length, 'rows of data');
  switch (write) {
    case 'insert':
      return one((selection) => planInsertOne(writer, table, selection, rowsOf(asked, table, 'data', limits.depth)));
    case 'insertMany': {
      const each = structuralValues(asked.argument('mode'))[0] === 'EACH';
      const plan = each ? planInsertEach : planInsertAll;
      return batch(dataRows, (fields) => plan(writer, table, fields, rowsOf(asked, table, 'data', limits.depth)));
    }
    case 'update': {
      const changes = changesOf(asked);
      return one((selection) => planUpdateOne(writer, table, { by: by(), changes, version: version(), selection }));
    }
    case 'updateMany': {
      const asks = { where: where(), limit, changes: changesOf(asked), weigh };
      return batch(someRows, (fields) => planUpdateMany(writer, table, { ...asks, fields }));
    }
    case 'upsert': {
      const given = readChanges(asked.argumentType('update'), asked.argument('update'), 'set', 'update');
      const fields = readUpsert(table, asked);
      const changes = given.length > 0 ? given : null;
      const asks = { by: by(), rowsOf: rowsOf(asked, table, 'insert', limits.depth), changes, fields };
      const nodes = fields.filter((field) => field.kind === 'node');
      return priced(planUpsert(writer, table, asks), () => priceOfWritten(key, nodes, 1));
    }
    case 'delete':
      return one((selection) => planDeleteOne(writer, table, { by: by(), version: version(), selection }));
    case 'deleteMany':
      return batch(someRows, (fields) => planDeleteMany(writer, table, { where: where(), limit, fields, weigh }));
    case 'undelete':
      return one((selection) => planUndelete(writer, table, { by: by(), selection }));
  }
}

const nodesOf = (fields: readonly BatchField[]) => fields.filter((field) => field.kind === 'nodes');

/** A number of rows that no client's page size says. */
function rowCount(rows: number, argument: string): Slot {
  const source = { from: 'constant', value: rows } as const;
  return { source, type: { kind: 'scalar', name: 'Int' }, list: false, bounds: { argument, max: rows } };
}

function rowsOf(asked: AskedField, table: TableModel, name: string, levels: number): RowsOf {
  const read = asked.argumentOf(name);
  const type = asked.field.args.find((argument) => argument.name === name)?.type;
  return (request) => readRows(table, type, read(request.variables), [name], levels);
}

function changesOf(asked: AskedField): readonly GivenChange[] {
  return (['set', 'increment', 'append'] as const).flatMap((how) =>
    readChanges(asked.argumentType(how), asked.argument(how), how),
  );
}

/** A plain argument; null when it is left out or null. `max` bounds a number of rows. */
function slotOf(asked: AskedField, name: 'limit' | 'ifVersion', max: number | null): Slot | null {
  const argument = asked.argument(name);
  if (argument.kind !== 'leaf') return null;
  const { source } = argument;
  if (max === null) return { source, type: { kind: 'scalar', name: 'Version' }, list: false };
  return { source, type: { kind: 'scalar', name: 'Int' }, list: false, bounds: { argument: name, max } };
}

function priced(planned: PlannedWrite, price: PlannedField['price']): Pick<PlannedField, 'run' | 'price'> {
  return { run: (request) => planned.run(request), price };
}
