// One field of a table file that holds a value: its type, default, preset and checks.

import { type FieldDefinitionNode, Kind, type TypeNode } from 'graphql';
import { brokenChecks } from '../column-checks.ts';
import { parseColumnValue, ValueProblem } from '../column-value.ts';
import type { Column, ColumnChecks, ColumnType, Operation, Preset } from '../model.ts';
import { toSqlName } from '../names.ts';
import { toCallerPath } from './caller-path.ts';
import type { Use } from './directives.ts';
import { type Checked, NO_CHECKS, parseChecks, typeInWords } from './parse-checks.ts';
import { type ProblemList, suggest } from './problems.ts';

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
    problems.add(node, `items of a list cannot be null: write [${item.name.value}!]${required ? '!' : ''}`);
  return { name: item.name.value, list: true, required };
}

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
  const { list, required } = fieldType;
  const checks = parseChecks(uses, { type, list }, problems);
  const checked = { type, list, checks, problems };
  return plainColumn(node.name.value, type, {
    description: node.description?.value ?? null,
    list,
    required,
    defaultValue: parseDefault(uses.get('default')?.[0], fieldType, checked),
    preset: parsePreset(uses.get('preset')?.[0], checked),
    checks,
    renamedFrom: readRenamedFrom(uses),
  });
}

/** The name in the database of what a `@renamedFrom` names: written as in GraphQL, or as it is there. */
export function readRenamedFrom(uses: ReadonlyMap<string, readonly Use[]>): string | null {
  const name = uses.get('renamedFrom')?.[0]?.values['name'];
  return name === undefined ? null : toSqlName(String(name));
}

function parseDefault(use: Use | undefined, { list, required }: FieldType, checked: CheckedColumn): unknown {
  // A required list that is left out is an empty one: there is nothing else it could be.
  if (!use) return list && required ? [] : undefined;
  const text = String(use.values['value']);
  if (text.startsWith('$user')) {
    const words = `a default is the same for every caller: write @preset(value: ${JSON.stringify(text)})`;
    checked.problems.add(use.valueNode('value') ?? use.node, words);
    return undefined;
  }
  return readValue(use, checked);
}

/** A column whose values are read from a table file. */
interface CheckedColumn extends Checked {
  readonly checks: ColumnChecks;
  readonly problems: ProblemList;
}

function readValue(use: Use, { type, list, checks, problems }: CheckedColumn): unknown {
  const place = use.valueNode('value') ?? use.node;
  const text = String(use.values['value']);
  try {
    const value = parseColumnValue(type, list, text);
    if (value === null) problems.add(place, `null is no value: leave @${use.node.name.value} out`);
    else if (!list) for (const broken of brokenChecks({ type, checks }, value)) problems.add(place, refusal(broken));
    else if ((value as unknown[]).includes(null)) problems.add(place, 'items of a list cannot be null');
    return value;
  } catch (error) {
    if (!(error instanceof ValueProblem)) throw error;
    const meant = type.kind === 'enum' && !list ? suggest(text, type.values) : '';
    problems.add(place, `${refusal(error.message)}${meant}`);
    return undefined;
  }
}

/** A pattern has words of the app's own. */
function refusal(words: string): string {
  return words.startsWith('must ') ? `the value ${words}` : `the column would refuse the value: ${words}`;
}

/** Reads `@preset`, for a column or for the relation whose key is set. */
export function parsePreset(use: Use | undefined, checked: CheckedColumn): Preset | null {
  if (!use) return null;
  const { problems } = checked;
  const operations = use.values['on'] as readonly Operation[];
  const text = String(use.values['value']);
  if (operations.length === 0) problems.add(use.valueNode('on') ?? use.node, 'a preset is for INSERT, UPDATE or both');
  for (const operation of operations) {
    if (operation !== 'INSERT' && operation !== 'UPDATE')
      problems.add(use.valueNode('on') ?? use.node, `a preset is for INSERT and UPDATE, not ${operation}`);
  }
  if (!text.startsWith('$user')) return { operations, value: { kind: 'value', value: readValue(use, checked) } };
  const place = use.valueNode('value') ?? use.node;
  const path = toCallerPath(text);
  if (!path) problems.add(place, `there is no "${text}": it is $user.id, $user.roles or $user.claims.<name>`);
  else if (!mayHold(checked, path))
    problems.add(
      place,
      `${text} is ${path[0] === 'roles' ? 'a list of texts' : 'a text'}, and this is ${typeInWords(checked)}`,
    );
  return { operations, value: { kind: 'caller', path: path ?? [] } };
}

/** Whether a column can hold what a path over the caller leads to. Of what is a claim, only the token knows. */
function mayHold({ type, list }: Checked, [first]: readonly string[]): boolean {
  if (first === 'claims' || (type.name === 'JSON' && !list)) return true;
  return list === (first === 'roles') && ['String', 'ID', 'UUID', 'JSON'].includes(type.name);
}
