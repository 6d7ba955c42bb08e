// What a document must be besides GraphQL's own rules; every face and every judgement of a document uses the same.

import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  specifiedRules,
  type ValidationContext,
  type ValidationRule,
  validate,
} from 'graphql';

/** An operation whose root type the caller's schema does not have: graphql-js leaves this to execution. */
const KnownOperationType: ValidationRule = (context: ValidationContext) => ({
  OperationDefinition(node) {
    if (context.getSchema().getRootType(node.operation)) return;
    context.reportError(new GraphQLError(`There is no ${node.operation} here.`, { nodes: node }));
  },
});

/** The rules that come on top of the specified ones. */
export const OWN_RULES: readonly ValidationRule[] = [KnownOperationType];

/** Whether the document is valid in a schema. */
export function isValid(schema: GraphQLSchema, document: DocumentNode): boolean {
  return validate(schema, document, [...specifiedRules, ...OWN_RULES]).length === 0;
}
