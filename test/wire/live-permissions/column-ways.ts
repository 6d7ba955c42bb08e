// The ways in which a column can be named in a subscription. A hidden one is answered in the words for one that is not there.

import type { Way } from '../../integration/permission-matrix/columns.ts';

const changes = (rest: string) => `subscription { thingChanges${rest} }`;

export const COLUMN_WAYS: readonly Way[] = [
  { name: 'node', use: 'READ', document: (column) => changes(`{ events { node { ${column} } } }`) },
  { name: 'previous', use: 'READ', document: (column) => changes(`{ events { previous { id: ${column} } } }`) },
  {
    name: 'node in a fragment',
    use: 'READ',
    document: (column) => `${changes('{ events { node { ...F } } }')} fragment F on Thing { ${column} }`,
  },
  {
    name: 'rows that are related',
    use: 'READ',
    document: (column) => changes(`{ events { node { box { things { ${column} } } } } }`),
  },
  {
    name: 'filter of changes',
    use: 'READ',
    not: 'system',
    document: (column, value) => changes(`(where: { ${column}: { eq: ${value} } }) { cursor }`),
  },
  {
    name: 'filter of changes, negated, with the rows',
    use: 'READ',
    not: 'system',
    document: (column, value) =>
      changes(`(where: { NOT: { ${column}: { in: [${value}] } } }, initial: ALL) { cursor reset }`),
  },
  {
    name: 'filter of changes through relations',
    use: 'READ',
    not: 'system',
    document: (column, value) =>
      changes(`(where: { box: { things: { some: { ${column}: { gt: ${value} } } } } }) { cursor }`),
  },
  { name: 'live query', use: 'READ', document: (column) => `subscription { things { ${column} } }` },
  {
    name: 'filter of a live query',
    use: 'READ',
    not: 'system',
    document: (column, value) => `subscription { things(where: { ${column}: { ne: ${value} } }) { id } }`,
  },
  {
    name: 'order of a live query',
    use: 'READ',
    not: 'system',
    document: (column) => `subscription { things(orderBy: [{ ${column}: ASC }]) { id } }`,
  },
];
