// Row rules: a filter literal in a table file becomes a filter tree over the table's columns and relations. A rule that
// mentions anything unknown is a problem, never a rule that lets pass. Operators are parse-rule-conditions.ts.

import { Kind, type ObjectFieldNode, type ValueNode } from 'graphql';
import { allOf, anyOf, EVERY_ROW, type Filter, livingRows, NO_ROW, type RelatedRows } from '../filter.ts';
import { type Column, leadsToMany, type Relation } from '../model.ts';
import { parseConditions, parseCount } from './parse-rule-conditions.ts';
import { type ProblemList, suggest } from './problems.ts';

/** What a rule may mention: the columns and relations of a table, and of the tables they lead to. */
export interface RuleScope {
  readonly name: string;
  readonly columns: ReadonlyMap<string, Column>;
  readonly relations: ReadonlyMap<string, Relation>;
  /** Whether a name would stand for something here, if its field had not been reported for something else. */
  readonly isReported: (name: string) => boolean;
  readonly scopeOf: (table: string) => RuleScope | undefined;
}

const QUANTIFIERS = ['some', 'every', 'none'] as const;

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
  if (column)
    return parseConditions(fieldsOf(field.value, `${name}, like { eq: ... }`, problems), field, column, problems);
  const relation = scope.relations.get(name);
  if (relation) return parseRelation(field, relation, scope, problems);
  if (scope.isReported(name)) return NO_ROW;
  const known = [...scope.columns.keys(), ...scope.relations.keys(), 'AND', 'OR', 'NOT'];
  problems.add(field, `${scope.name} has no column or relation "${name}"${suggest(name, known)}`);
  return allOf([]);
}

function parseRelation(field: ObjectFieldNode, relation: Relation, scope: RuleScope, problems: ProblemList): Filter {
  const target = scope.scopeOf(relation.target);
  // A relation to a table that does not exist was reported where it was written.
  if (!target) return allOf([]);
  const base = { relation: relation.name, ...livingRelated(relation, target, scope) } as const;
  if (!leadsToMany(relation)) {
    return { kind: 'relation', ...base, quantifier: 'one', filter: parseRule(field.value, target, problems) };
  }
  const what = `${field.name.value} (some, every, none or count)`;
  const parts = fieldsOf(field.value, what, problems).map((part): Filter => {
    const name = part.name.value;
    if (name === 'count') return parseCount(fieldsOf(part.value, 'count, like { gt: 0 }', problems), base, problems);
    const quantifier = QUANTIFIERS.find((known) => known === name);
    if (!quantifier) problems.add(part, `a rule over many rows says some, every, none or count, not "${name}"`);
    const filter = parseRule(part.value, target, problems);
    return { kind: 'relation', ...base, quantifier: quantifier ?? 'some', filter };
  });
  return allOf(parts);
}

/** A rule judges over all rows that are not deleted, whoever may see them. */
function livingRelated({ link }: Relation, target: RuleScope, scope: RuleScope): RelatedRows {
  const through = link?.table ? scope.scopeOf(link.table) : undefined;
  return { rows: livingRows(target), linkRows: through ? livingRows(through) : EVERY_ROW };
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
