// The GraphQL types of tables, for one class of callers: what the class may not read or set is not in them.

import {
  GraphQLBoolean,
  GraphQLEnumType,
  type GraphQLFieldConfigMap,
  GraphQLFloat,
  GraphQLID,
  type GraphQLInputFieldConfigMap,
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLScalarType,
  GraphQLString,
} from 'graphql';
import type { CallerClass } from '../access/caller-class.ts';
import { decideColumn, decideTable } from '../access/decide.ts';
import { mayFollow } from '../records/guard-filter.ts';
import {
  type Column,
  type ColumnType,
  columnOf,
  leadsToMany,
  type Model,
  type Relation,
  type TableModel,
  tableOf,
} from '../tables/model.ts';
import { keyFieldName, keyTypeName, relatedFieldNames, typeNames } from '../tables/names.ts';
import { AggregateTypes } from './aggregates/aggregate-types.ts';
import { ConnectionTypes } from './connections/connection-types.ts';
import { meaning } from './field-meaning.ts';
import { FilterTypes } from './filters/filter-types.ts';
import { LIMITS, type Limits } from './limits.ts';
import { OrderTypes } from './lists/order-types.ts';
import { NODE, NODE_ID } from './node/node-type.ts';
import { permissionExtensions } from './permission-directive.ts';
import { VALUES } from './read-argument.ts';
import { rowsFields } from './rows-fields.ts';
import { CUSTOM_SCALARS } from './scalars.ts';
import { BatchTypes } from './writes/batch-types.ts';
import { ChangeTypes } from './writes/change-types.ts';
import { InsertTypes } from './writes/insert-types.ts';

const BUILT_IN: Record<string, GraphQLScalarType> = {
  String: GraphQLString,
  Int: GraphQLInt,
  Float: GraphQLFloat,
  Boolean: GraphQLBoolean,
  ID: GraphQLID,
};

/** Makes the types of one schema, each once. */
export class TableTypes {
  readonly filters: FilterTypes;
  readonly orders: OrderTypes;
  readonly connections: ConnectionTypes;
  readonly aggregates: AggregateTypes;
  readonly inserts: InsertTypes;
  readonly changes: ChangeTypes;
  readonly batches: BatchTypes;
  readonly #rows = new Map<string, GraphQLObjectType>();
  readonly #keys = new Map<string, GraphQLInputObjectType | null>();
  readonly #enums = new Map<string, GraphQLEnumType>();

  constructor(
    readonly model: Model,
    readonly caller: CallerClass,
    readonly limits: Limits = LIMITS,
  ) {
    this.filters = new FilterTypes(this);
    this.orders = new OrderTypes(this);
    this.connections = new ConnectionTypes(this);
    this.aggregates = new AggregateTypes(this, this.filters);
    this.inserts = new InsertTypes(this);
    this.changes = new ChangeTypes(this);
    this.batches = new BatchTypes(this);
  }

  /** The object type of a table's rows. Who may only insert sees the id of what it inserted. */
  row(table: TableModel): GraphQLObjectType {
    const known = this.#rows.get(table.name);
    if (known) return known;
    const type = new GraphQLObjectType({
      name: typeNames(table).row,
      description: table.description,
      interfaces: [NODE],
      fields: () => this.#rowFields(table),
    });
    this.#rows.set(table.name, type);
    return type;
  }

