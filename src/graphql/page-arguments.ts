// `first` and `skip`: the page of a list.

import { type GraphQLFieldConfigArgumentMap, GraphQLInt } from 'graphql';
import type { Page } from '../records/plan.ts';
import type { Slot } from '../records/value-source.ts';
import type { Argument } from './read-argument.ts';

/** Rows of a page when a client does not say, and at most. */
const PAGE_SIZE = 50;
const MAX_PAGE_SIZE = 1_000;
/** Beyond this an offset reads more than it answers; a cursor is the way. */
const MAX_SKIP = 1_000_000;

export const PAGE_ARGUMENTS: GraphQLFieldConfigArgumentMap = {
  first: { type: GraphQLInt, defaultValue: PAGE_SIZE, description: `How many rows, at most ${MAX_PAGE_SIZE}.` },
  skip: { type: GraphQLInt, defaultValue: 0, description: 'How many rows to leave out before the first.' },
};

/** The page that a field's arguments ask for. Null means the default, like leaving out. */
export function readPage(argumentOf: (name: string) => Argument): Page {
  const slot = (name: string, fallback: number, max: number): Slot => {
    const argument = argumentOf(name);
    const source = argument.kind === 'leaf' ? argument.source : ({ from: 'constant', value: fallback } as const);
    return { source, type: { kind: 'scalar', name: 'Int' }, list: false, bounds: { argument: name, max } };
  };
  return { first: slot('first', PAGE_SIZE, MAX_PAGE_SIZE), skip: slot('skip', 0, MAX_SKIP) };
}
