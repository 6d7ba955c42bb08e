// `where`, as a client wrote it, becomes a filter. What it may mention is guarded afterwards (`records/guard-filter.ts`);
// until then the rows that a relation leads to are none.

import { type GraphQLInputField, type GraphQLInputObjectType, getNamedType, isInputObjectType } from 'graphql';
import { ServiceError } from '../../platform/errors.ts';
import { allOf, anyOf, EVERY_ROW, type Filter, NO_ROW } from '../../tables/filter.ts';
import { leadsToMany, type Relation } from '../../tables/model.ts';
import { inputMeaning } from '../field-meaning.ts';
import type { Argument } from '../read-argument.ts';
import type { FilterBudget } from './filter-budget.ts';
import { readConditions, readCount } from './read-conditions.ts';

type Path = readonly (string | number)[];

/**
 * The filter of a `...Where` argument; absent and null are every row. `path` names the argument in messages. Throws
 * BAD_USER_INPUT for a null inside it, and QUERY_TOO_COMPLEX for more than the budget allows.
 */
export function readWhere(type: unknown, argument: Argument, path: readonly string[], budget: FilterBudget): Filter {
  if (argument.kind === 'absent' || argument.kind === 'null') return EVERY_ROW;
  return readObject(type, argument, path, budget);
}

function readObject(type: unknown, argument: Argument, path: Path, budget: FilterBudget): Filter {
  const members = membersOf(type, argument, path);
  const inside = budget.deeper(path);
  return allOf(members.map((member) => readMember(member, inside)));
}

interface Member {
  readonly field: GraphQLInputField;
  readonly argument: Exclude<Argument, { kind: 'absent' | 'null' }>;
  readonly path: Path;
}

function readMember({ field, argument, path }: Member, budget: FilterBudget): Filter {
  const type = getNamedType(field.type);
  const meaning = inputMeaning(field);
  if (meaning?.kind === 'column') return readConditions(meaning.column, membersOf(type, argument, path), budget);
  if (meaning?.kind === 'related') return readRelation(meaning.relation, type, argument, path, budget);
  if (meaning?.kind === 'part') return readObject(type, argument, path, budget);
  if (field.name === 'NOT') return { kind: 'not', part: readObject(type, argument, path, budget) };
  // An empty list reads as a plain value.
  const items = argument.kind === 'list' ? argument.items : [];
  const parts = items.map((item, at) => readObject(type, item, [...path, at], budget));
  return field.name === 'AND' ? allOf(parts) : anyOf(parts);
}

function readRelation(relation: Relation, type: unknown, argument: Argument, path: Path, budget: FilterBudget): Filter {
  const base = { kind: 'relation', relation: relation.name, rows: NO_ROW, linkRows: NO_ROW } as const;
  budget.count(path);
  if (!leadsToMany(relation)) return { ...base, quantifier: 'one', filter: readObject(type, argument, path, budget) };
  const parts = membersOf(type, argument, path).map((member): Filter => {
    const { field, path: at } = member;
    if (field.name === 'count')
      return readCount(base, membersOf(getNamedType(field.type), member.argument, at), budget);
    const quantifier = field.name as 'some' | 'every' | 'none';
    return { ...base, quantifier, filter: readObject(getNamedType(field.type), member.argument, at, budget) };
  });
  return allOf(parts);
}

/** What is given of an input object. Null says nothing that a person could mean, and is refused. */
export function membersOf(type: unknown, argument: Argument, path: Path): Member[] {
  if (!isInputObjectType(type) || argument.kind !== 'object') throw new Error('an input object was expected');
  const fields = type.getFields();
  return [...argument.members].flatMap(([name, given]): Member[] => {
    const field = fields[name];
    if (!field) throw new Error(`no member ${name} in ${type.name}`);
    if (given.kind === 'absent') return [];
    const at = [...path, name];
    if (given.kind === 'null') throw nullMember(type, field, at);
    return [{ field, argument: given, path: at }];
  });
}

function nullMember(type: GraphQLInputObjectType, field: GraphQLInputField, path: Path): ServiceError {
  return new ServiceError('BAD_USER_INPUT', `${path.join('.')} must not be null. ${insteadOfNull(type, field)}`);
}

/** What a person who wrote null may have meant. */
function insteadOfNull(type: GraphQLInputObjectType, field: GraphQLInputField): string {
  const meaning = inputMeaning(field);
  if (meaning?.kind === 'column') return 'Ask { isNull: true } of it, or leave it out.';
  if (meaning?.kind === 'related') return 'Ask NOT, or isNull of its key, or leave it out.';
  return 'isNull' in type.getFields() ? 'Use isNull, or leave it out.' : 'Leave it out.';
}
