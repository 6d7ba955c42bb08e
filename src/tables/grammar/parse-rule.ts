// Row rules: a filter literal in a table file becomes a filter tree over the table's columns and relations. A rule that
// mentions anything unknown is a problem, never a rule that lets pass.

import { Kind, type ObjectFieldNode, type ValueNode, valueFromASTUntyped } from 'graphql';
import { toColumnValue, ValueProblem } from '../column-value.ts';
import { allOf, anyOf, type Comparison, type Filter, type Operand } from '../filter.ts';
import { type Column, leadsToMany, type Relation } from '../model.ts';
import { type ProblemList, suggest } from './problems.ts';

/** What a rule may mention: the columns and relations of a table, and of the tables they lead to. */
export interface RuleScope {
  readonly name: string;
  readonly columns: ReadonlyMap<string, Column>;
  readonly relations: ReadonlyMap<string, Relation>;
  readonly scopeOf: (table: string) => RuleScope | undefined;
}

const COMPARISONS: readonly Comparison[] = ['eq', 'ne', 'lt', 'lte', 'gt', 'gte', 'in', 'notIn'];
const QUANTIFIERS = ['some', 'every', 'none'] as const;
const TEXT_TYPES = ['String', 'ID', 'UUID'];
const UNORDERED_TYPES = ['Boolean', 'JSON', 'Bytes'];

/** Reads a rule written over `scope`. Problems are added; the answer is then not to be used. */
export function parseRule(node: ValueNode, scope: RuleScope, problems: ProblemList): Filter {
  const parts = fieldsOf(node, `a rule over ${scope.name}`, problems).map((field) =>
    parseMember(field, scope, problems),
  );
  return allOf(parts);
}

function parseMember(field: ObjectFieldNode, scope: RuleScope, problems: ProblemList): Filter {
  const name = field.name.value;
  if (name === 'AND' || name === 'OR') {
    if (field.value.kind !== Kind.LIST) {
      problems.add(field, `${name} takes a list of rules`);
      return allOf([]);
    }
    if (field.value.values.length === 0) problems.add(field, `${name} needs at least one rule`);
    const parts = field.value.values.map((part) => parseRule(part, scope, problems));
    return name === 'AND' ? allOf(parts) : anyOf(parts);
  }
  if (name === 'NOT') return { kind: 'not', part: parseRule(field.value, scope, problems) };
  const column = scope.columns.get(name);
  if (column) return parseComparisons(field, column, problems);
  const relation = scope.relations.get(name);
  if (relation) return parseRelation(field, relation, scope, problems);
  const known = [...scope.columns.keys(), ...scope.relations.keys(), 'AND', 'OR', 'NOT'];
  problems.add(field, `${scope.name} has no column or relation "${name}"${suggest(name, known)}`);
  return allOf([]);
}

function parseRelation(field: ObjectFieldNode, relation: Relation, scope: RuleScope, problems: ProblemList): Filter {
  const target = scope.scopeOf(relation.target);
  // A relation to a table that does not exist was reported where it was written.
  if (!target) return allOf([]);
  const base = { kind: 'relation', relation: relation.name } as const;
  if (!leadsToMany(relation)) {
    return { ...base, quantifier: 'one', filter: parseRule(field.value, target, problems) };
  }
  const parts = fieldsOf(field.value, `${field.name.value} (some, every or none)`, problems).map((part): Filter => {
    const quantifier = QUANTIFIERS.find((known) => known === part.name.value);
    if (!quantifier) problems.add(part, `a rule over many rows says some, every or none, not "${part.name.value}"`);
    return { ...base, quantifier: quantifier ?? 'some', filter: parseRule(part.value, target, problems) };
  });
  return allOf(parts);
}

