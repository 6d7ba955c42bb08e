// The order that a client asked for meets what it may see: a row behind a relation that it may not read is not there, and a
// column that it may not read does not exist. Every order is made total by the id.

import type { CallerClass } from '../access/caller-class.ts';
import { decideColumn, decideComparison, decideTable } from '../access/decide.ts';
import { columnOf, type Model, type TableModel, tableOf } from '../tables/model.ts';
import { mayFollow } from './guard-filter.ts';
import type { OrderKey, OrderTerm } from './plan.ts';
import { rowsSeen, unknownField, unsafeColumn } from './readable-rows.ts';

/**
 * The keys that tell, each once, and the id last, ascending. Throws for a column or relation that the class may not read.
 */
export function guardOrder(
  model: Model,
  caller: CallerClass,
  table: TableModel,
  keys: readonly OrderKey[],
): readonly OrderTerm[] {
  const id = columnOf(table, 'id');
  const terms = new Map<string, OrderTerm>();
  for (const key of keys) {
    const term = guardKey(model, caller, table, key);
    const name = JSON.stringify([...key.path.map((relation) => relation.name), key.by.kind, nameOf(key)]);
    if (!terms.has(name)) terms.set(name, term);
    // No two rows have the same id: what comes after it says nothing.
    if (isOwn(key, id.name)) return [...terms.values()];
  }
  const tieBreaker = { path: [], by: { kind: 'column', column: id }, descending: false, nullsFirst: false } as const;
  return [...terms.values(), { ...tieBreaker, nullable: false }];
}

const nameOf = ({ by }: OrderKey) => (by.kind === 'column' ? by.column.name : by.relation.name);
const isOwn = ({ path, by }: OrderKey, name: string) =>
  path.length === 0 && by.kind === 'column' && by.column.name === name;

function guardKey(model: Model, caller: CallerClass, start: TableModel, key: OrderKey): OrderTerm {
  let table = start;
  const path = key.path.map((relation) => {
    if (!mayFollow(model, caller, table, relation)) throw unknownField(table, relation.name);
    table = tableOf(model, relation.target);
    return { relation, ...rowsSeen(model, caller, relation) };
  });
  const nullable = path.length > 0 || (key.by.kind === 'column' && !key.by.column.required);
  // Where nothing is missing the side of what is missing says nothing; this is the one that an index has.
  const { descending, nullsFirst } = key;
  const direction = { descending, nullsFirst: nullable ? nullsFirst : descending };
  return { path, by: guardValue(model, caller, table, key), ...direction, nullable };
}

function guardValue(model: Model, caller: CallerClass, table: TableModel, { by }: OrderKey): OrderTerm['by'] {
  if (by.kind === 'count') {
    if (!mayFollow(model, caller, table, by.relation)) throw unknownField(table, by.relation.name);
    return { ...by, ...rowsSeen(model, caller, by.relation) };
  }
  if (!decideTable(caller, table, 'READ') || !decideColumn(caller, by.column, 'READ'))
    throw unknownField(table, by.column.name);
  if (!decideComparison(caller, table, by.column.name)) throw unsafeColumn(table, by.column.name, 'order by');
  return by;
}
