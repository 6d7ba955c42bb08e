// `first` and `skip`: the page of a list. And what every page size has: a default and a bound.

import { type GraphQLFieldConfigArgumentMap, GraphQLInt } from 'graphql';
import type { Page } from '../../records/plan.ts';
import type { Slot } from '../../records/value-source.ts';
import type { Argument } from '../read-argument.ts';

/** Rows of a page when a client does not say, and at most. */
export const PAGE_SIZE = 50;
export const MAX_PAGE_SIZE = 1_000;
/** Beyond this an offset reads more than it answers; a cursor is the way. */
const MAX_SKIP = 1_000_000;

export const PAGE_ARGUMENTS: GraphQLFieldConfigArgumentMap = {
  first: { type: GraphQLInt, defaultValue: PAGE_SIZE, description: `How many rows, at most ${MAX_PAGE_SIZE}.` },
  skip: { type: GraphQLInt, defaultValue: 0, description: 'How many rows to leave out before the first.' },
};

/** The page that a field's arguments ask for. Null means the default, like leaving out. */
export function readPage(argumentOf: (name: 'first' | 'skip') => Argument): Page {
  return {
    first: readPageSize('first', argumentOf('first')),
    skip: readNumber('skip', argumentOf('skip'), 0, MAX_SKIP),
  };
}

/** A number of rows; out of its bounds it is BAD_USER_INPUT when it is bound. */
export function readPageSize(name: string, argument: Argument): Slot {
  return readNumber(name, argument, PAGE_SIZE, MAX_PAGE_SIZE);
}

function readNumber(name: string, argument: Argument, fallback: number, max: number): Slot {
  const source = argument.kind === 'leaf' ? argument.source : ({ from: 'constant', value: fallback } as const);
  return { source, type: { kind: 'scalar', name: 'Int' }, list: false, bounds: { argument: name, max } };
}
