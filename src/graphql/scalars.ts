// The custom scalars of the API. What they accept is what the tables room accepts; what they answer comes from the store
// as it is.

import { GraphQLError, GraphQLScalarType, print, type ValueNode, valueFromASTUntyped } from 'graphql';
import { toColumnValue, ValueProblem } from '../tables/column-value.ts';
import type { ColumnType } from '../tables/model.ts';

const DESCRIPTIONS = {
  DateTime:
    'An instant. Answered in UTC with six digits, `2026-03-01T09:30:00.000000Z`; any offset is accepted, and not kept.',
  Date: 'A day, `2026-03-01`.',
  Time: 'A time of day, `09:30:00.000000`.',
  BigInt: 'A whole number of 64 bits, as text.',
  Decimal: 'A decimal number, exact, as text.',
  Bytes: 'Binary data, in base64.',
  JSON: 'Any JSON value.',
  UUID: 'A UUID.',
  Version: 'The version of a row: opaque, and another one after every write.',
} as const;

export type CustomScalarName = keyof typeof DESCRIPTIONS;

function customScalar(name: CustomScalarName): GraphQLScalarType {
  const type: ColumnType = { kind: 'scalar', name };
  const accept = (value: unknown, written: string) => {
    try {
      return toColumnValue(type, value);
    } catch (error) {
      if (!(error instanceof ValueProblem)) throw error;
      throw new GraphQLError(`${name} ${error.message}; ${written} is not`);
    }
  };
  return new GraphQLScalarType({
    name,
    description: DESCRIPTIONS[name],
    parseValue: (value) => accept(value, JSON.stringify(value)?.slice(0, 100) ?? 'nothing'),
    parseLiteral: (node: ValueNode, variables) => accept(literalOf(node, variables), print(node).slice(0, 100)),
  });
}

/** The value of a literal; whole numbers too large for a JS number stay text. */
function literalOf(node: ValueNode, variables?: Record<string, unknown> | null): unknown {
  if (node.kind === 'IntValue' || node.kind === 'FloatValue') {
    const number = Number(node.value);
    return String(number) === node.value ? number : node.value;
  }
  return valueFromASTUntyped(node, variables);
}

/** The scalars, one object each for every schema: a scalar has no state. */
export const CUSTOM_SCALARS: Readonly<Record<CustomScalarName, GraphQLScalarType>> = Object.freeze({
  DateTime: customScalar('DateTime'),
  Date: customScalar('Date'),
  Time: customScalar('Time'),
  BigInt: customScalar('BigInt'),
  Decimal: customScalar('Decimal'),
  Bytes: customScalar('Bytes'),
  JSON: customScalar('JSON'),
  UUID: customScalar('UUID'),
  Version: customScalar('Version'),
});
