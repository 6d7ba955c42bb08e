// One field of a table file that holds a value: its type, default, preset and checks.

import { type FieldDefinitionNode, Kind, type TypeNode } from 'graphql';
import { parseColumnValue, ValueProblem } from '../column-value.ts';
import type { Column, ColumnChecks, ColumnType, Operation, Preset } from '../model.ts';
import { toSqlName } from '../names.ts';
import { toCallerPath } from './caller-path.ts';
import type { Use } from './directives.ts';
import type { ProblemList } from './problems.ts';

/** A field's type as written. */
export interface FieldType {
  readonly name: string;
  readonly list: boolean;
  readonly required: boolean;
}

/** Reads `T`, `T!`, `[T!]` and `[T!]!`; anything else is a problem. */
export function readFieldType(node: TypeNode, problems: ProblemList): FieldType {
  const required = node.kind === Kind.NON_NULL_TYPE;
  const outer = required ? node.type : node;
  if (outer.kind === Kind.NAMED_TYPE) return { name: outer.name.value, list: false, required };
  const item = outer.type.kind === Kind.NON_NULL_TYPE ? outer.type.type : outer.type;
  if (item.kind !== Kind.NAMED_TYPE) {
    problems.add(node, 'a list of lists cannot be stored: use JSON');
    return { name: 'JSON', list: false, required };
  }
  if (outer.type.kind !== Kind.NON_NULL_TYPE)
    problems.add(node, `items of a list cannot be null: write [${item.name.value}!]`);
  return { name: item.name.value, list: true, required };
}

const NO_CHECKS: ColumnChecks = Object.freeze({ length: null, range: null, pattern: null });

/** The parts of a column that every column has, before its directives are read. */
export function plainColumn(name: string, type: ColumnType, more: Partial<Column> = {}): Column {
  return {
    name,
    sqlName: toSqlName(name),
    description: null,
    type,
    list: false,
    required: false,
    defaultValue: undefined,
    preset: null,
    permissions: null,
    checks: NO_CHECKS,
    renamedFrom: null,
    relation: null,
    system: false,
    ...more,
  };
}

/** Reads a column; its permissions are read later, when all tables are known. */
export function parseColumn(
  node: FieldDefinitionNode,
  fieldType: FieldType,
  type: ColumnType,
  uses: ReadonlyMap<string, readonly Use[]>,
  problems: ProblemList,
): Column {
  return plainColumn(node.name.value, type, {
    description: node.description?.value ?? null,
    list: fieldType.list,
    required: fieldType.required,
    defaultValue: parseDefault(uses.get('default')?.[0], fieldType, type, problems),
    preset: parsePreset(uses.get('preset')?.[0], fieldType, type, problems),
    checks: parseChecks(uses, fieldType, type, problems),
    renamedFrom: readRenamedFrom(uses),
  });
}

/** The name in the database of what a `@renamedFrom` names: written as in GraphQL, or as it is there. */
export function readRenamedFrom(uses: ReadonlyMap<string, readonly Use[]>): string | null {
  const name = uses.get('renamedFrom')?.[0]?.values['name'];
  return name === undefined ? null : toSqlName(String(name));
}

function parseDefault(
  use: Use | undefined,
  { list, required }: FieldType,
  type: ColumnType,
  problems: ProblemList,
): unknown {
  // A required list that is left out is an empty one: there is nothing else it could be.
  if (!use) return list && required ? [] : undefined;
  return readValue(use, 'value', list, type, problems);
}

function readValue(use: Use, argument: string, list: boolean, type: ColumnType, problems: ProblemList): unknown {
  try {
    return parseColumnValue(type, list, String(use.values[argument]));
  } catch (error) {
    if (!(error instanceof ValueProblem)) throw error;
    problems.add(use.node, `the value ${error.message}`);
    return undefined;
  }
}

/** Reads `@preset`, for a column or for the relation whose key is set. */
export function parsePreset(
  use: Use | undefined,
  { list }: { readonly list: boolean },
  type: ColumnType,
  problems: ProblemList,
): Preset | null {
  if (!use) return null;
  const operations = use.values['on'] as readonly Operation[];
  const text = String(use.values['value']);
  for (const operation of operations) {
    if (operation !== 'INSERT' && operation !== 'UPDATE')
      problems.add(use.node, `a preset is for INSERT and UPDATE, not ${operation}`);
  }
  if (!text.startsWith('$user'))
    return { operations, value: { kind: 'value', value: readValue(use, 'value', list, type, problems) } };
  const path = toCallerPath(text);
  if (!path) problems.add(use.node, `there is no "${text}": it is $user.id, $user.roles or $user.claims.<name>`);
  return { operations, value: { kind: 'caller', path: path ?? [] } };
}

function parseChecks(
  uses: ReadonlyMap<string, readonly Use[]>,
  { list }: FieldType,
  type: ColumnType,
  problems: ProblemList,
): ColumnChecks {
  const bounds = (name: 'length' | 'range', types: readonly string[]) => {
    const use = uses.get(name)?.[0];
    if (!use) return null;
    if (list || !types.includes(type.name)) problems.add(use.node, `@${name} is for ${types.join(', ')}`);
    const { min = null, max = null } = use.values as { min?: number | null; max?: number | null };
    if (min === null && max === null) problems.add(use.node, `@${name} needs min, max or both`);
    if ([min, max].some((bound) => bound !== null && !Number.isFinite(bound)))
      problems.add(use.node, `@${name}: a bound is no finite number`);
    if (min !== null && max !== null && min > max) problems.add(use.node, `@${name}: min is more than max`);
    return { min, max };
  };
  return {
    length: bounds('length', ['String', 'ID']),
    range: bounds('range', ['Int', 'BigInt', 'Float', 'Decimal']),
    pattern: parsePattern(uses.get('pattern')?.[0], list || !['String', 'ID'].includes(type.name), problems),
  };
}

function parsePattern(use: Use | undefined, misplaced: boolean, problems: ProblemList): ColumnChecks['pattern'] {
  if (!use) return null;
  if (misplaced) problems.add(use.node, '@pattern is for String, ID');
  const { regex, message = null } = use.values as { regex: string; message?: string | null };
  try {
    return { regex: new RegExp(regex, 'u'), message };
  } catch (error) {
    problems.add(use.node, `the regular expression does not parse: ${error instanceof Error ? error.message : error}`);
    return null;
  }
}
