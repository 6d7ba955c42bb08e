// `first` and `skip`: the page of a list. And what every page size has: a default and a bound.

import { type GraphQLFieldConfigArgumentMap, GraphQLInt } from 'graphql';
import type { Page } from '../../records/plan.ts';
import type { Slot } from '../../records/value-source.ts';
import type { AskedField } from '../asked-field.ts';
import type { Limits } from '../limits.ts';

/** Beyond this an offset reads more than it answers; a cursor is the way. */
const MAX_SKIP = 1_000_000;

export function pageArguments({ pageSize, page }: Limits): GraphQLFieldConfigArgumentMap {
  return {
    first: { type: GraphQLInt, defaultValue: pageSize, description: `How many rows, at most ${page}.` },
    skip: { type: GraphQLInt, defaultValue: 0, description: 'How many rows to leave out before the first.' },
  };
}

/** The page that a field's arguments ask for. Null means the default, like leaving out. */
export function readPage(asked: AskedField): Page {
  return { first: readPageSize(asked, 'first'), skip: readNumber(asked, 'skip', 0, MAX_SKIP) };
}

/** A number of rows; out of its bounds it is BAD_USER_INPUT when it is bound. */
export function readPageSize(asked: AskedField, name: 'first' | 'last'): Slot {
  const { pageSize, page } = asked.document.limits;
  return readNumber(asked, name, pageSize, page);
}

function readNumber(asked: AskedField, name: string, fallback: number, max: number): Slot {
  const argument = asked.argument(name);
  const source = argument.kind === 'leaf' ? argument.source : ({ from: 'constant', value: fallback } as const);
  return { source, type: { kind: 'scalar', name: 'Int' }, list: false, bounds: { argument: name, max } };
}
