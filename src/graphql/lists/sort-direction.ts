// The directions of a key of an order, and where rows without a value stand: as in PostgreSQL, missing values are greater
// than all others unless it is said where they go.

import { GraphQLEnumType } from 'graphql';
import type { Direction } from '../../records/plan.ts';

const key = (descending: boolean, nullsFirst: boolean): Direction => Object.freeze({ descending, nullsFirst });

export const DIRECTIONS = {
  ASC: key(false, false),
  DESC: key(true, true),
  ASC_NULLS_FIRST: key(false, true),
  ASC_NULLS_LAST: key(false, false),
  DESC_NULLS_FIRST: key(true, true),
  DESC_NULLS_LAST: key(true, false),
} as const;

export type SortDirection = keyof typeof DIRECTIONS;

export function isSortDirection(name: string): name is SortDirection {
  return Object.hasOwn(DIRECTIONS, name);
}

const WORDS: Readonly<Record<SortDirection, string>> = {
  ASC: 'Small values first, missing ones last.',
  DESC: 'Great values first, missing ones before them.',
  ASC_NULLS_FIRST: 'Missing values first, then small ones.',
  ASC_NULLS_LAST: 'The same as ASC.',
  DESC_NULLS_FIRST: 'The same as DESC.',
  DESC_NULLS_LAST: 'Great values first, missing ones last.',
};

export const SORT_DIRECTION = new GraphQLEnumType({
  name: 'SortDirection',
  description:
    'Texts are ordered as people do (Unicode root collation), ids by code point, enums as they are declared.',
  values: Object.fromEntries(Object.entries(WORDS).map(([name, description]) => [name, { description }])),
});
