// Whether a filter can be unknown. Where it cannot, NOT is safe around EXISTS.

import type { Filter } from '../../../tables/filter.ts';
import { columnOf, type TableModel } from '../../../tables/model.ts';
import type { ValueSource } from '../../../tables/value-source.ts';

/** Whether the filter is true or false of every row of `table` that is stored. */
export function isCertain(filter: Filter, table: TableModel, tableOf: (name: string) => TableModel): boolean {
  switch (filter.kind) {
    case 'constant':
      return true;
    case 'and':
    case 'or':
      return filter.parts.every((part) => isCertain(part, table, tableOf));
    case 'not':
      return isCertain(filter.part, table, tableOf);
    case 'compare':
    case 'list':
      return columnOf(table, filter.column).required && isPresent(filter.operand);
    case 'isEmpty':
      return columnOf(table, filter.column).required && isPresent(filter.value);
    case 'isNull':
    case 'jsonIs':
      return isPresent(filter.value);
    case 'json':
      return false;
    case 'count':
      return isPresent(filter.operand);
    case 'relation': {
      const target = table.relations.get(filter.relation)?.target;
      return target !== undefined && isCertain(filter.filter, tableOf(target), tableOf);
    }
  }
}

/**
 * Whether an operand has a value in every request. A client's null is refused or part of the plan; only what is asked of
 * the caller may turn out to be missing.
 */
export function isPresent(source: ValueSource): boolean {
  return source.from === 'list' ? source.items.every(isPresent) : source.from !== 'caller';
}
