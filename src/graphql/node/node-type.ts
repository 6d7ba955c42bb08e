// `Node`: what all rows of all tables are, by a name that no two of them share.

import { GraphQLID, GraphQLInterfaceType, GraphQLNonNull } from 'graphql';

export const NODE_ID = {
  type: new GraphQLNonNull(GraphQLID),
  description: 'Names the row among all rows of all tables; `id` names it in its own.',
};

export const NODE = new GraphQLInterfaceType({
  name: 'Node',
  description: 'A row of any table.',
  fields: { nodeId: NODE_ID },
});