  #rowFields(table: TableModel): GraphQLFieldConfigMap<unknown, unknown> {
    const fields: GraphQLFieldConfigMap<unknown, unknown> = { nodeId: { ...NODE_ID, ...meaning({ kind: 'nodeId' }) } };
    for (const column of this.readableColumns(table)) {
      const item = this.columnType(column);
      fields[column.name] = {
        type: column.required ? new GraphQLNonNull(item) : item,
        description: column.description,
        extensions: {
          ...permissionExtensions(column.permissions, 'READ'),
          ...meaning({ kind: 'column', column }).extensions,
        },
      };
      const relation = column.relation === null ? undefined : table.relations.get(column.relation);
      if (relation) this.#addRelation(fields, table, relation);
    }
    for (const relation of table.relations.values()) {
      if (relation.kind !== 'belongsTo') this.#addRelation(fields, table, relation);
    }
    return fields;
  }

  #addRelation(fields: GraphQLFieldConfigMap<unknown, unknown>, table: TableModel, relation: Relation): void {
    if (!mayFollow(this.model, this.caller, table, relation)) return;
    const target = tableOf(this.model, relation.target);
    const { name, description } = relation;
    if (!leadsToMany(relation)) {
      // A to-one relation is nullable: a rule may hide the row.
      fields[name] = { type: this.row(target), description, ...meaning({ kind: 'related', relation, target }) };
      return;
    }
    const many = rowsFields(this, target, relation, { ...relatedFieldNames(name), description });
    for (const [field, config] of Object.entries(many)) {
      fields[field] = { ...config, type: new GraphQLNonNull(config.type) };
    }
  }

  /** The columns that the class may see of a row. */
  readableColumns(table: TableModel): readonly Column[] {
    if (!decideTable(this.caller, table, 'READ')) return [columnOf(table, 'id')];
    return [...table.columns.values()].filter((column) => decideColumn(this.caller, column, 'READ'));
  }

  /** `{ id: ... }`: one member for each unique key that the class may read. Null when there is none. */
  key(table: TableModel): GraphQLInputObjectType | null {
    const known = this.#keys.get(table.name);
    if (known !== undefined) return known;
    const key = this.#makeKey(table);
    this.#keys.set(table.name, key);
    return key;
  }

  #makeKey(table: TableModel): GraphQLInputObjectType | null {
    const fields: GraphQLInputFieldConfigMap = {};
    for (const { columns: names } of table.keys) {
      const columns = names.map((name) => columnOf(table, name));
      if (!columns.every((column) => decideColumn(this.caller, column, 'READ'))) continue;
      const [first] = columns;
      const type = columns.length === 1 && first ? this.columnType(first) : this.#compositeKey(table, columns);
      fields[keyFieldName(names)] = { type, ...meaning({ kind: 'key', columns }) };
    }
    if (Object.keys(fields).length === 0) return null;
    return new GraphQLInputObjectType({
      name: typeNames(table).key,
      description: `Names one ${table.name}, by one of its unique keys.`,
      isOneOf: true,
      fields,
    });
  }

  #compositeKey(table: TableModel, columns: readonly Column[]): GraphQLInputObjectType {
    const names = columns.map(({ name }) => name);
    const members = columns.map((column) => {
      const type = new GraphQLNonNull(this.columnType(column));
      return [column.name, { type, ...meaning({ kind: 'column', column }) }] as const;
    });
    return new GraphQLInputObjectType({ name: keyTypeName(table, names), fields: Object.fromEntries(members) });
  }

  /** The type of a column's value, where it may be left out. */
  columnType(column: Column) {
    const item = this.itemType(column.type);
    return column.list ? new GraphQLList(new GraphQLNonNull(item)) : item;
  }

  /** The type of one value. */
  itemType(type: ColumnType): GraphQLScalarType | GraphQLEnumType {
    if (type.kind === 'enum') return this.#enum(type.name);
    const found = BUILT_IN[type.name] ?? CUSTOM_SCALARS[type.name as keyof typeof CUSTOM_SCALARS];
    if (!found) throw new Error(`no scalar ${type.name}`);
    return found;
  }

  #enum(name: string): GraphQLEnumType {
    const known = this.#enums.get(name);
    if (known) return known;
    const { description, values } = this.model.enums.get(name) ?? { description: null, values: [] };
    const type = new GraphQLEnumType({
      name,
      description,
      values: Object.fromEntries(values.map((value) => [value.name, { description: value.description }])),
      ...VALUES,
    });
    this.#enums.set(name, type);
    return type;
  }
}
