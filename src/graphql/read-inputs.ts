// The inputs of tables, read by the meaning of their members: a key that names a row, the changes of one.

import { isInputObjectType } from 'graphql';
import { ServiceError } from '../platform/errors.ts';
import type { KeyValue } from '../records/plan.ts';
import type { GivenChange } from '../records/writes/row-input.ts';
import { inputMeaning } from './field-meaning.ts';
import type { Argument } from './read-argument.ts';

/** The columns and sources of a `...Key` input. Exactly one member is given. */
export function readKey(type: unknown, argument: Argument): readonly KeyValue[] {
  const members = membersOf(type, argument).filter(({ argument: { kind } }) => kind === 'leaf' || kind === 'object');
  const [given] = members;
  if (members.length !== 1 || given?.meaning.kind !== 'key') {
    throw new ServiceError('BAD_USER_INPUT', 'A key names exactly one of its members, and not with null.');
  }
  return given.meaning.columns.map((column) => {
    const member = given.argument.kind === 'object' ? given.argument.members.get(column.name) : given.argument;
    if (member?.kind !== 'leaf') throw new Error(`the key's ${column.name} is no plain value`);
    return { column, slot: { source: member.source, type: column.type, list: column.list } };
  });
}

/** What a `...Set`, `...Increment` or `...Append` input changes; null is a value, what is left out is not. Paths begin with `argumentName`. */
export function readChanges(
  type: unknown,
  argument: Argument,
  how: GivenChange['how'],
  argumentName: string = how,
): readonly GivenChange[] {
  if (argument.kind === 'absent' || argument.kind === 'null') return [];
  return membersOf(type, argument).flatMap(({ name, meaning, argument: member }): GivenChange[] => {
    if (meaning.kind !== 'column') throw new Error(`${name} is no column`);
    const { column } = meaning;
    const path = [argumentName, name];
    if (member.kind === 'absent') return [];
    if (member.kind === 'null') return [{ column, how, source: { from: 'constant', value: null }, path }];
    if (member.kind !== 'leaf') throw new Error(`${name} is no plain value`);
    return [{ column, how, source: member.source, path }];
  });
}

function membersOf(type: unknown, argument: Argument) {
  if (!isInputObjectType(type) || argument.kind !== 'object') throw new Error('an input object was expected');
  const fields = type.getFields();
  return [...argument.members].map(([name, member]) => {
    const field = fields[name];
    const meaning = field && inputMeaning(field);
    if (!meaning) throw new Error(`no meaning for ${type.name}.${name}`);
    return { name, meaning, argument: member };
  });
}
