// The mutations of one table: those that the class may use.

import {
  type GraphQLFieldConfig,
  type GraphQLFieldConfigArgumentMap,
  type GraphQLFieldConfigMap,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  type GraphQLOutputType,
} from 'graphql';
import { decideTable, permissionsOf } from '../../access/decide.ts';
import type { Operation, TableModel } from '../../tables/model.ts';
import { rootFieldNames } from '../../tables/names.ts';
import { meaning, type Write } from '../field-meaning.ts';
import { permissionExtensions } from '../permission-directive.ts';
import { CUSTOM_SCALARS } from '../scalars.ts';
import type { TableTypes } from '../table-types.ts';
import { BULK_MODE } from './batch-types.ts';

type Fields = GraphQLFieldConfigMap<unknown, unknown>;

const IF_VERSION: GraphQLFieldConfigArgumentMap = {
  ifVersion: {
    type: CUSTOM_SCALARS.Version,
    description: 'Only if the row has this version still; CONFLICT brings the current row otherwise.',
  },
};

/** The mutations of a table, by their names. */
export function writeFields(table: TableModel, types: TableTypes): Fields {
  return { ...insertFields(table, types), ...updateFields(table, types), ...deleteFields(table, types) };
}

function insertFields(table: TableModel, types: TableTypes): Fields {
  const insert = types.inserts.insert(table);
  if (!insert) return {};
  const names = rootFieldNames(table);
  const data = new GraphQLNonNull(insert);
  const rows = new GraphQLNonNull(new GraphQLList(data));
  const mode = { type: BULK_MODE, defaultValue: 'ALL' };
  const one = write(table, 'insert', 'INSERT', types.row(table), { data: { type: data } });
  const many = write(table, 'insertMany', 'INSERT', types.batches.batch(table), { data: { type: rows }, mode });
  return {
    [names.insert]: { ...one, description: `Inserts one ${table.name}. Null when you may not see what you inserted.` },
    [names.insertMany]: { ...many, description: `Inserts ${table.plural}, with what they nest.` },
  };
}

function updateFields(table: TableModel, types: TableTypes): Fields {
  const { caller } = types;
  const { set, increment, append } = types.changes.of(table);
  const names = rootFieldNames(table);
  const fields: Fields = {};
  const changes: GraphQLFieldConfigArgumentMap = {
    ...(set ? { set: { type: set } } : {}),
    ...(increment ? { increment: { type: increment } } : {}),
    ...(append ? { append: { type: append } } : {}),
  };
  const mayChange = decideTable(caller, table, 'UPDATE') !== null && set !== null;
  const by = keyArgument(table, types);
  if (mayChange && by) {
    fields[names.update] = {
      ...write(table, 'update', 'UPDATE', types.row(table), { ...by, ...changes, ...IF_VERSION }),
      description: `Changes one ${table.name}.`,
    };
    const insert = types.inserts.insert(table);
    if (insert) {
      const values = { insert: { type: new GraphQLNonNull(insert) }, update: { type: set } };
      fields[names.upsert] = {
        ...write(table, 'upsert', 'UPDATE', types.batches.upsert(table), { ...by, ...values }),
        description: `Changes the ${table.name} of a key, or inserts it when there is none. Without \`update\` it gets the values of \`insert\`.`,
      };
    }
  }
  const where = whereArgument(table, types);
  if (mayChange && where) {
    fields[names.updateMany] = {
      ...write(table, 'updateMany', 'UPDATE', types.batches.batch(table), { ...where, ...changes, ...LIMIT }),
      description: `Changes the ${table.plural} that a filter leaves, all of them or none.`,
    };
  }
  return fields;
}

function deleteFields(table: TableModel, types: TableTypes): Fields {
  const names = rootFieldNames(table);
  const fields: Fields = {};
  const by = keyArgument(table, types);
  const where = whereArgument(table, types);
  const row = types.row(table);
  if (decideTable(types.caller, table, 'DELETE')) {
    if (by) {
      const one = write(table, 'delete', 'DELETE', row, { ...by, ...IF_VERSION });
      fields[names.delete] = { ...one, description: `Deletes one ${table.name}, and answers it as it was.` };
    }
    if (where) {
      const many = write(table, 'deleteMany', 'DELETE', types.batches.batch(table), { ...where, ...LIMIT });
      fields[names.deleteMany] = { ...many, description: `Deletes the ${table.plural} that a filter leaves.` };
    }
  }
  if (by && decideTable(types.caller, table, 'UNDELETE')) {
    const undelete = write(table, 'undelete', 'UNDELETE', row, by);
    fields[names.undelete] = { ...undelete, description: `Brings a deleted ${table.name} back.` };
  }
  return fields;
}

const LIMIT: GraphQLFieldConfigArgumentMap = {
  limit: { type: GraphQLInt, description: 'How many rows at most, those of the lowest ids.' },
};

function keyArgument(table: TableModel, types: TableTypes): GraphQLFieldConfigArgumentMap | null {
  const key = types.key(table);
  return key && { by: { type: new GraphQLNonNull(key) } };
}

function whereArgument(table: TableModel, types: TableTypes): GraphQLFieldConfigArgumentMap | null {
  const where = decideTable(types.caller, table, 'READ') && types.filters.where(table);
  return where ? { where: { type: new GraphQLNonNull(where), description: 'Which rows.' } } : null;
}

function write(
  table: TableModel,
  kind: Write,
  operation: Operation,
  type: GraphQLOutputType,
  args: GraphQLFieldConfigArgumentMap,
): GraphQLFieldConfig<unknown, unknown> {
  return {
    type,
    args,
    extensions: {
      ...permissionExtensions(permissionsOf(table), operation),
      ...meaning({ kind: 'write', write: kind, table }).extensions,
    },
  };
}
