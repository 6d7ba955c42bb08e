// The schema of one class of callers. Pure: a model and a class in, a schema out. It has no resolvers: the fields say what
// they mean, and `plan-operation.ts` plans them.

import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  assertValidSchema,
  type GraphQLFieldConfigMap,
  GraphQLID,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  specifiedDirectives,
} from 'graphql';
import type { CallerClass } from '../access/caller-class.ts';
import { decideTable, permissionsOf } from '../access/decide.ts';
import type { Model, TableModel } from '../tables/model.ts';
import { rootFieldNames } from '../tables/names.ts';
import { meaning } from './field-meaning.ts';
import { LIMITS, type Limits } from './limits.ts';
import { subscriptionFields } from './live/live-types.ts';
import { NODE } from './node/node-type.ts';
import { LEVEL_TYPE, PERMISSION_DIRECTIVE, permissionExtensions } from './permission-directive.ts';
import { inSlices, resolveTypes } from './resolve-types.ts';
import { rowsFields } from './rows-fields.ts';
import { TableTypes } from './table-types.ts';
import { TRANSACTION_DIRECTIVE } from './transaction-directive.ts';
import { writeFields } from './writes/write-fields.ts';

type Fields = GraphQLFieldConfigMap<unknown, unknown>;

/** The schema for the class: what it may not use is not there. Of `limits`, those of pages are in it. */
export function buildClassSchema(model: Model, caller: CallerClass, limits: Limits = LIMITS): GraphQLSchema {
  const steps = rootTypes(model, caller, limits);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return toSchema(value);
  }
}

/**
 * The same, checked already, while others find room to work: for a model that is to be published beside one that is served.
 * The longest that anybody waits is the gathering of all types.
 */
export async function buildClassSchemaGently(
  model: Model,
  caller: CallerClass,
  limits: Limits,
): Promise<GraphQLSchema> {
  const roots = await inSlices(rootTypes(model, caller, limits));
  await inSlices(resolveTypes(Object.values(roots).filter((type) => type !== null)));
  const schema = toSchema(roots);
  await nextTurn();
  assertValidSchema(schema);
  return schema;
}

interface RootTypes {
  readonly query: GraphQLObjectType;
  /** Null: the class may write nothing. */
  readonly mutation: GraphQLObjectType | null;
  /** Null: it may subscribe to nothing. */
  readonly subscription: GraphQLObjectType | null;
}

function* rootTypes(model: Model, caller: CallerClass, limits: Limits): Generator<undefined, RootTypes> {
  const types = new TableTypes(model, caller, limits);
  const query: Fields = { viewer: viewerField() };
  const mutation: Fields = {};
  const subscription: Fields = {};
  const tables = [...model.tables.values()];
  if (tables.some((table) => decideTable(caller, table, 'READ'))) query['node'] = NODE_FIELD;
  for (const table of tables) {
    addReads(query, table, types);
    Object.assign(mutation, writeFields(table, types));
    Object.assign(subscription, subscriptionFields(table, types));
    yield;
  }
  return {
    query: new GraphQLObjectType({ name: 'Query', fields: query }),
    mutation: rootType('Mutation', mutation),
    subscription: rootType('Subscription', subscription),
  };
}

function rootType(name: string, fields: Fields): GraphQLObjectType | null {
  return Object.keys(fields).length > 0 ? new GraphQLObjectType({ name, fields }) : null;
}

function toSchema(roots: RootTypes): GraphQLSchema {
  return new GraphQLSchema({
    ...roots,
    directives: [...specifiedDirectives, PERMISSION_DIRECTIVE, ...(roots.mutation ? [TRANSACTION_DIRECTIVE] : [])],
  });
}

function viewerField() {
  const viewer = new GraphQLObjectType({
    name: 'Viewer',
    description: 'Who is asking, as the service sees it.',
    fields: {
      level: { type: new GraphQLNonNull(LEVEL_TYPE) },
      userId: { type: GraphQLID },
      roles: { type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(GraphQLString))) },
    },
  });
  return { type: new GraphQLNonNull(viewer), description: 'Who you are.', ...meaning({ kind: 'viewer' }) };
}

const NODE_FIELD = {
  type: NODE,
  args: { nodeId: { type: new GraphQLNonNull(GraphQLID) } },
  description: 'One row of any table by its nodeId, or null when there is none that you may see.',
  ...meaning({ kind: 'node' }),
};

// Root fields are nullable, so that one that fails does not blank its siblings.

function addReads(query: Fields, table: TableModel, types: TableTypes): void {
  if (!decideTable(types.caller, table, 'READ')) return;
  const names = rootFieldNames(table);
  const printed = permissionExtensions(permissionsOf(table), 'READ');
  const key = types.key(table);
  if (key) {
    query[names.one] = {
      type: types.row(table),
      args: { by: { type: new GraphQLNonNull(key) } },
      description: `One ${table.name}, or null when there is none that you may see.`,
      extensions: { ...printed, ...meaning({ kind: 'readOne', table }).extensions },
    };
  }
  const fields = rowsFields(types, table, null, {
    list: names.many,
    connection: names.connection,
    aggregate: names.aggregate,
    description: `The ${table.plural} that you may see.`,
  });
  for (const [name, field] of Object.entries(fields)) {
    query[name] = { ...field, extensions: { ...printed, ...field.extensions } };
  }
}
