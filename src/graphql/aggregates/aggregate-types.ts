// The GraphQL types of a table's aggregates, for one class of callers: what the class may not read can neither be grouped
// by nor measured. Each type is made once, and only when the table has columns for it.

import {
  GraphQLEnumType,
  type GraphQLFieldConfigArgumentMap,
  type GraphQLFieldConfigMap,
  type GraphQLInputFieldConfigMap,
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
} from 'graphql';
import {
  type GroupKey,
  groupKeysOf,
  MEASURE_FUNCTIONS,
  type Measure,
  type MeasureFunction,
  measureColumn,
  measuredType,
} from '../../tables/measures.ts';
import type { Column, TableModel } from '../../tables/model.ts';
import { aggregateTypeNames, constantName } from '../../tables/names.ts';
import { type FieldMeaning, meaning } from '../field-meaning.ts';
import type { FilterTypes } from '../filters/filter-types.ts';
import { permissionExtensions } from '../permission-directive.ts';
import type { TableTypes } from '../table-types.ts';
import { AGGREGATE_WORDS, groupKeyWords, sumWords } from './aggregate-words.ts';

type Fields = GraphQLFieldConfigMap<unknown, unknown>;

export class AggregateTypes {
  readonly #aggregates = new Map<string, GraphQLObjectType>();
  readonly #arguments = new Map<string, GraphQLFieldConfigArgumentMap>();

  constructor(
    private readonly types: TableTypes,
    private readonly filters: FilterTypes,
  ) {}

  /** What is answered of a group of a table's rows. */
  aggregate(table: TableModel): GraphQLObjectType {
    const known = this.#aggregates.get(table.name);
    if (known) return known;
    const type = this.#makeAggregate(table);
    this.#aggregates.set(table.name, type);
    return type;
  }

  /** `groupBy` and `having`; which rows is asked with the arguments of lists. */
  arguments(table: TableModel): GraphQLFieldConfigArgumentMap {
    const known = this.#arguments.get(table.name);
    if (known) return known;
    const args = this.#makeArguments(table);
    this.#arguments.set(table.name, args);
    return args;
  }

  #makeAggregate(table: TableModel): GraphQLObjectType {
    const names = this.#names(table);
    const keys = this.#groupKeys(table).map((key) => this.#groupMember(key));
    const fields: Fields = {
      group: this.#part(names.group, AGGREGATE_WORDS.group, Object.fromEntries(keys)),
      count: {
        type: new GraphQLNonNull(GraphQLInt),
        description: AGGREGATE_WORDS.count,
        ...meaning({ kind: 'measure', measure: { function: 'count' } }),
      },
    };
    for (const name of MEASURE_FUNCTIONS) {
      const members = this.#measures(table, name).map((measure) => this.#measureMember(measure));
      if (members.length > 0)
        fields[name] = this.#part(names[name], AGGREGATE_WORDS[name], Object.fromEntries(members));
    }
    return new GraphQLObjectType({
      name: names.aggregate,
      description: `${table.plural} that have the values of \`group\` in common, and what was computed over them.`,
      fields,
    });
  }

  /** A member that is an object: `sum { ... }`. */
  #part(name: string, description: string, fields: Fields): Fields[string] {
    const type = new GraphQLObjectType({ name, fields });
    return { type: new GraphQLNonNull(type), description, ...meaning({ kind: 'part' }) };
  }

  #groupMember(groupKey: GroupKey): [string, Fields[string]] {
    const { name, column, type } = groupKey;
    const description = groupKeyWords(groupKey) ?? column.description;
    const extensions = ofColumn(column, { kind: 'groupKey', groupKey });
    return [name, { type: this.types.itemType(type), description, extensions }];
  }

  #measureMember(measure: ColumnMeasure): [string, Fields[string]] {
    const { column } = measure;
    const type = this.types.itemType(measureColumn(measure).type);
    const description = measure.function === 'sum' ? sumWords(column) : null;
    return [column.name, { type, description, extensions: ofColumn(column, { kind: 'measure', measure }) }];
  }

  #makeArguments(table: TableModel): GraphQLFieldConfigArgumentMap {
    const names = this.#names(table);
    const values = this.#groupKeys(table).map((key) => {
      return [constantName(key.name), { value: key.name, description: groupKeyWords(key) }] as const;
    });
    const groupBy = new GraphQLEnumType({
      name: names.groupBy,
      description: `What ${table.plural} can be grouped by.`,
      values: Object.fromEntries(values),
    });
    return {
      groupBy: { type: new GraphQLList(new GraphQLNonNull(groupBy)), description: AGGREGATE_WORDS.groupBy },
      having: { type: this.#having(table), description: AGGREGATE_WORDS.having },
    };
  }

  #having(table: TableModel): GraphQLInputObjectType {
    const names = this.#names(table);
    const type: GraphQLInputObjectType = new GraphQLInputObjectType({
      name: names.having,
      description: `Which groups of ${table.plural}. All that is said must hold.`,
      fields: () => this.#havingFields(table, type),
    });
    return type;
  }

  #havingFields(table: TableModel, having: GraphQLInputObjectType): GraphQLInputFieldConfigMap {
    const names = this.#names(table);
    const several = new GraphQLList(new GraphQLNonNull(having));
    const fields: GraphQLInputFieldConfigMap = {
      AND: { type: several, description: 'All of these; an empty list is every group.' },
      OR: { type: several, description: 'At least one of these; an empty list is no group.' },
      NOT: { type: having, description: 'Not this. What is unknown because a value is missing stays unknown.' },
      count: { description: AGGREGATE_WORDS.count, ...this.#measureFilter({ function: 'count' }) },
    };
    for (const name of MEASURE_FUNCTIONS) {
      const members = this.#measures(table, name).map(
        (measure) => [measure.column.name, this.#measureFilter(measure)] as const,
      );
      if (members.length === 0) continue;
      const type = new GraphQLInputObjectType({
        name: names[`${name}Having`],
        fields: Object.fromEntries(members),
      });
      fields[name] = { type, description: AGGREGATE_WORDS[name], ...meaning({ kind: 'part' }) };
    }
    return fields;
  }

  #measureFilter(measure: Measure) {
    const column = measureColumn(measure);
    return { type: this.filters.scalarFilter(column.type), ...meaning({ kind: 'column', column }) };
  }

  #names(table: TableModel) {
    const { tables, enums } = this.types.model;
    return aggregateTypeNames(table, (name) => tables.has(name) || enums.has(name));
  }

  #groupKeys(table: TableModel): GroupKey[] {
    return this.types.readableColumns(table).flatMap(groupKeysOf);
  }

  #measures(table: TableModel, name: MeasureFunction): ColumnMeasure[] {
    const columns = this.types.readableColumns(table).filter((column) => measuredType(name, column) !== null);
    return columns.map((column) => ({ function: name, column }));
  }
}

interface ColumnMeasure {
  readonly function: MeasureFunction;
  readonly column: Column;
}

/** What a field means, and who may read the column that it comes from. */
function ofColumn({ permissions }: Column, value: FieldMeaning): Record<string, unknown> {
  return { ...permissionExtensions(permissions, 'READ'), ...meaning(value).extensions };
}
