// `@permission` in the printed SDL: who may use a field, without the rules over rows, which are the server's own.

import {
  DirectiveLocation,
  GraphQLDirective,
  GraphQLEnumType,
  GraphQLList,
  GraphQLNonNull,
  GraphQLString,
} from 'graphql';
import { OPERATIONS, type Operation, type Permission } from '../tables/model.ts';

export const LEVEL_TYPE = new GraphQLEnumType({
  name: 'Level',
  description: 'What a caller has shown: nothing, the application key, a signed-in user, or the master key.',
  values: Object.fromEntries(['PUBLIC', 'APPLICATION', 'USER', 'ADMIN'].map((name) => [name, {}])),
});

const OPERATION_TYPE = new GraphQLEnumType({
  name: 'Operation',
  description: 'What can be done to the rows of a table.',
  values: Object.fromEntries(OPERATIONS.map((name) => [name, {}])),
});

export const PERMISSION_DIRECTIVE = new GraphQLDirective({
  name: 'permission',
  description: 'Who may use the field. Several are alternatives; each operation may have rules over the rows besides.',
  isRepeatable: true,
  locations: [DirectiveLocation.FIELD_DEFINITION],
  args: {
    on: { type: new GraphQLList(new GraphQLNonNull(OPERATION_TYPE)) },
    level: { type: new GraphQLNonNull(LEVEL_TYPE) },
    roles: { type: new GraphQLList(new GraphQLNonNull(GraphQLString)) },
  },
});

/** The extensions that print the permissions which apply to `operation`; undefined when none does. */
export function permissionExtensions(
  permissions: readonly Permission[] | null,
  operation: Operation,
): { directives: { permission: object[] } } | undefined {
  const applying = (permissions ?? []).filter((permission) => permission.operations.includes(operation));
  if (applying.length === 0) return undefined;
  const permission = applying.map(({ level, roles }) => ({ on: [operation], level, ...(roles ? { roles } : {}) }));
  return { directives: { permission } };
}
