// A subscription to the changes of a table's rows becomes a plan.

import { readChangeCursor } from '../../changes/change-cursor.ts';
import { Interest, type InterestPlan } from '../../changes/interest.ts';
import { followableRows, followedColumns, followedRows } from '../../records/followed-rows.ts';
import { guardSelection } from '../../records/guard-selection.ts';
import { bindSlot, type Slot } from '../../records/value-source.ts';
import type { TableModel } from '../../tables/model.ts';
import type { AskedField } from '../asked-field.ts';
import { priceOfWritten } from '../cost/price.ts';
import { readFilter } from '../lists/read-list.ts';
import { structuralValues } from '../read-argument.ts';
import { asksCaller } from './asks-caller.ts';
import { BatchJson, type BatchShape, relatedFields, rowSelections } from './batch-json.ts';
import type { Groups, PlannedStream, StreamPlanner } from './plan-stream.ts';
import { type BatchField, readBatch } from './read-changes.ts';
import { rulesNamer } from './rules-name.ts';

/** They move with every change, and so tell of none by themselves. */
const MOVING: readonly string[] = ['updatedAt', 'version'];
const DEFAULT_BATCH = 100;

export function planChanges(
  planner: StreamPlanner,
  asked: AskedField,
  table: TableModel,
  groups: Groups,
): PlannedStream {
  const { model, caller, store, live, limits } = planner;
  const fields = readBatch(table, asked);
  for (const selection of selectionsOf(fields)) guardSelection(model, caller, selection);
  const rows = followedRows(model, caller, table, readFilter(asked, 'where'));
  const shown = new Set(followedColumns(caller, table).map(({ name }) => name));
  const plan: InterestPlan = { model, table, rows, shown, telling: tellingColumns(fields, shown) };
  const related = relatedFields(fields).map((field) => guardSelection(model, caller, { table, fields: [field] }));
  // The service's own work sees rows as they are.
  const scripts = table.scripts?.read && caller.scripts === 'all' ? planner.scripts : undefined;
  const shape: BatchShape = {
    key: asked.key,
    fields,
    reader: scripts ? { table, scripts } : null,
    related:
      related.length === 0
        ? null
        : store.compileReadBack({ kind: 'readBack', table, selections: related, shown: followableRows(caller, table) }),
  };
  const images = live.pages.compileImages({ kind: 'images', table, rows });
  const size = batchSizeOf(asked, limits.page);
  const initial = structuralValues(asked.argument('initial'))[0] === 'ALL';
  const since = asked.argumentOf('since');
  const personal = scripts !== undefined || related.length > 0 || asksCaller(rows);
  const nodes = rowSelections(fields).map((selection) => ({ key: 'node', selection }));
  const price = priceOfWritten(asked.key, nodes, size);
  const rulesOf = rulesNamer(table, rows);
  return {
    rulesOf,
    answersWhole: false,
    price: () => price,
    open(request, outlet, resumption) {
      const given = since(request.variables);
      const batchSize = Number(bindSlot(size, request));
      const interest = new Interest(plan, request);
      const rules = rulesOf(request);
      // What was told under other rules does not hold: it begins anew.
      const asked = typeof given === 'string' ? readChangeCursor(given) : null;
      const start = resumption ?? { since: asked?.cursor ?? null, anew: false };
      const isOther = !resumption && asked !== null && asked.rules !== rules;
      return live.feed.subscribe({
        group: groups.groupOf(request, personal),
        interest,
        writer: new BatchJson(shape, request, rules),
        outlet,
        request,
        images,
        since: isOther ? null : start.since,
        initial,
        anew: isOther || start.anew,
        batchSize,
      });
    },
  };
}

function selectionsOf(fields: readonly BatchField[]) {
  const events = fields.flatMap((field) => (field.kind === 'events' ? field.fields : []));
  return events.flatMap((field) => ('selection' in field ? [field.selection] : []));
}

/** A change of which columns is told: of those that are looked at, or of all when it is asked which they are. */
function tellingColumns(fields: readonly BatchField[], shown: ReadonlySet<string>): ReadonlySet<string> {
  const events = fields.flatMap((field) => (field.kind === 'events' ? field.fields : []));
  const looked = selectionsOf(fields).flatMap((selection) =>
    selection.fields.flatMap((field) => (field.kind === 'column' ? [field.column.name] : [])),
  );
  const all = looked.length === 0 || events.some(({ kind }) => kind === 'changedFields');
  return new Set((all ? [...shown] : looked).filter((name) => !MOVING.includes(name)));
}

function batchSizeOf(asked: AskedField, max: number): Slot {
  const argument = asked.argument('batchSize');
  const source = argument.kind === 'leaf' ? argument.source : ({ from: 'constant', value: DEFAULT_BATCH } as const);
  return { source, type: { kind: 'scalar', name: 'Int' }, list: false, bounds: { argument: 'batchSize', min: 1, max } };
}
