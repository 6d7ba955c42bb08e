// The `orderBy` inputs of tables, for one class of callers: what the class may not read cannot be ordered by. Each is made
// once. `read-order.ts` reads what is written in them.

import { type GraphQLInputFieldConfigMap, GraphQLInputObjectType } from 'graphql';
import { mayFollow } from '../../records/guard-filter.ts';
import { leadsToMany, type TableModel, tableOf } from '../../tables/model.ts';
import { typeNames } from '../../tables/names.ts';
import { isOrderable } from '../../tables/orderable.ts';
import { meaning } from '../field-meaning.ts';
import type { TableTypes } from '../table-types.ts';
import { SORT_DIRECTION } from './sort-direction.ts';

/** A list keeps the order of its items, and an object does not: hence one key for each object. */
const COUNT_ORDER_BY = new GraphQLInputObjectType({
  name: 'CountOrderBy',
  description: 'By how many rows a relation leads to.',
  isOneOf: true,
  fields: { count: { type: SORT_DIRECTION, description: 'How many there are, of those that you may see.' } },
});

export class OrderTypes {
  readonly #made = new Map<string, GraphQLInputObjectType>();

  constructor(private readonly types: TableTypes) {}

  /** One key of an order of a table's rows. */
  orderBy(table: TableModel): GraphQLInputObjectType {
    const known = this.#made.get(table.name);
    if (known) return known;
    const type = new GraphQLInputObjectType({
      name: typeNames(table).orderBy,
      description: `One key of an order of ${table.plural}. Exactly one member is given; through a relation, a row that you may not see counts as missing.`,
      isOneOf: true,
      fields: () => this.#fields(table),
    });
    this.#made.set(table.name, type);
    return type;
  }

  #fields(table: TableModel): GraphQLInputFieldConfigMap {
    const { model, caller } = this.types;
    const fields: GraphQLInputFieldConfigMap = {};
    for (const column of this.types.readableColumns(table)) {
      if (!isOrderable(column)) continue;
      fields[column.name] = {
        type: SORT_DIRECTION,
        description: column.description,
        ...meaning({ kind: 'column', column }),
      };
    }
    for (const relation of table.relations.values()) {
      if (!mayFollow(model, caller, table, relation)) continue;
      const target = tableOf(model, relation.target);
      fields[relation.name] = leadsToMany(relation)
        ? { type: COUNT_ORDER_BY, description: relation.description, ...meaning({ kind: 'rows', relation }) }
        : {
            type: this.orderBy(target),
            description: relation.description,
            ...meaning({ kind: 'related', relation, target }),
          };
    }
    return fields;
  }
}
