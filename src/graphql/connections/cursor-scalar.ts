// The scalar of cursors. Its texts are made by the store and read by `records/cursor.ts`; here they are any text.

import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';

function accept(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new GraphQLError('Cursor must be a text: a cursor, startCursor or endCursor as it was answered.');
}

export const CURSOR = new GraphQLScalarType({
  name: 'Cursor',
  description: 'A place in a list: opaque, and of use only with the order that it was answered for.',
  parseValue: accept,
  parseLiteral: (node) => accept(node.kind === Kind.STRING ? node.value : undefined),
});
