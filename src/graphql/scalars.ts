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
  const accept = (value: unknown, written: () => string) => {
    try {
      return toColumnValue(type, value);
    } catch (error) {
      if (!(error instanceof ValueProblem)) throw error;
      throw new GraphQLError(`${name} ${error.message}; ${written().slice(0, 100)} is not`);
    }
  };
  return new GraphQLScalarType({
    name,
    description: DESCRIPTIONS[name],
    parseValue: (value) => accept(value, () => shown(value)),
    parseLiteral: (node: ValueNode, variables) => accept(literalOf(name, node, variables), () => print(node)),
  });
}

function shown(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'nothing';
  } catch {
    // Nested too deep to be written out.
    return 'that value';
  }
}

/** Scalars whose numbers are taken as they are written: a JS number would spoil them. */
const EXACT: readonly CustomScalarName[] = ['BigInt', 'Decimal'];

function literalOf(name: CustomScalarName, node: ValueNode, variables?: Record<string, unknown> | null): unknown {
  const number = node.kind === 'IntValue' || node.kind === 'FloatValue';
  return number && EXACT.includes(name) ? node.value : valueFromASTUntyped(node, variables);
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
