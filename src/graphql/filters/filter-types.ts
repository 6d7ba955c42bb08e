// The `where` inputs of tables, for one class of callers: what the class may not read cannot be asked about either. Each
// type is made once, and only when something uses it. `read-where.ts` reads what is written in them.

import {
  GraphQLBoolean,
  type GraphQLInputFieldConfigMap,
  GraphQLInputObjectType,
  type GraphQLInputType,
  GraphQLList,
  GraphQLNonNull,
  GraphQLString,
} from 'graphql';
import { decideTable } from '../../access/decide.ts';
import { mayFollow } from '../../records/guard-filter.ts';
import { type OperandKind, operatorsOf } from '../../tables/filter-operators.ts';
import {
  type Column,
  type ColumnType,
  leadsToMany,
  type Relation,
  type TableModel,
  tableOf,
} from '../../tables/model.ts';
import { filterNames, typeNames } from '../../tables/names.ts';
import { meaning } from '../field-meaning.ts';
import type { TableTypes } from '../table-types.ts';
import { OPERATOR_WORDS } from './operator-words.ts';

const INT: ColumnType = Object.freeze({ kind: 'scalar', name: 'Int' });
/** Columns that are not asked about: a version is opaque, and `deleted` is what the argument of that name is for. */
const UNFILTERED = ['version', 'deleted'];

export class FilterTypes {
  readonly #made = new Map<string, GraphQLInputObjectType>();

  constructor(private readonly types: TableTypes) {}

  /** What may be asked of the rows of a table; null when the class may not read it. */
  where(table: TableModel): GraphQLInputObjectType | null {
    if (!decideTable(this.types.caller, table, 'READ')) return null;
    return this.#once(typeNames(table).where, `Which ${table.plural}. All that is said must hold.`, (where) =>
      this.#whereFields(table, where),
    );
  }

  /** What may be asked of one value of a type. */
  scalarFilter(type: ColumnType): GraphQLInputObjectType {
    return this.#valueFilter({ type, list: false });
  }

  #whereFields(table: TableModel, where: GraphQLInputObjectType): GraphQLInputFieldConfigMap {
    const several = new GraphQLList(new GraphQLNonNull(where));
    const fields: GraphQLInputFieldConfigMap = {
      AND: { type: several, description: 'All of these; an empty list is every row.' },
      OR: { type: several, description: 'At least one of these; an empty list is no row.' },
      NOT: { type: where, description: 'Not this. What is unknown, for a value is missing, stays unknown.' },
    };
    for (const column of this.types.readableColumns(table)) {
      if (column.system && UNFILTERED.includes(column.name)) continue;
      fields[column.name] = {
        type: this.#valueFilter(column),
        description: column.description,
        ...meaning({ kind: 'column', column }),
      };
    }
    for (const relation of table.relations.values()) this.#addRelation(fields, table, relation);
    return fields;
  }

  #addRelation(fields: GraphQLInputFieldConfigMap, table: TableModel, relation: Relation): void {
    const { model, caller } = this.types;
    if (!mayFollow(model, caller, table, relation)) return;
    const target = tableOf(model, relation.target);
    const where = this.where(target);
    if (!where) return;
    const type = leadsToMany(relation) ? this.#listFilter(target, where) : where;
    fields[relation.name] = {
      type,
      description: relation.description,
      ...meaning({ kind: 'related', relation, target }),
    };
  }

  /** Of a relation to many rows. */
  #listFilter(target: TableModel, where: GraphQLInputObjectType): GraphQLInputObjectType {
    return this.#once(typeNames(target).listFilter, `Which ${target.plural} belong to a row.`, () => ({
      some: { type: where, description: 'At least one of them is such.' },
      every: { type: where, description: 'All of them are such; where there are none, they are.' },
      none: { type: where, description: 'None of them is such.' },
      count: { type: this.scalarFilter(INT), description: 'How many there are, of those that you may see.' },
    }));
  }

  #valueFilter(column: Pick<Column, 'type' | 'list'>): GraphQLInputObjectType {
    const { type, list } = column;
    const names = filterNames(type);
    const about = list ? `A list of ${type.name} values.` : `A value of type ${type.name}.`;
    return this.#once(list ? names.list : names.one, about, () => {
      const operators = Object.entries(operatorsOf(column)).map(([name, operand]) => {
        const config = { type: this.#operandType(type, operand), description: OPERATOR_WORDS[name] };
        const flag = operand === 'flag' ? meaning({ kind: 'flag' }) : {};
        return [name, { ...config, ...flag, ...(name === 'ignoreCase' ? { defaultValue: false } : {}) }] as const;
      });
      const path = {
        type: new GraphQLList(new GraphQLNonNull(GraphQLString)),
        description: 'Where in the value: names of members and, in lists, positions from 0 (from the end: -1).',
      };
      return { ...(type.name === 'JSON' && !list ? { path } : {}), ...Object.fromEntries(operators) };
    });
  }

  #operandType(type: ColumnType, operand: OperandKind): GraphQLInputType {
    if (operand === 'flag') return GraphQLBoolean;
    if (operand === 'text') return GraphQLString;
    const item = this.types.itemType(type);
    return operand === 'one' ? item : new GraphQLList(new GraphQLNonNull(item));
  }

  #once(
    name: string,
    description: string,
    fields: (self: GraphQLInputObjectType) => GraphQLInputFieldConfigMap,
  ): GraphQLInputObjectType {
    const known = this.#made.get(name);
    if (known) return known;
    const type: GraphQLInputObjectType = new GraphQLInputObjectType({ name, description, fields: () => fields(type) });
    this.#made.set(name, type);
    return type;
  }
}
