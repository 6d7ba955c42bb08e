// `orderBy`, as a client wrote it, becomes the keys of an order. What they may be is guarded afterwards
// (`records/guard-order.ts`).

import { getNamedType, isInputObjectType } from 'graphql';
import { ServiceError } from '../../platform/errors.ts';
import type { Direction, OrderKey } from '../../records/plan.ts';
import type { Relation } from '../../tables/model.ts';
import type { AskedField } from '../asked-field.ts';
import { inputMeaning } from '../field-meaning.ts';
import { tooComplex } from '../limits.ts';
import { type Argument, structuralValues } from '../read-argument.ts';
import { DIRECTIONS, isSortDirection } from './sort-direction.ts';

const NAME = 'orderBy';

/** The keys that the `orderBy` of a field names, in their order. Throws QUERY_TOO_COMPLEX for too many, or too far ones. */
export function readOrder(asked: AskedField): readonly OrderKey[] {
  const argument = asked.argument(NAME);
  // Of plain values there are none here but in an empty list, which reads as one.
  if (argument.kind !== 'list') return [];
  const { items } = argument;
  const { orderKeys: max, orderRelations } = asked.document.limits;
  if (items.length > max) {
    throw tooComplex('orderKeys', { value: items.length, max, path: [...asked.path, NAME, String(max)] });
  }
  return items.map((item, at) => {
    const key = readKey(asked.argumentType(NAME), item, [], [NAME, String(at)]);
    const way = key.path.length;
    if (way <= orderRelations) return key;
    const far = key.path.slice(0, orderRelations + 1).map(({ name }) => name);
    throw tooComplex('orderRelations', {
      value: way,
      max: orderRelations,
      path: [...asked.path, NAME, String(at), ...far],
    });
  });
}

function readKey(type: unknown, argument: Argument, path: readonly Relation[], at: readonly string[]): OrderKey {
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
  return readKey(getNamedType(field.type), given, [...path, meaning.relation], here);
}

/** The member that is given of an input object that takes exactly one. */
function onlyMember(type: unknown, argument: Argument, at: readonly string[]) {
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
