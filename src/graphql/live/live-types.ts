// The GraphQL types and fields of subscriptions, for one class of callers.

import {
  GraphQLBoolean,
  GraphQLEnumType,
  type GraphQLFieldConfig,
  type GraphQLFieldConfigMap,
  GraphQLID,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
  GraphQLString,
} from 'graphql';
import { permissionsOf } from '../../access/decide.ts';
import { mayFollowRows } from '../../records/followed-rows.ts';
import type { TableModel } from '../../tables/model.ts';
import { subscriptionFieldNames, typeNames } from '../../tables/names.ts';
import { CURSOR } from '../connections/cursor-scalar.ts';
import { type ChangePart, meaning } from '../field-meaning.ts';
import { permissionExtensions } from '../permission-directive.ts';
import { rowsFields } from '../rows-fields.ts';
import type { TableTypes } from '../table-types.ts';

type Field = GraphQLFieldConfig<unknown, unknown>;

const CHANGE_OP = new GraphQLEnumType({
  name: 'ChangeOp',
  description: 'What happened to a row, as its subscriber sees it.',
  values: {
    SNAPSHOT: { description: 'It was there when the subscription began.' },
    ENTER: { description: 'It is among the rows now: inserted, undeleted, or changed so that it matches.' },
    UPDATE: { description: 'It is still among the rows, and something that is selected changed.' },
    LEAVE: { description: 'It is not among the rows any more, though it was not deleted.' },
    DELETE: { description: 'It was deleted.' },
  },
});

const INITIAL_ROWS = new GraphQLEnumType({
  name: 'InitialRows',
  description: 'Whether a subscription begins with the rows that are there.',
  values: {
    NONE: { description: 'With what happens from now on.' },
    ALL: { description: 'With all of them, as SNAPSHOT.' },
  },
});

const BATCH_SIZE = 100;

const required = (type: GraphQLOutputType) => new GraphQLNonNull(type as GraphQLObjectType);
const listOf = (type: GraphQLOutputType) => required(new GraphQLList(required(type)));

function part(name: ChangePart, type: GraphQLOutputType, description: string): Field {
  return { type, description, ...meaning({ kind: 'changePart', part: name }) };
}

/** The fields of `Subscription` for a table; none where the class may not subscribe to it. */
export function subscriptionFields(table: TableModel, types: TableTypes): GraphQLFieldConfigMap<unknown, unknown> {
  if (!mayFollowRows(types.caller, table)) return {};
  const names = subscriptionFieldNames(table);
  const printed = permissionExtensions(permissionsOf(table), 'SUBSCRIBE');
  const where = types.filters.where(table);
  const whereArgument = where ? { where: { type: where, description: 'Which rows; all of them when left out.' } } : {};
  const { [names.many]: list } = rowsFields(types, table, null, {
    list: names.many,
    connection: '',
    aggregate: '',
    description: null,
  });
  const { deleted: _, ...args } = list?.args ?? {};
  return {
    [names.changes]: {
      type: required(changeBatch(table, types)),
      args: {
        ...whereArgument,
        since: {
          type: CURSOR,
          description: 'Go on after this cursor of an answer: nothing is missed, nothing told twice.',
        },
        initial: {
          type: INITIAL_ROWS,
          defaultValue: 'NONE',
          description: 'Whether to begin with the rows that are there.',
        },
        batchSize: {
          type: GraphQLInt,
          defaultValue: BATCH_SIZE,
          description: `How many events an answer may have, at most ${types.limits.page}.`,
        },
      },
      description: `What happens to the ${table.plural} that you may see. The first answer comes at once, and has the cursor to go on from.`,
      extensions: { ...printed, ...meaning({ kind: 'changes', table }).extensions },
    },
    [names.many]: {
      type: listOf(types.row(table)),
      args,
      description: `The ${table.plural} that you may see: as they are, and again whenever that changes.`,
      extensions: { ...printed, ...meaning({ kind: 'liveList', table }).extensions },
    },
  };
}

function changeBatch(table: TableModel, types: TableTypes): GraphQLObjectType {
  return new GraphQLObjectType({
    name: typeNames(table).changeBatch,
    description: `What happened to some ${table.plural}, in the order in which it happened.`,
    fields: () => ({
      cursor: part('batchCursor', required(CURSOR), 'Where to go on after this batch: for since.'),
      reset: part('reset', required(GraphQLBoolean), 'Whether everything that was told before is void.'),
      events: part('events', listOf(change(table, types)), 'None in a batch that only tells how far everything is.'),
    }),
  });
}

function change(table: TableModel, types: TableTypes): GraphQLObjectType {
  const row = types.row(table);
  return new GraphQLObjectType({
    name: typeNames(table).change,
    description: `What happened to one ${table.name}.`,
    fields: {
      op: part('op', required(CHANGE_OP), 'What happened.'),
      id: part('id', required(GraphQLID), 'The id of the row.'),
      node: part(
        'row',
        row,
        'With SNAPSHOT, ENTER and UPDATE: the row. Null also where relations are asked for and it is gone.',
      ),
      previous: part('previous', row, 'With UPDATE and DELETE: its own columns, as they were.'),
      changedFields: part('changedFields', listOf(GraphQLString), 'With UPDATE: the columns that changed.'),
      cursor: part('cursor', required(CURSOR), 'Where to go on after this event: for since.'),
    },
  });
}
