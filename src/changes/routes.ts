// Which of many interests a change can concern: those whose filter asks for equality with a value that the row has are found
// by that value, and only the others are all asked. A route says too much rather than too little: the filter decides.

import type { Filter } from '../tables/filter.ts';
import { columnOf, type Model, type TableModel, tableOf } from '../tables/model.ts';
import type { FilterWorld } from '../tables/prepare-filter.ts';
import type { Step } from './follow-relation.ts';

/** One condition that rows must meet: that a column, of the row or of one at the end of a way, has one of the values. */
export interface Route {
  readonly way: readonly Step[];
  readonly column: string;
  readonly values: readonly string[];
  /** Whether the column has so few values that it parts hardly anything. */
  readonly coarse: boolean;
}

type World = Pick<FilterWorld, 'valueOf'> & { readonly model: Model };

/** Types whose values have one text each. */
const EXACT: readonly string[] = ['String', 'ID', 'UUID', 'Int', 'BigInt', 'Boolean'];

/**
 * Routes of which every row that passes the filter meets at least one; none at all: no row passes. Null: rows that pass have
 * nothing in common that can be looked up.
 */
export function routesOf(
  filter: Filter,
  table: TableModel,
  world: World,
  way: readonly Step[] = [],
): readonly Route[] | null {
  switch (filter.kind) {
    case 'constant':
      return filter.value ? null : [];
    case 'and': {
      const found = filter.parts.flatMap((part) => {
        const routes = routesOf(part, table, world, way);
        return routes ? [routes] : [];
      });
      return found.sort((a, b) => costOf(a) - costOf(b))[0] ?? null;
    }
    case 'or': {
      const found = filter.parts.map((part) => routesOf(part, table, world, way));
      return found.every((routes) => routes !== null) ? found.flat() : null;
    }
    case 'compare': {
      const { type, list } = columnOf(table, filter.column);
      const exact = type.kind === 'enum' || EXACT.includes(type.name);
      if (list || !exact || filter.ignoreCase || (filter.operator !== 'eq' && filter.operator !== 'in')) return null;
      const given = world.valueOf(filter.operand, type, filter.operator === 'in');
      const values = given === null ? [] : [given].flat().map(String);
      const coarse = type.kind === 'enum' || type.name === 'Boolean';
      return values.length === 0 ? [] : [{ way, column: filter.column, values, coarse }];
    }
    case 'relation': {
      const relation = table.relations.get(filter.relation);
      if (!relation || (filter.quantifier !== 'one' && filter.quantifier !== 'some')) return null;
      return routesOf(filter.filter, tableOf(world.model, relation.target), world, [...way, { from: table, relation }]);
    }
    default:
      return null;
  }
}

/** The less, the better: how many steps there are, how many values, and whether the column parts the rows at all. */
function costOf(routes: readonly Route[]): number {
  return Math.max(
    0,
    ...routes.map(({ way, values, coarse }) => 1 + way.length * 10 + Math.min(values.length, 9) + (coarse ? 100 : 0)),
  );
}
