// The operators under one column of a `where`, as filters that must all hold.

import type { GraphQLInputField } from 'graphql';
import { ServiceError } from '../../platform/errors.ts';
import { allOf, type Filter, type RelatedRows } from '../../tables/filter.ts';
import { columnFilter, countFilter } from '../../tables/filter-operators.ts';
import type { Column } from '../../tables/model.ts';
import { modelValue, type ValueSource } from '../../tables/value-source.ts';
import type { Argument } from '../read-argument.ts';
import type { FilterBudget } from './filter-budget.ts';

/** One operator, as it was given. */
export interface GivenOperator {
  readonly field: GraphQLInputField;
  readonly argument: Argument;
  readonly path: readonly (string | number)[];
}

/** What the operators ask of a column. `ignoreCase` and `path` are about those beside them. */
export function readConditions(column: Column, given: readonly GivenOperator[], budget: FilterBudget): Filter {
  const sources = new Map(given.map((operator) => [operator.field.name, sourceOf(operator)]));
  const beside = {
    ignoreCase: sources.get('ignoreCase') ?? modelValue(false),
    path: sources.get('path') ?? modelValue([]),
  };
  const asked = given.filter(({ field: { name } }) => !Object.hasOwn(beside, name));
  return allOf(
    asked.map(({ field: { name }, path }) => {
      budget.count(path);
      return columnFilter(column, name, sources.get(name) ?? modelValue(null), beside);
    }),
  );
}

/** What the operators ask of the number of rows that a relation leads to. */
export function readCount(
  related: { readonly relation: string } & RelatedRows,
  given: readonly GivenOperator[],
  budget: FilterBudget,
): Filter {
  return allOf(
    given.map((operator) => {
      const { field, path } = operator;
      budget.count(path);
      const counted = countFilter(related, field.name, sourceOf(operator));
      if (counted) return counted;
      throw new ServiceError('BAD_USER_INPUT', `${path.join('.')}: a count is never null. Leave ${field.name} out.`);
    }),
  );
}

function sourceOf({ argument, path }: GivenOperator): ValueSource {
  if (argument.kind !== 'leaf') throw new Error(`${path.join('.')} is no plain value`);
  return argument.source;
}
