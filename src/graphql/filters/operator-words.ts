// What operators mean, in a line each, for people who read the schema. The whole table is docs/filters.md.

export const OPERATOR_WORDS: Readonly<Record<string, string>> = {
  eq: 'Equal.',
  ne: 'Not equal. A missing value is neither equal nor not: ask for isNull as well.',
  in: 'One of these; an empty list is no row.',
  notIn: 'None of these; an empty list is every row.',
  lt: 'Less. Texts are compared by code point.',
  lte: 'Less or equal.',
  gt: 'Greater.',
  gte: 'Greater or equal.',
  contains: 'Has this text somewhere; nothing in it is a wildcard.',
  startsWith: 'Begins with this text.',
  endsWith: 'Ends with this text.',
  ignoreCase: 'Compare upper and lower case as the same, in every operator beside this one.',
  isNull: 'Whether there is no value.',
  has: 'Has this item.',
  hasEvery: 'Has all of these items; an empty list is every list.',
  hasSome: 'Has at least one of these items; an empty list is none.',
  isEmpty: 'Whether the list has no items.',
  exists: "Whether there is anything at the path, JSON's null too.",
};
