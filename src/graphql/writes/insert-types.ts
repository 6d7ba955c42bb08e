// `...Insert`: what the class may give a new row, and the rows that it may nest through each relation.

import {
  type GraphQLInputFieldConfigMap,
  GraphQLInputObjectType,
  type GraphQLInputType,
  GraphQLList,
  GraphQLNonNull,
} from 'graphql';
import { decideColumn, decideTable } from '../../access/decide.ts';
import { mayConnect, mayNestNew } from '../../records/writes/may-nest.ts';
import { type Column, leadsToMany, type Relation, type TableModel, tableOf } from '../../tables/model.ts';
import { typeNames } from '../../tables/names.ts';
import { meaning } from '../field-meaning.ts';
import { BY_REQUEST } from '../read-argument.ts';
import type { TableTypes } from '../table-types.ts';

const BY_REQUEST_MARK = BY_REQUEST.extensions;

export class InsertTypes {
  readonly #types = new Map<string, GraphQLInputObjectType>();

  constructor(private readonly types: TableTypes) {}

  /** What the class may give a new row. Null when that is nothing. */
  insert(table: TableModel): GraphQLInputObjectType | null {
    const { caller } = this.types;
    if (!decideTable(caller, table, 'INSERT')) return null;
    const columns = [...table.columns.values()].filter((column) => decideColumn(caller, column, 'INSERT'));
    if (columns.length === 0) return null;
    return this.#once(typeNames(table).insert, `A new ${table.name}.`, false, () => ({
      ...Object.fromEntries(columns.map((column) => [column.name, this.#columnField(column)])),
      ...this.#relationFields(table),
    }));
  }

  #columnField(column: Column) {
    const type = this.types.columnType(column);
    const { required, defaultValue, preset, relation, name } = column;
    const needed = required && defaultValue === undefined && !preset && relation === null && name !== 'id';
    return {
      type: needed ? new GraphQLNonNull(type) : type,
      description: column.description,
      ...meaning({ kind: 'column', column }),
    };
  }

  #relationFields(table: TableModel): GraphQLInputFieldConfigMap {
    const fields: GraphQLInputFieldConfigMap = {};
    for (const relation of table.relations.values()) {
      const target = tableOf(this.types.model, relation.target);
      const type = this.#nested(table, relation, target);
      if (type)
        fields[relation.name] = {
          type,
          description: relation.description,
          ...meaning({ kind: 'related', relation, target }),
        };
    }
    return fields;
  }

  /** What a new row may bring along through a relation. */
  #nested(table: TableModel, relation: Relation, target: TableModel): GraphQLInputType | null {
    const connect = mayConnect(this.types, table, relation) ? this.types.key(target) : null;
    const insert = mayNestNew(this.types, table, relation) ? this.insert(target) : null;
    if (!connect && !insert) return null;
    const many = leadsToMany(relation);
    const name = this.#nestedName(target, many, connect !== null, insert !== null);
    const listed = (type: GraphQLInputObjectType) => (many ? new GraphQLList(new GraphQLNonNull(type)) : type);
    const what = many ? `${target.plural} of a new row` : `The ${target.name} of a new row`;
    return this.#once(name, `${what}: those that are there, and new ones.`, !many, () => ({
      ...(connect ? { connect: { type: listed(connect), description: 'Rows that are there, by a key.' } } : {}),
      ...(insert ? { insert: { type: listed(insert), description: 'New rows.' } } : {}),
    }));
  }

  /** Another relation to the same table may allow less: what differs has another name. */
  #nestedName(target: TableModel, many: boolean, connects: boolean, inserts: boolean): string {
    const names = typeNames(target);
    const whole = connects === (this.types.key(target) !== null) && inserts === (this.insert(target) !== null);
    if (whole) return many ? names.refs : names.ref;
    if (connects) return many ? names.refsConnect : names.refConnect;
    return many ? names.refsInsert : names.refInsert;
  }

  #once(
    name: string,
    description: string,
    isOneOf: boolean,
    fields: () => GraphQLInputFieldConfigMap,
  ): GraphQLInputObjectType {
    const known = this.#types.get(name);
    if (known) return known;
    const type = new GraphQLInputObjectType({ name, description, isOneOf, fields, extensions: BY_REQUEST_MARK });
    this.#types.set(name, type);
    return type;
  }
}
