// Introspection fields: graphql-js answers them from the schema.

import { executeSync, type FieldNode, Kind, type OperationDefinitionNode } from 'graphql';
import { ServiceError } from '../platform/errors.ts';
import type { Document } from './collect-fields.ts';

/** The JSON text of one introspection root field (`__schema` or `__type`). */
export function introspect(
  { schema, fragments, variables }: Document,
  operation: OperationDefinitionNode,
  nodes: readonly FieldNode[],
): string {
  const only = { ...operation, selectionSet: { ...operation.selectionSet, selections: nodes } };
  const { data, errors } = executeSync({
    schema,
    document: { kind: Kind.DOCUMENT, definitions: [only, ...fragments.values()] },
    variableValues: { ...variables },
  });
  // The document is valid, so that only a variable can be wrong: null, where a default let it stand.
  if (errors?.[0]) throw new ServiceError('BAD_USER_INPUT', errors[0].message);
  return JSON.stringify(Object.values(data ?? {})[0] ?? null);
}