function parseComparisons(field: ObjectFieldNode, column: Column, problems: ProblemList): Filter {
  const parts = fieldsOf(field.value, `${column.name}, like { eq: ... }`, problems).map((part): Filter => {
    const name = part.name.value;
    if (name === 'isNull') {
      if (part.value.kind !== Kind.BOOLEAN) problems.add(part, 'isNull takes true or false');
      return { kind: 'isNull', column: column.name, value: part.value.kind === Kind.BOOLEAN && part.value.value };
    }
    const operator = COMPARISONS.find((known) => known === name);
    if (!operator) {
      problems.add(part, `there is no operator "${name}" in rules${suggest(name, [...COMPARISONS, 'isNull'])}`);
      return allOf([]);
    }
    checkOperator(part, operator, column, problems);
    return { kind: 'compare', column: column.name, operator, operand: parseOperand(part, operator, column, problems) };
  });
  return allOf(parts);
}

function checkOperator(part: ObjectFieldNode, operator: Comparison, column: Column, problems: ProblemList): void {
  const type = column.type.name;
  if (column.list) problems.add(part, `${column.name} is a list, and rules compare single values`);
  else if (type === 'JSON') problems.add(part, `${column.name} is JSON, and rules compare plain values`);
  else if (operator.startsWith('l') || operator.startsWith('g')) {
    if (UNORDERED_TYPES.includes(type)) problems.add(part, `${column.name} is ${type}, which has no order`);
  }
}

function parseOperand(part: ObjectFieldNode, operator: Comparison, column: Column, problems: ProblemList): Operand {
  const many = operator === 'in' || operator === 'notIn';
  const node = part.value;
  if (node.kind === Kind.STRING && node.value.startsWith('$user'))
    return parseCallerPath(part, node.value, many, column, problems);
  if (node.kind === Kind.NULL) problems.add(part, 'a comparison with null is never true: use isNull');
  if (many !== (node.kind === Kind.LIST))
    problems.add(part, many ? `${operator} takes a list` : `${operator} takes one value`);
  if (many && node.kind === Kind.LIST && node.values.length === 0)
    problems.add(part, `${operator} needs at least one value`);
  try {
    const value = valueFromASTUntyped(node);
    const accept = (item: unknown) => toColumnValue(column.type, item);
    return { kind: 'value', value: Array.isArray(value) ? value.map(accept) : accept(value) };
  } catch (error) {
    if (!(error instanceof ValueProblem)) throw error;
    problems.add(part, `${column.name} ${error.message}`);
    return { kind: 'value', value: null };
  }
}

function parseCallerPath(
  part: ObjectFieldNode,
  text: string,
  many: boolean,
  column: Column,
  problems: ProblemList,
): Operand {
  const path = toCallerPath(text);
  if (!path) {
    problems.add(part, `there is no "${text}": it is $user.id, $user.roles or $user.claims.<name>`);
  } else if (path[0] === 'id' || path[0] === 'roles') {
    if (many !== (path[0] === 'roles'))
      problems.add(part, `${text} is ${many ? 'one value: use eq' : 'a list: use in'}`);
    if (!TEXT_TYPES.includes(column.type.name))
      problems.add(part, `${text} is a text, and ${column.name} is ${column.type.name}`);
  }
  return { kind: 'caller', path: path ?? [] };
}

/** `$user.claims.tenantId` to `['claims', 'tenantId']`; null when it is no path over the caller. */
export function toCallerPath(text: string): readonly string[] | null {
  const path = text.split('.').slice(1);
  if (!text.startsWith('$user.') || path.some((step) => step === '')) return null;
  if (path.length === 1 && (path[0] === 'id' || path[0] === 'roles')) return path;
  return path.length > 1 && path[0] === 'claims' ? path : null;
}

function fieldsOf(node: ValueNode, what: string, problems: ProblemList): readonly ObjectFieldNode[] {
  if (node.kind !== Kind.OBJECT) {
    problems.add(node, `${what} is written as an object, like { ownerId: { eq: "$user.id" } }`);
    return [];
  }
  // An empty object would let every row pass: say so by leaving the rule out.
  if (node.fields.length === 0) problems.add(node, `${what} is empty: leave it out to mean every row`);
  return node.fields;
}
