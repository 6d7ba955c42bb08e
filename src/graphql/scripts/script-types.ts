// The types of an app's scripts, as a declaration file: what `ctx` is for each of its tables. Filters, keys and changes are those
// of the generated API, taken from its schema, so that what an author's editor offers is what the service takes.

import {
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql';
import type { Column, Model, TableModel } from '../../tables/model.ts';
import { typeNames } from '../../tables/names.ts';
import { CONTEXT_TYPES } from './context-types.ts';

/** Scalars that are no text in JSON. */
const SCALARS: Readonly<Record<string, string>> = {
  Int: 'number',
  Float: 'number',
  Boolean: 'boolean',
  JSON: 'unknown',
};

/** The text of the file. `schema` is the one that the service itself has. */
export function scriptTypes(schema: GraphQLSchema, { tables }: Model): string {
  const all = [...tables.values()];
  const inputs = Object.values(schema.getTypeMap()).filter(isInputObjectType);
  return [
    '// What ctx is in the scripts of this app. Written by `tablecast types`, and in development whenever a table changes: what is',
    '// changed here is lost.',
    '',
    'declare namespace Tablecast {',
    ...all.flatMap((table) => indent(tableNamespace(schema, table))),
    '  /** Input of the API, as GraphQL has it. */',
    '  namespace Input {',
    ...inputs.flatMap((type) => indent(indent(inputType(type)))),
    '  }',
    '}',
    '',
    'declare namespace TablecastScript {',
    ...indent(CONTEXT_TYPES.trim().split('\n')),
    '',
    '  interface Tables {',
    ...all.map(({ name }) => `    readonly ${name}: Tablecast.${name}.Calls;`),
    '  }',
    '}',
    '',
  ].join('\n');
}

function tableNamespace(schema: GraphQLSchema, table: TableModel): string[] {
  const { name, description } = table;
  const columns = [...table.columns.values()];
  // A table without a key, or with nothing to increment, has no such type.
  const inputOf = (type: string) => (isInputObjectType(schema.getType(type)) ? `Input.${type}` : 'never');
  const types = typeNames(table);
  const { key, where, orderBy, insert, set, increment, append } = types;
  const calls = ['Row', ...[key, where, orderBy, insert, set, increment, append].map(inputOf)];
  return [
    ...docs(description ?? `The table ${name}.`),
    `namespace ${name} {`,
    ...indent([
      '/** A row, whole. */',
      'interface Row {',
      ...indent(columns.flatMap((column) => [...docs(column.description), rowMember(column)])),
      '}',
      '/** A new row, as it is to be written. */',
      'interface Item {',
      ...indent(columns.filter(({ system }) => !system).map(itemMember)),
      '}',
      '/** The values that an update sets. */',
      'type Changes = Partial<Omit<Item, "id">>;',
      `type Where = ${inputOf(where)};`,
      `type Calls = TablecastScript.TableCalls<${calls.join(', ')}>;`,
      'type Insert = TablecastScript.Insert<Row, Item>;',
      'type InsertMany = TablecastScript.InsertMany<Row, Item>;',
      'type Update = TablecastScript.Update<Row, Changes>;',
      'type UpdateMany = TablecastScript.UpdateMany<Row, Changes>;',
      'type Delete = TablecastScript.Delete<Row>;',
      'type DeleteMany = TablecastScript.DeleteMany<Row>;',
      'type Undelete = TablecastScript.Undelete<Row>;',
      'type UndeleteMany = TablecastScript.UndeleteMany<Row>;',
      'type Filter = TablecastScript.Filter<Where>;',
      'type Read = TablecastScript.Read<Row>;',
      'type Settings = TablecastScript.Settings<Row>;',
    ]),
    '}',
    '',
  ];
}

function rowMember(column: Column): string {
  return `readonly ${column.name}: ${columnType(column)}${column.required ? '' : ' | null'};`;
}

function itemMember(column: Column): string {
  const { name, required } = column;
  return required ? `${name}: ${columnType(column)};` : `${name}?: ${columnType(column)} | null;`;
}

function columnType({ type, list }: Column): string {
  const one = type.kind === 'enum' ? union(type.values) : (SCALARS[type.name] ?? 'string');
  return list ? `readonly ${one.includes('|') ? `(${one})` : one}[]` : one;
}

function inputType(type: GraphQLInputObjectType): string[] {
  const members = Object.values(type.getFields()).flatMap((field) => [
    ...docs(field.description ?? null),
    `readonly ${field.name}${isNonNullType(field.type) && field.defaultValue === undefined ? '' : '?'}: ${inputValue(field.type)};`,
  ]);
  return [...docs(type.description ?? null), `interface ${type.name} {`, ...indent(members), '}'];
}

function inputValue(type: GraphQLInputType): string {
  if (isNonNullType(type)) return present(type.ofType);
  return `${present(type)} | null`;
}

function present(type: GraphQLInputType): string {
  if (isListType(type)) {
    const one = inputValue(type.ofType);
    return `readonly ${one.includes('|') ? `(${one})` : one}[]`;
  }
  if (isEnumType(type)) return union(type.getValues().map(({ name }) => name));
  if (isInputObjectType(type)) return type.name;
  return isNonNullType(type) ? present(type.ofType) : (SCALARS[type.name] ?? 'string');
}

const union = (values: readonly string[]) => values.map((value) => JSON.stringify(value)).join(' | ');

const indent = (lines: readonly string[]) => lines.map((line) => (line === '' ? '' : `  ${line}`));

function docs(text: string | null): string[] {
  if (!text) return [];
  const lines = text.replaceAll('*/', '* /').split('\n');
  return lines.length === 1 ? [`/** ${lines[0]} */`] : ['/**', ...lines.map((line) => ` * ${line}`.trimEnd()), ' */'];
}
