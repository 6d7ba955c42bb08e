// The rows that a request brings, in the words of records: `data` as it was coerced, member by member.

import { type GraphQLInputObjectType, type GraphQLInputType, getNamedType, isInputObjectType } from 'graphql';
import { ServiceError } from '../../platform/errors.ts';
import type { GivenCell, InputPath, KeyInput, RelatedInput, RowInput } from '../../records/writes/row-input.ts';
import type { Column, TableModel } from '../../tables/model.ts';
import { inputMeaning } from '../field-meaning.ts';

type Values = Readonly<Record<string, unknown>>;

/** A row of an `...Insert` input. Throws BAD_USER_INPUT for rows that nest deeper than `levels`. */
export function readRow(
  table: TableModel,
  type: GraphQLInputType | undefined,
  value: unknown,
  path: InputPath,
  levels: number,
): RowInput {
  const input = objectType(type);
  if (levels === 0)
    throw new ServiceError('QUERY_TOO_COMPLEX', `${path.join('.')} nests too deeply: insert it in another operation.`);
  const cells = new Map<Column, GivenCell>();
  const related: RelatedInput[] = [];
  for (const field of Object.values(input.getFields())) {
    const given = (value as Values)[field.name];
    if (given === undefined) continue;
    const means = inputMeaning(field);
    const at = [...path, field.name];
    if (means?.kind === 'column') cells.set(means.column, { value: given, path: at });
    else if (means?.kind === 'related' && given !== null) {
      const nested = objectType(field.type).getFields();
      const { connect, insert } = given as { connect?: unknown; insert?: unknown };
      related.push({
        relation: means.relation,
        target: means.target,
        path: at,
        connect: listOf(connect, [...at, 'connect']).map((key) =>
          readKeyInput(nested['connect']?.type, key.value, key.path),
        ),
        insert: listOf(insert, [...at, 'insert']).map((row) =>
          readRow(means.target, nested['insert']?.type, row.value, row.path, levels - 1),
        ),
      });
    }
  }
  return { table, path, cells, related };
}

/** The rows of `data`, one or a list. */
export function readRows(
  table: TableModel,
  type: GraphQLInputType | undefined,
  value: unknown,
  path: InputPath,
  levels: number,
): readonly RowInput[] {
  return listOf(value, path).map((row) => readRow(table, type, row.value, row.path, levels));
}

function readKeyInput(type: GraphQLInputType | undefined, value: unknown, path: InputPath): KeyInput {
  const given = Object.values(objectType(type).getFields()).find(({ name }) => (value as Values)[name] !== undefined);
  const means = given && inputMeaning(given);
  if (!given || means?.kind !== 'key') throw new Error('a key names one of its members');
  const key = (value as Values)[given.name];
  const { columns } = means;
  const values = columns.length === 1 ? [key] : columns.map(({ name }) => (key as Values)[name]);
  return { path: [...path, given.name], columns, values };
}

/** One value, or each of a list; none for what was left out. */
function listOf(value: unknown, path: InputPath): readonly { readonly value: unknown; readonly path: InputPath }[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return [{ value, path }];
  return value.map((item, at) => ({ value: item, path: [...path, at] }));
}

function objectType(type: GraphQLInputType | undefined): GraphQLInputObjectType {
  const named = getNamedType(type);
  if (!isInputObjectType(named)) throw new Error('an input object was expected');
  return named;
}
