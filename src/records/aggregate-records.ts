// Computing over rows: what a client asked for meets what it may read. Only rows that the caller may read count, and a
// column that it may not read does not exist: not to group by, not in a sum or an extreme, not in `where` or `having`.

import type { CallerClass } from '../access/caller-class.ts';
import { decideColumn, decideComparison, decideTable } from '../access/decide.ts';
import { allOf } from '../tables/filter.ts';
import { groupsTable, measureColumn, measuresOf } from '../tables/measures.ts';
import type { Column, Model } from '../tables/model.ts';
import type { AggregateField, AggregateSelection, RequestedAggregate } from './aggregate-plan.ts';
import { guardFilter } from './guard-filter.ts';
import type { CompiledRead, RecordStore } from './ports.ts';
import { readableRowsOf, unknownField, unsafeColumn } from './readable-rows.ts';

/** Plans an aggregate of the rows that the caller may read. Its answer is an array of groups. */
export function planAggregate(
  store: RecordStore,
  model: Model,
  caller: CallerClass,
  asked: RequestedAggregate,
): CompiledRead {
  return store.compileRead({ kind: 'aggregate', selection: guardAggregate(model, caller, asked) });
}

/** The aggregate with the rules of its table in it. Throws when it mentions what the class may not read. */
export function guardAggregate(model: Model, caller: CallerClass, asked: RequestedAggregate): AggregateSelection {
  const { table, where, deleted, groupBy, having, fields } = asked;
  if (!decideTable(caller, table, 'READ')) throw unknownField(table, 'count');
  for (const { name } of [...groupBy.map(({ column }) => column), ...fields.flatMap(columnsOf)]) {
    const column = table.columns.get(name);
    if (!column || !decideColumn(caller, column, 'READ')) throw unknownField(table, name);
    if (!decideComparison(caller, table, name)) throw unsafeColumn(table, name, 'compute by');
  }
  const groups = groupsTable(
    table,
    measuresOf(table).map((measure) => measureColumn(measure)),
  );
  return {
    table,
    rows: allOf([readableRowsOf(caller, table, deleted), guardFilter(model, caller, table, where)]),
    groupBy,
    having: guardFilter(model, caller, groups, having),
    fields,
  };
}

function columnsOf(field: AggregateField): readonly Column[] {
  switch (field.kind) {
    case 'constant':
      return [];
    case 'object':
      return field.fields.flatMap(columnsOf);
    case 'groupKey':
      return [field.groupKey.column];
    case 'measure':
      return field.measure.function === 'count' ? [] : [field.measure.column];
  }
}
