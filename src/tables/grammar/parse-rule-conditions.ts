// The operators under one column of a rule, or under the count of a relation. The same as clients have, with "$user..."
// where a value may stand; what would be an empty question there is a problem here.

import { Kind, type ObjectFieldNode, type StringValueNode, type ValueNode, valueFromASTUntyped } from 'graphql';
import { toColumnValue, ValueProblem } from '../column-value.ts';
import { allOf, EVERY_ROW, type Filter, type RelatedRows } from '../filter.ts';
import {
  ALL_OPERATORS,
  COUNT_OPERATORS,
  columnFilter,
  countFilter,
  type OperandKind,
  operatorsOf,
} from '../filter-operators.ts';
import type { Column, ColumnType } from '../model.ts';
import { modelValue, type ValueSource } from '../value-source.ts';
import { toCallerPath } from './caller-path.ts';
import { type ProblemList, suggest } from './problems.ts';

/** What a value stands for: of which type, and how messages call it. */
interface Wanted {
  readonly name: string;
  readonly type: ColumnType;
  readonly kind: OperandKind;
}

const INT: ColumnType = { kind: 'scalar', name: 'Int' };
const TEXT: ColumnType = { kind: 'scalar', name: 'String' };
const TEXT_TYPES = ['String', 'ID', 'UUID', 'JSON'];

/** What the operators say of a column, all of them. `node` is where an empty question is reported. */
export function parseConditions(
  parts: readonly ObjectFieldNode[],
  node: ObjectFieldNode,
  column: Column,
  problems: ProblemList,
): Filter {
  const operators = operatorsOf(column);
  const own =
    column.type.name === 'JSON' && !column.list ? ['path', ...Object.keys(operators)] : Object.keys(operators);
  const sources = new Map<string, ValueSource>();
  for (const part of parts) {
    const name = part.name.value;
    if (name === 'path' && own.includes(name)) sources.set(name, parsePath(part, problems));
    else if (own.includes(name)) {
      const kind = operators[name] ?? 'one';
      sources.set(
        name,
        parseOperand(part, { name: column.name, type: kind === 'text' ? TEXT : column.type, kind }, problems),
      );
    } else problems.add(part, unknownOperator(name, column, own));
  }
  const beside = {
    ignoreCase: sources.get('ignoreCase') ?? modelValue(false),
    path: sources.get('path') ?? modelValue([]),
  };
  const asked = [...sources].filter(([name]) => !Object.hasOwn(beside, name));
  if (asked.length === 0 && sources.size > 0) {
    problems.add(node, `${[...sources.keys()].join(' and ')} alone asks nothing of ${column.name}: add an operator`);
  }
  return allOf(asked.map(([name, source]) => columnFilter(column, name, source, beside)));
}

/** What the operators say of the number of related rows. */
export function parseCount(
  parts: readonly ObjectFieldNode[],
  related: { readonly relation: string } & RelatedRows,
  problems: ProblemList,
): Filter {
  return allOf(
    parts.map((part) => {
      const name = part.name.value;
      const kind = Object.hasOwn(COUNT_OPERATORS, name) ? COUNT_OPERATORS[name as keyof typeof COUNT_OPERATORS] : null;
      const source = kind && parseOperand(part, { name: 'count', type: INT, kind }, problems);
      if (!source)
        problems.add(part, `a count has no operator "${name}"${suggest(name, Object.keys(COUNT_OPERATORS))}`);
      return (source && countFilter(related, name, source)) ?? EVERY_ROW;
    }),
  );
}

function unknownOperator(name: string, column: Column, own: readonly string[]): string {
  const known = [...ALL_OPERATORS, 'path'];
  if (!known.includes(name)) return `there is no operator "${name}" in rules${suggest(name, own)}`;
  const what = column.list ? 'a list' : column.type.name;
  return `${column.name} is ${what}, which has no operator ${name}: it has ${own.join(', ')}`;
}

function parsePath(part: ObjectFieldNode, problems: ProblemList): ValueSource {
  const path = part.value.kind === Kind.LIST ? part.value.values : [];
  if (path.length === 0 || !path.every((step) => step.kind === Kind.STRING)) {
    problems.add(part, 'path takes a list of texts, like ["address", "city"]');
  }
  return modelValue(path.map((step) => valueFromASTUntyped(step)));
}

function parseOperand(part: ObjectFieldNode, wanted: Wanted, problems: ProblemList): ValueSource {
  const operator = part.name.value;
  const node = part.value;
  if (wanted.kind === 'flag') {
    if (node.kind !== Kind.BOOLEAN) problems.add(part, `${operator} takes true or false`);
    return modelValue(node.kind === Kind.BOOLEAN && node.value);
  }
  const many = wanted.kind === 'many';
  if (isCallerText(node)) return parseCallerPath(part, node.value, wanted, problems);
  if (node.kind === Kind.NULL) {
    problems.add(part, 'a comparison with null is never true: use isNull');
    return modelValue(null);
  }
  // In JSON a list is a value too.
  if (many !== (node.kind === Kind.LIST) && (many || wanted.type.name !== 'JSON')) {
    problems.add(part, many ? `${operator} takes a list` : `${operator} takes one value`);
    return modelValue(null);
  }
  if (!many || node.kind !== Kind.LIST) return parseValue(part, node, wanted, problems);
  if (node.values.length === 0) problems.add(part, `${operator} needs at least one value`);
  const one = { ...wanted, kind: 'one' } as const;
  const items = node.values.map((item) =>
    isCallerText(item) ? parseCallerPath(part, item.value, one, problems) : parseValue(part, item, one, problems),
  );
  const values = items.flatMap((item) => (item.from === 'model' ? [item.value] : []));
  return values.length === items.length ? modelValue(values) : { from: 'list', items };
}

function parseValue(
  part: ObjectFieldNode,
  node: ValueNode,
  { name, type }: Wanted,
  problems: ProblemList,
): ValueSource {
  try {
    const value: unknown = toColumnValue(type, valueFromASTUntyped(node));
    if (type.name === 'JSON' && JSON.stringify(value).includes('"$user.'))
      problems.add(part, '"$user..." stands for a whole value, and cannot be inside of one');
    return modelValue(value);
  } catch (error) {
    if (!(error instanceof ValueProblem)) throw error;
    problems.add(part, `${name} ${error.message}`);
    return modelValue(null);
  }
}

const isCallerText = (node: ValueNode): node is StringValueNode =>
  node.kind === Kind.STRING && node.value.startsWith('$user');

function parseCallerPath(part: ObjectFieldNode, text: string, wanted: Wanted, problems: ProblemList): ValueSource {
  const path = toCallerPath(text);
  const many = wanted.kind === 'many';
  if (!path) {
    problems.add(part, `there is no "${text}": it is $user.id, $user.roles or $user.claims.<name>`);
  } else if (path[0] === 'id' || path[0] === 'roles') {
    if (many !== (path[0] === 'roles'))
      problems.add(
        part,
        `${text} is ${many ? 'one value, and this takes a list' : 'a list, and this takes one value'}`,
      );
    if (!TEXT_TYPES.includes(wanted.type.name))
      problems.add(part, `${text} is a text, and ${wanted.name} is ${wanted.type.name}`);
  }
  return { from: 'caller', path: path ?? [] };
}
