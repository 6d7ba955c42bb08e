// The fields that answer many rows of a table: a list, a connection, an aggregate. At the root they are over all rows that
// the caller may see, on a row over those that a relation leads to.

import {
  type GraphQLFieldConfigArgumentMap,
  type GraphQLFieldConfigMap,
  GraphQLList,
  GraphQLNonNull,
  type GraphQLOutputType,
} from 'graphql';
import type { Relation, TableModel } from '../tables/model.ts';
import { connectionArguments } from './connections/connection-types.ts';
import { meaning } from './field-meaning.ts';
import { deletedArgument } from './lists/deleted-rows.ts';
import { pageArguments } from './lists/page-arguments.ts';
import type { TableTypes } from './table-types.ts';

/** What the fields are called, and are said to be. */
export interface RowsFieldNames {
  readonly list: string;
  readonly connection: string;
  readonly aggregate: string;
  readonly description: string | null;
}

/** The fields for the rows of `table`; `relation` is null at the root. All of their types are nullable. */
export function rowsFields(
  types: TableTypes,
  table: TableModel,
  relation: Relation | null,
  names: RowsFieldNames,
): GraphQLFieldConfigMap<unknown, unknown> {
  const field = (
    kind: 'list' | 'connection' | 'aggregate',
    type: GraphQLOutputType,
    args: GraphQLFieldConfigArgumentMap,
    description: string | null,
  ) => ({ type, args, description, ...meaning({ kind, table, relation }) });
  const where = whereArgument(types, table);
  const orderBy = orderArgument(types, table);
  const deleted = deletedArgument(table);
  const { row, connection, aggregate } = {
    row: types.row(table),
    connection: types.connections.connection(table),
    aggregate: types.aggregates.aggregate(table),
  };
  return {
    [names.list]: field(
      'list',
      new GraphQLList(new GraphQLNonNull(row)),
      { ...where, ...orderBy, ...pageArguments(types.limits), ...deleted },
      names.description,
    ),
    [names.connection]: field(
      'connection',
      connection,
      { ...where, ...orderBy, ...connectionArguments(types.limits), ...deleted },
      `A page of \`${names.list}\` by cursors, which stays in its place while rows come and go.`,
    ),
    [names.aggregate]: field(
      'aggregate',
      new GraphQLList(new GraphQLNonNull(aggregate)),
      { ...where, ...types.aggregates.arguments(table), ...deleted },
      `What is computed over \`${names.list}\`: over all of them, or over groups.`,
    ),
  };
}

function whereArgument(types: TableTypes, table: TableModel): GraphQLFieldConfigArgumentMap {
  const where = types.filters.where(table);
  return where ? { where: { type: where, description: 'Which rows; all of them when left out.' } } : {};
}

function orderArgument(types: TableTypes, table: TableModel): GraphQLFieldConfigArgumentMap {
  const type = new GraphQLList(new GraphQLNonNull(types.orders.orderBy(table)));
  return { orderBy: { type, description: 'In which order; rows that are equal in all of its keys are by id.' } };
}
