// `orderBy`, as a client wrote it, becomes the keys of an order. What they may be is guarded afterwards
// (`records/guard-order.ts`).

import { getNamedType, isInputObjectType } from 'graphql';
import { ServiceError } from '../../platform/errors.ts';
import type { Direction, OrderKey } from '../../records/plan.ts';
import type { Relation } from '../../tables/model.ts';
import { inputMeaning } from '../field-meaning.ts';
import { type Argument, structuralValues } from '../read-argument.ts';
import { DIRECTIONS, isSortDirection } from './sort-direction.ts';

/** Each key may cost a join, and a comparison for every row. */
export const ORDER_LIMITS = {
  keys: 10,
  /** Relations on the way to one key. */
  relations: 5,
} as const;

/** The keys that an `orderBy` argument names, in their order. Throws BAD_USER_INPUT for more than ORDER_LIMITS allow. */
export function readOrder(type: unknown, argument: Argument): readonly OrderKey[] {
  // Of plain values there are none here but in an empty list, which reads as one.
  if (argument.kind !== 'list') return [];
  const { items } = argument;
  if (items.length > ORDER_LIMITS.keys) {
    throw new ServiceError(
      'BAD_USER_INPUT',
      `orderBy has ${items.length} keys, and may have ${ORDER_LIMITS.keys}. Order by fewer: rows that are equal in all of them are put in order by id.`,
    );
  }
  return items.map((item, at) => readKey(type, item, [], ['orderBy', at]));
}

function readKey(
  type: unknown,
  argument: Argument,
  path: readonly Relation[],
  at: readonly (string | number)[],
): OrderKey {
  const { field, given } = onlyMember(type, argument, at);
  const here = [...at, field.name];
  const meaning = inputMeaning(field);
  if (meaning?.kind === 'column')
    return { path, by: { kind: 'column', column: meaning.column }, ...directionOf(given) };
  if (meaning?.kind === 'rows') {
    const count = onlyMember(getNamedType(field.type), given, here);
    return { path, by: { kind: 'count', relation: meaning.relation }, ...directionOf(count.given) };
  }
  if (meaning?.kind !== 'related') throw new Error(`no meaning for ${here.join('.')}`);
  if (path.length === ORDER_LIMITS.relations) {
    throw new ServiceError(
      'BAD_USER_INPUT',
      `${at.join('.')} goes through more than ${ORDER_LIMITS.relations} relations. Order by something nearer.`,
    );
  }
  return readKey(getNamedType(field.type), given, [...path, meaning.relation], here);
}

/** The member that is given of an input object that takes exactly one. */
function onlyMember(type: unknown, argument: Argument, at: readonly (string | number)[]) {
  if (!isInputObjectType(type) || argument.kind !== 'object') throw new Error('an input object was expected');
  const given = [...argument.members].filter(([, member]) => member.kind !== 'absent');
  const [[name, member] = []] = given;
  const field = type.getFields()[name ?? ''];
  if (given.length !== 1 || !field || !member || member.kind === 'null') {
    throw new ServiceError('BAD_USER_INPUT', `${at.join('.')} must name exactly one key, and not with null.`);
  }
  return { field, given: member };
}

function directionOf(argument: Argument): Direction {
  const [name = ''] = structuralValues(argument);
  if (!isSortDirection(name)) throw new Error(`${name} is no direction`);
  return DIRECTIONS[name];
}
