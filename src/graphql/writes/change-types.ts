// `...Set`, `...Increment` and `...Append`: what the class may change of a row.

import { type GraphQLInputFieldConfigMap, GraphQLInputObjectType } from 'graphql';
import { decideColumn, decideTable } from '../../access/decide.ts';
import type { Column, TableModel } from '../../tables/model.ts';
import { typeNames } from '../../tables/names.ts';
import { meaning } from '../field-meaning.ts';
import type { TableTypes } from '../table-types.ts';

const NUMBERS: readonly string[] = ['Int', 'BigInt', 'Float', 'Decimal'];

export interface ChangeInputs {
  readonly set: GraphQLInputObjectType | null;
  readonly increment: GraphQLInputObjectType | null;
  readonly append: GraphQLInputObjectType | null;
}

export class ChangeTypes {
  readonly #inputs = new Map<string, ChangeInputs>();

  constructor(private readonly types: TableTypes) {}

  /** The inputs of the class; null for what it may not change. */
  of(table: TableModel): ChangeInputs {
    const known = this.#inputs.get(table.name);
    if (known) return known;
    const names = typeNames(table);
    const columns = this.#columns(table);
    const inputs: ChangeInputs = {
      set: this.#input(names.set, `New values of a ${table.name}; what is left out stays.`, columns),
      increment: this.#input(
        names.increment,
        `What is added to numbers of a ${table.name}; nothing counts as zero.`,
        columns.filter(({ type, list, relation }) => !list && relation === null && NUMBERS.includes(type.name)),
      ),
      append: this.#input(
        names.append,
        `What is added at the end of lists of a ${table.name}.`,
        columns.filter(({ list }) => list),
      ),
    };
    this.#inputs.set(table.name, inputs);
    return inputs;
  }

  #columns(table: TableModel): readonly Column[] {
    const { caller } = this.types;
    if (!decideTable(caller, table, 'UPDATE')) return [];
    // An id is for good: what names a row elsewhere would name nothing.
    return [...table.columns.values()].filter(
      ({ name, ...column }) => name !== 'id' && decideColumn(caller, { name, ...column }, 'UPDATE'),
    );
  }

  #input(name: string, description: string, columns: readonly Column[]): GraphQLInputObjectType | null {
    if (columns.length === 0) return null;
    const fields: GraphQLInputFieldConfigMap = Object.fromEntries(
      columns.map((column) => [
        column.name,
        {
          type: this.types.columnType(column),
          description: column.description,
          ...meaning({ kind: 'column', column }),
        },
      ]),
    );
    return new GraphQLInputObjectType({ name, description, fields });
  }
}
