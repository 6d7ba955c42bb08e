// A mutation field becomes a plan of records. Each kind of write is a line here.

import type { Slot } from '../../records/value-source.ts';
import { planDeleteMany, planDeleteOne, planUndelete } from '../../records/writes/delete-records.ts';
import { planInsertAll, planInsertEach, planInsertOne, type RowsOf } from '../../records/writes/insert-records.ts';
import type { GivenChange } from '../../records/writes/row-input.ts';
import { planUpdateMany, planUpdateOne } from '../../records/writes/update-records.ts';
import { planUpsert } from '../../records/writes/upsert-record.ts';
import type { Writer } from '../../records/writes/writer.ts';
import type { TableModel } from '../../tables/model.ts';
import type { AskedField } from '../asked-field.ts';
import { type Price, priceOfOne } from '../cost/price.ts';
import type { Write } from '../field-meaning.ts';
import { readFilter } from '../lists/read-list.ts';
import type { PlannedField, Planner } from '../plan-operation.ts';
import { structuralValues } from '../read-argument.ts';
import { readChanges, readKey } from '../read-inputs.ts';
import { readSelection } from '../read-selection.ts';
import { readBatch, readUpsert } from './read-answer.ts';
import { readRows } from './read-rows.ts';

/** Plans it. Throws ServiceError for what is wrong with its arguments, or for what the caller may not do. */
export function planWrite(
  planner: Planner,
  asked: AskedField,
  { write, table }: { readonly write: Write; readonly table: TableModel },
): Pick<PlannedField, 'run' | 'price'> {
  const { store, model, caller, limits } = planner;
  const writer: Writer = { store, model, caller, maxRows: limits.rows };
  const by = () => readKey(asked.argumentType('by'), asked.argument('by'));
  const selection = () => readSelection(table, asked);
  const batch = () => readBatch(table, asked);
  const rows = (name: string) => rowsOf(asked, table, name, limits.depth);
  const where = () => ({ where: readFilter(asked, 'where'), limit: slotOf(asked, 'limit', limits.rows) });
  const version = () => slotOf(asked, 'ifVersion', null);
  switch (write) {
    case 'insert':
      return priced(planInsertOne(writer, table, selection(), rows('data')), priceOfOne(asked.key, selection()));
    case 'insertMany': {
      const each = structuralValues(asked.argument('mode'))[0] === 'EACH';
      return free((each ? planInsertEach : planInsertAll)(writer, table, batch(), rows('data')));
    }
    case 'update': {
      const changes = changesOf(asked);
      return free(planUpdateOne(writer, table, { by: by(), changes, version: version(), selection: selection() }));
    }
    case 'updateMany':
      return free(planUpdateMany(writer, table, { ...where(), changes: changesOf(asked), fields: batch() }));
    case 'upsert': {
      const changes = readChanges(asked.argumentType('update'), asked.argument('update'), 'set');
      const asks = { by: by(), rowsOf: rows('insert'), fields: readUpsert(table, asked) };
      return free(planUpsert(writer, table, { ...asks, changes: changes.length > 0 ? changes : null }));
    }
    case 'delete':
      return free(planDeleteOne(writer, table, { by: by(), version: version(), selection: selection() }));
    case 'deleteMany':
      return free(planDeleteMany(writer, table, { ...where(), fields: batch() }));
    case 'undelete':
      return free(planUndelete(writer, table, { by: by(), selection: selection() }));
  }
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

function priced(planned: Pick<PlannedField, 'run'>, price: Price): Pick<PlannedField, 'run' | 'price'> {
  return { run: (request) => planned.run(request), price: () => price };
}

/** What it writes is bounded where it is written. */
function free(planned: Pick<PlannedField, 'run'>): Pick<PlannedField, 'run' | 'price'> {
  return { run: (request) => planned.run(request), price: () => null };
}
