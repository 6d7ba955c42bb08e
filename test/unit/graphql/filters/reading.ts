// A schema with nothing but a `where`, and what is read from it: filters without the rest of a request.

import assert from 'node:assert/strict';
import {
  GraphQLBoolean,
  GraphQLObjectType,
  GraphQLSchema,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import type { CallerClass } from '../../../../src/access/caller-class.ts';
import { filterBudget } from '../../../../src/graphql/filters/filter-budget.ts';
import { FilterTypes } from '../../../../src/graphql/filters/filter-types.ts';
import { readWhere } from '../../../../src/graphql/filters/read-where.ts';
import { LIMITS } from '../../../../src/graphql/limits.ts';
import { readArgument, shapeOf, type Variables } from '../../../../src/graphql/read-argument.ts';
import { TableTypes } from '../../../../src/graphql/table-types.ts';
import type { Filter } from '../../../../src/tables/filter.ts';
import { type Model, tableOf } from '../../../../src/tables/model.ts';

/** The schema with one field, whose argument is the `where` of a table. */
export function whereSchema(model: Model, caller: CallerClass, table: string): GraphQLSchema {
  const where = new FilterTypes(new TableTypes(model, caller)).where(tableOf(model, table));
  const args = where ? { where: { type: where } } : {};
  const query = new GraphQLObjectType({ name: 'Query', fields: { rows: { type: GraphQLBoolean, args } } });
  return new GraphQLSchema({ query });
}

export interface ReadFilter {
  readonly filter: Filter;
  readonly variables: Variables;
  /** What plans are kept by. */
  readonly shape: string;
}

/** What `{ rows(where: ...) }` or `query ($where: ...) { rows(where: $where) }` asks. Fails when it is not valid. */
export function readText(schema: GraphQLSchema, text: string, inputs: Record<string, unknown> = {}): ReadFilter {
  const document = parse(text);
  assert.deepEqual(validate(schema, document, specifiedRules), [], text);
  const operation = document.definitions[0] as OperationDefinitionNode;
  const { coerced, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], inputs);
  assert.equal(errors, undefined, String(errors));
  const variables: Variables = coerced ?? {};
  const field = operation.selectionSet.selections[0];
  const definition = schema.getQueryType()?.getFields()['rows']?.args[0];
  assert.ok(field?.kind === Kind.FIELD && definition);
  const argument = readArgument(definition.type, field.arguments?.[0]?.value, variables);
  const shape = shapeOf(definition.type, variables['where']);
  const filter = readWhere(definition.type, argument, ['where'], filterBudget(LIMITS, ['rows']));
  return { filter, variables, shape };
}

/** The filter of a `where` that is written out. */
export function readLiteral(schema: GraphQLSchema, where: string): Filter {
  return readText(schema, `{ rows(where: ${where}) }`).filter;
}
