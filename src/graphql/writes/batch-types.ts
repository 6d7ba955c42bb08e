// What writes answer: the rows of a batch with what went wrong, and what became of an upsert.

import {
  GraphQLBoolean,
  GraphQLEnumType,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLString,
} from 'graphql';
import type { TableModel } from '../../tables/model.ts';
import { typeNames } from '../../tables/names.ts';
import { meaning } from '../field-meaning.ts';
import type { TableTypes } from '../table-types.ts';

export const BULK_MODE = new GraphQLEnumType({
  name: 'BulkMode',
  description: 'What a row that cannot be written means for the others.',
  values: {
    ALL: { description: 'All rows are written, or none.' },
    EACH: { description: 'Each row is written for itself; the answer says what is wrong with those that are not.' },
  },
});

const required = (type: typeof GraphQLInt | typeof GraphQLString | typeof GraphQLBoolean) => new GraphQLNonNull(type);

const BATCH_ERROR = new GraphQLObjectType({
  name: 'BatchError',
  description: 'Why a row of a batch was not written.',
  fields: {
    index: { type: required(GraphQLInt), description: 'Its place in `data`, from 0.', ...meaning({ kind: 'index' }) },
    code: { type: required(GraphQLString), ...meaning({ kind: 'code' }) },
    message: { type: required(GraphQLString), ...meaning({ kind: 'message' }) },
  },
});

export class BatchTypes {
  readonly #types = new Map<string, GraphQLObjectType>();

  constructor(private readonly types: TableTypes) {}

  batch(table: TableModel): GraphQLObjectType {
    const list = <Type extends GraphQLObjectType>(type: Type) =>
      new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(type)));
    return this.#once(typeNames(table).batch, `${table.plural} that were written together.`, () => ({
      count: { type: required(GraphQLInt), description: 'How many were written.', ...meaning({ kind: 'count' }) },
      nodes: {
        type: list(this.types.row(table)),
        description: 'Those of them that you may see.',
        ...meaning({ kind: 'nodes' }),
      },
      errors: { type: list(BATCH_ERROR), description: 'What was not written.', ...meaning({ kind: 'errors' }) },
    }));
  }

  upsert(table: TableModel): GraphQLObjectType {
    return this.#once(typeNames(table).upsert, `A ${table.name} that was changed or inserted.`, () => ({
      node: {
        type: this.types.row(table),
        description: 'Null when you may not see it.',
        ...meaning({ kind: 'node' }),
      },
      inserted: {
        type: required(GraphQLBoolean),
        description: 'Whether it was inserted.',
        ...meaning({ kind: 'inserted' }),
      },
    }));
  }

  #once(
    name: string,
    description: string,
    fields: () => ReturnType<GraphQLObjectType['toConfig']>['fields'],
  ): GraphQLObjectType {
    const known = this.#types.get(name);
    if (known) return known;
    const type = new GraphQLObjectType({ name, description, fields });
    this.#types.set(name, type);
    return type;
  }
}
