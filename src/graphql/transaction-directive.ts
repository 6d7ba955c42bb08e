// `mutation @transaction`: all fields of the operation are kept together, or none is.

import { DirectiveLocation, GraphQLDirective, type OperationDefinitionNode } from 'graphql';

export const TRANSACTION_DIRECTIVE = new GraphQLDirective({
  name: 'transaction',
  description: 'Makes the whole operation one transaction: with one field that fails, nothing of it is done.',
  locations: [DirectiveLocation.MUTATION],
});

/** Whether an operation asks for it. */
export function isTransaction({ directives }: OperationDefinitionNode): boolean {
  return directives?.some(({ name }) => name.value === TRANSACTION_DIRECTIVE.name) ?? false;
}
