// A subscription to a list of rows becomes a plan: the list's own statement, and what can touch its answer.

import type { Change } from '../../changes/change.ts';
import { rowsOf } from '../../changes/image-value.ts';
import { guardFollowedList } from '../../records/followed-rows.ts';
import { tablesReadBy } from '../../records/read-tables.ts';
import { bindSlot, type Request } from '../../records/value-source.ts';
import type { Filter } from '../../tables/filter.ts';
import { type TableModel, tableOf } from '../../tables/model.ts';
import { prepareFilter } from '../../tables/prepare-filter.ts';
import { modelValue } from '../../tables/value-source.ts';
import type { AskedField } from '../asked-field.ts';
import { priceOfList } from '../cost/price.ts';
import { readList } from '../lists/read-list.ts';
import type { Groups, PlannedStream, StreamPlanner } from './plan-stream.ts';

export function planLiveList(
  planner: StreamPlanner,
  asked: AskedField,
  table: TableModel,
  groups: Groups,
): PlannedStream {
  const { model, caller, store, live } = planner;
  const requested = readList(table, asked);
  const selection = guardFollowedList(model, caller, requested);
  const compiled = store.compileRead({ kind: 'list', selection });
  const { tables, related } = tablesReadBy(model, selection);
  const price = priceOfList(asked.key, requested);
  const key = JSON.stringify(asked.key);
  return {
    rulesOf: () => '',
    answersWhole: true,
    price: () => price,
    open(request, outlet) {
      const passes = maybe(selection.rows, planner, table, request);
      const close = live.queries.ask(
        {
          group: groups.groupOf(request, true),
          run: async () => Buffer.from(`{"data":{${key}:${await compiled.run(request)}}}`),
          tables,
          touches: (change) => change.table !== table.sqlName || related.has(table.sqlName) || passes(change),
        },
        outlet,
      );
      return { close, cursor: () => null };
    },
  };
}

/** Whether the row was, or is, perhaps among those of a filter: what it says of other rows is not known. */
function maybe(filter: Filter, { model }: StreamPlanner, table: TableModel, request: Request) {
  const passes = prepareFilter(loosened(filter), table, {
    tableOf: (name) => tableOf(model, name),
    valueOf: (source, type, list) => bindSlot({ source, type, list }, request),
    related: () => [],
  });
  const toRow = rowsOf(table);
  return ({ before, after, kind }: Change): boolean =>
    kind === 'RESET' || [before, after].some((image) => image !== null && passes(toRow(image)) !== false);
}

/** Null is like nothing, and so the answer is unknown. */
const UNKNOWN: Filter = { kind: 'compare', column: 'id', operator: 'eq', operand: modelValue(null) };

function loosened(filter: Filter): Filter {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return { ...filter, parts: filter.parts.map(loosened) };
    case 'not':
      return { ...filter, part: loosened(filter.part) };
    case 'relation':
    case 'count':
      return UNKNOWN;
    default:
      return filter;
  }
}
