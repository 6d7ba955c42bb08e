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
import { documentSizeRule } from './document-size.ts';
import type { Limits } from './limits.ts';

/** An operation whose root type the caller's schema does not have: graphql-js leaves this to execution. */
const KnownOperationType: ValidationRule = (context: ValidationContext) => ({
  OperationDefinition(node) {
    if (context.getSchema().getRootType(node.operation)) return;
    context.reportError(new GraphQLError(`There is no ${node.operation} here.`, { nodes: node }));
  },
});

/** Words and signs of a document; the parser stops at one more. */
export const MAX_TOKENS = 20_000;

/** The rules that come on top of the specified ones. */
export function ownRules(limits: Limits): ValidationRule[] {
  return [KnownOperationType, documentSizeRule(limits)];
}

/** Whether the document is valid in a schema. */
export function isValid(schema: GraphQLSchema, document: DocumentNode, limits: Limits): boolean {
  return validate(schema, document, [...specifiedRules, ...ownRules(limits)]).length === 0;
}
