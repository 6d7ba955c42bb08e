// What a field of a generated schema means, carried by the field itself, so that planning never parses a name.

import type { GraphQLField, GraphQLInputField } from 'graphql';
import type { Column, Relation, TableModel } from '../tables/model.ts';

export type FieldMeaning =
  | { readonly kind: 'viewer' }
  | { readonly kind: 'readOne' | 'readMany' | 'insert'; readonly table: TableModel }
  | { readonly kind: 'column'; readonly column: Column }
  | { readonly kind: 'related'; readonly relation: Relation; readonly target: TableModel };

/** What a member of an input object stands for: a column, or the columns of a key in their order. */
export type InputMeaning =
  | { readonly kind: 'column'; readonly column: Column }
  | { readonly kind: 'key'; readonly columns: readonly Column[] };

const MEANING = 'tablecast';

/** The extensions that give a field its meaning. */
export function meaning(value: FieldMeaning | InputMeaning): { extensions: Record<string, unknown> } {
  return { extensions: { [MEANING]: value } };
}

/** The meaning of a generated output field; undefined for others. */
export function fieldMeaning(field: GraphQLField<unknown, unknown>): FieldMeaning | undefined {
  return field.extensions[MEANING] as FieldMeaning | undefined;
}

/** The meaning of a generated input field. */
export function inputMeaning(field: GraphQLInputField): InputMeaning | undefined {
  return field.extensions[MEANING] as InputMeaning | undefined;
}
