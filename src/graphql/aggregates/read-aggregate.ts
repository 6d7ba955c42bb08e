// What a client asks of groups of rows: by what, which of them, and what of each.

import type { AggregateField, RequestedAggregate } from '../../records/aggregate-plan.ts';
import { type GroupKey, groupKeysOf } from '../../tables/measures.ts';
import type { TableModel } from '../../tables/model.ts';
import type { AskedField } from '../asked-field.ts';
import { readFilter, readRows } from '../lists/read-list.ts';
import { type Argument, structuralValues } from '../read-argument.ts';

/** What an aggregate field asks of the rows of `table`. */
export function readAggregate(table: TableModel, asked: AskedField): RequestedAggregate {
  return {
    ...readRows(asked),
    table,
    groupBy: readGroupBy(table, asked.argument('groupBy')),
    having: readFilter(asked, 'having'),
    fields: asked.under().map(readField),
  };
}

/** The keys that are named, each once, in their order. */
function readGroupBy(table: TableModel, argument: Argument): readonly GroupKey[] {
  const known = [...table.columns.values()].flatMap(groupKeysOf);
  return [...new Set(structuralValues(argument))].map((name) => {
    const key = known.find((candidate) => candidate.name === name);
    if (!key) throw new Error(`${table.name} has no group key ${name}`);
    return key;
  });
}

function readField(asked: AskedField): AggregateField {
  const { key, parent, name } = asked;
  if (name === '__typename') return { kind: 'constant', key, value: parent.name };
  const { meaning } = asked;
  switch (meaning.kind) {
    case 'measure':
      return { kind: 'measure', key, measure: meaning.measure };
    case 'groupKey':
      return { kind: 'groupKey', key, groupKey: meaning.groupKey };
    case 'part':
      return { kind: 'object', key, fields: asked.under().map(readField) };
    default:
      throw new Error(`${parent.name}.${name} is no part of an aggregate`);
  }
}
