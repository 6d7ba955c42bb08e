// The GraphQL types of connections: pages of a list by cursors, as Relay has them, and the rows without their edges.

import {
  GraphQLBoolean,
  type GraphQLFieldConfig,
  type GraphQLFieldConfigArgumentMap,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
} from 'graphql';
import type { TableModel } from '../../tables/model.ts';
import { typeNames } from '../../tables/names.ts';
import { type ConnectionPart, meaning } from '../field-meaning.ts';
import type { Limits } from '../limits.ts';
import type { TableTypes } from '../table-types.ts';
import { CURSOR } from './cursor-scalar.ts';

export function connectionArguments({ pageSize, page }: Limits): GraphQLFieldConfigArgumentMap {
  return {
    first: {
      type: GraphQLInt,
      description: `How many rows from the start, at most ${page}; ${pageSize} when last is not given either.`,
    },
    after: { type: CURSOR, description: 'Only rows after this one.' },
    last: { type: GraphQLInt, description: `How many rows from the end instead, at most ${page}.` },
    before: { type: CURSOR, description: 'Only rows before this one.' },
  };
}

function part(
  kind: ConnectionPart,
  type: GraphQLOutputType,
  description: string,
): GraphQLFieldConfig<unknown, unknown> {
  return { type, description, ...meaning({ kind }) };
}

const PAGE_INFO = new GraphQLObjectType({
  name: 'PageInfo',
  description: 'Where a page is in its list.',
  fields: {
    hasNextPage: part('hasNextPage', new GraphQLNonNull(GraphQLBoolean), 'Whether the list has rows after the page.'),
    hasPreviousPage: part(
      'hasPreviousPage',
      new GraphQLNonNull(GraphQLBoolean),
      'Whether the list has rows before the page.',
    ),
    startCursor: part('startCursor', CURSOR, 'The cursor of the first row; null on an empty page.'),
    endCursor: part('endCursor', CURSOR, 'The cursor of the last row; null on an empty page.'),
  },
});

export class ConnectionTypes {
  readonly #made = new Map<string, GraphQLObjectType>();

  constructor(private readonly types: TableTypes) {}

  /** The connection of a table's rows. */
  connection(table: TableModel): GraphQLObjectType {
    const known = this.#made.get(table.name);
    if (known) return known;
    const names = typeNames(table);
    const row = this.types.row(table);
    const edge = new GraphQLObjectType({
      name: names.edge,
      description: `A ${table.name} and its place in a list.`,
      fields: {
        cursor: part('cursor', new GraphQLNonNull(CURSOR), 'For after and before.'),
        node: part('edgeNode', new GraphQLNonNull(row), 'The row.'),
      },
    });
    const listOf = (type: GraphQLObjectType) => new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(type)));
    const type = new GraphQLObjectType({
      name: names.connection,
      description: `A page of ${table.plural}.`,
      fields: {
        nodes: part('nodes', listOf(row), 'The rows of the page.'),
        edges: part('edges', listOf(edge), 'The rows of the page with their cursors.'),
        pageInfo: part('pageInfo', new GraphQLNonNull(PAGE_INFO), 'Where the page is in the list.'),
        totalCount: part(
          'totalCount',
          new GraphQLNonNull(GraphQLInt),
          'How many rows the list has, whatever the page. They are counted only when this is asked for.',
        ),
      },
    });
    this.#made.set(table.name, type);
    return type;
  }
}
