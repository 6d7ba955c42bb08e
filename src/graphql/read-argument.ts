// Arguments as places to take values from. A plan serves many requests, so that a variable's value must not get into it:
// leaves become sources, and only the structure (which members are there, which are null) is looked at.

import {
  type GraphQLInputField,
  type GraphQLInputType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  Kind,
  type ValueNode,
  valueFromAST,
} from 'graphql';
import { ServiceError } from '../platform/errors.ts';
import type { ValueSource } from '../records/value-source.ts';
import { toColumnValue, ValueProblem } from '../tables/column-value.ts';
import { inputMeaning } from './field-meaning.ts';

export type Argument =
  | { readonly kind: 'absent' }
  | { readonly kind: 'null' }
  | { readonly kind: 'leaf'; readonly source: ValueSource }
  | { readonly kind: 'list'; readonly items: readonly Argument[] }
  | { readonly kind: 'object'; readonly members: ReadonlyMap<string, Argument> };

/** Marks the enums of an app, whose values are values. Those of the API itself (modes, directions) are part of what is asked. */
export const VALUES = Object.freeze({ extensions: Object.freeze({ values: true }) });

/**
 * Marks an input object that is taken from each request as a whole: a plan does not depend on what is in it, so that a thousand
 * rows and one are the same to it.
 */
export const BY_REQUEST = Object.freeze({ extensions: Object.freeze({ byRequest: true }) });

const isByRequest = (type: GraphQLInputType) => isInputObjectType(type) && type.extensions['byRequest'] === true;

const isStructural = (type: GraphQLInputType) => isEnumType(type) && type.extensions['values'] !== true;

/** The values of an argument of such an enum of the API, or of a list of them; none when it was left out. */
export function structuralValues(argument: Argument): readonly string[] {
  if (argument.kind !== 'leaf') return [];
  if (argument.source.from !== 'constant') throw new Error('a value of the API depends on a request');
  return [argument.source.value].flat() as string[];
}

export const ABSENT: Argument = Object.freeze({ kind: 'absent' });
const NULL: Argument = Object.freeze({ kind: 'null' });

/** The coerced variables of the request that is planned: only their structure may be used. */
export type Variables = Readonly<Record<string, unknown>>;

/** An argument as written in a document, with variables as sources. */
export function readArgument(type: GraphQLInputType, node: ValueNode | undefined, variables: Variables): Argument {
  if (isNonNullType(type)) {
    const argument = readArgument(type.ofType, node, variables);
    // A variable with a default may stand where null may not, and still be null.
    if (argument.kind !== 'null' || node?.kind !== Kind.VARIABLE) return argument;
    throw new ServiceError('BAD_USER_INPUT', `$${node.name.value} must not be null here.`);
  }
  if (!node) return ABSENT;
  if (node.kind === Kind.NULL) return NULL;
  if (node.kind === Kind.VARIABLE) return fromVariable(type, variables[node.name.value], [node.name.value]);
  if (isListType(type)) {
    const items = node.kind === Kind.LIST ? node.values : [node];
    const read = items.map((item) => readArgument(type.ofType, item, variables));
    if (!read.every((item) => item.kind === 'leaf')) return { kind: 'list', items: read };
    return { kind: 'leaf', source: joined(read.map(({ source }) => source)) };
  }
  if (isInputObjectType(type)) {
    const given = new Map(node.kind === Kind.OBJECT ? node.fields.map((field) => [field.name.value, field.value]) : []);
    const members = Object.values(type.getFields()).map((field) => {
      const member = readArgument(field.type, given.get(field.name), variables);
      return [field.name, withDefault(member, field.defaultValue)] as const;
    });
    return { kind: 'object', members: new Map(members) };
  }
  return { kind: 'leaf', source: literalSource(type, node) };
}

/** A literal is a constant, unless it is JSON with variables inside: those stay sources. */
function literalSource(type: GraphQLInputType, node: ValueNode): ValueSource {
  if (node.kind === Kind.VARIABLE) return { from: 'variable', path: [node.name.value] };
  if (!hasVariables(node)) return { from: 'constant', value: storable(valueFromAST(node, type)) };
  if (node.kind === Kind.LIST) return { from: 'list', items: node.values.map((item) => literalSource(type, item)) };
  if (node.kind !== Kind.OBJECT) throw new Error(`no variables in ${node.kind}`);
  return { from: 'object', members: node.fields.map((field) => [field.name.value, literalSource(type, field.value)]) };
}

/** GraphQL's own String, ID and Float let pass what no column can hold. */
function storable(value: unknown): unknown {
  if (typeof value !== 'string' && typeof value !== 'number') return value;
  try {
    return toColumnValue({ kind: 'scalar', name: typeof value === 'string' ? 'String' : 'Float' }, value);
  } catch (error) {
    if (!(error instanceof ValueProblem)) throw error;
    throw new ServiceError('BAD_USER_INPUT', `A value ${error.message}.`);
  }
}

function hasVariables(node: ValueNode): boolean {
  if (node.kind === Kind.LIST) return node.values.some(hasVariables);
  if (node.kind === Kind.OBJECT) return node.fields.some((field) => hasVariables(field.value));
  return node.kind === Kind.VARIABLE;
}

/** A default stands for what is absent. */
export function withDefault(argument: Argument, defaultValue: unknown): Argument {
  if (argument.kind !== 'absent' || defaultValue === undefined) return argument;
  return defaultValue === null ? NULL : leaf(defaultValue);
}

const leaf = (value: unknown): Argument => ({ kind: 'leaf', source: { from: 'constant', value } });

function isFlag(field: GraphQLInputField, value: unknown): value is boolean {
  return typeof value === 'boolean' && inputMeaning(field)?.kind === 'flag';
}

/** The value of a variable of that type as an argument. */
export function argumentOfVariable(
  type: GraphQLInputType,
  value: unknown,
  path: readonly (string | number)[],
): Argument {
  return fromVariable(type, value, path);
}

function fromVariable(type: GraphQLInputType, value: unknown, path: readonly (string | number)[]): Argument {
  if (isNonNullType(type)) return fromVariable(type.ofType, value, path);
  if (value === undefined) return ABSENT;
  if (value === null) return NULL;
  if (isByRequest(getNamedType(type))) return { kind: 'leaf', source: { from: 'variable', path } };
  if (isStructural(getNamedType(type))) return leaf(value);
  if (isListType(type) && Array.isArray(value)) {
    const items = value.map((item, at) => fromVariable(type.ofType, item, [...path, at]));
    return items.every((item) => item.kind === 'leaf')
      ? { kind: 'leaf', source: { from: 'variable', path } }
      : { kind: 'list', items };
  }
  if (isInputObjectType(type)) {
    const members = Object.values(type.getFields()).map((field) => {
      const given: unknown = Reflect.get(value, field.name);
      if (isFlag(field, given)) return [field.name, leaf(given)] as const;
      return [field.name, fromVariable(field.type, given, [...path, field.name])] as const;
    });
    return { kind: 'object', members: new Map(members) };
  }
  return { kind: 'leaf', source: { from: 'variable', path } };
}

function joined(sources: readonly ValueSource[]): ValueSource {
  const constants = sources.filter((source) => source.from === 'constant');
  if (constants.length < sources.length) return { from: 'list', items: sources };
  return { from: 'constant', value: constants.map((source) => source.value) };
}

/** Input objects inside each other, in variables: more than any input takes, and far from what overflows a stack. */
const MAX_INPUT_LEVELS = 100;
const TOO_DEEP = `The variables nest deeper than ${MAX_INPUT_LEVELS} input objects. Ask for less at once.`;

/**
 * The structure of coerced variables, as text: which members are there, which are null, and flags; never a value. Requests of
 * equal shape can share a plan. Throws BAD_USER_INPUT for what nests too deep.
 */
export function shapeOf(type: GraphQLInputType, value: unknown, levels = MAX_INPUT_LEVELS): string {
  if (isNonNullType(type)) return shapeOf(type.ofType, value, levels);
  if (value === undefined) return '-';
  if (value === null) return '0';
  if (isByRequest(getNamedType(type))) return '1';
  if (isStructural(type)) return `${String(value)} `;
  if (isListType(type) && Array.isArray(value)) {
    const shapes = value.map((item) => shapeOf(type.ofType, item, levels));
    // A list of plain values is bound as one array, however long.
    return shapes.every((shape) => shape === '1') ? '1' : `[${shapes.join('')}]`;
  }
  if (isInputObjectType(type)) {
    if (levels === 0) throw new ServiceError('BAD_USER_INPUT', TOO_DEEP);
    return `{${Object.values(type.getFields())
      .map((field) => {
        const given: unknown = Reflect.get(value, field.name);
        return isFlag(field, given) ? String(given) : shapeOf(field.type, given, levels - 1);
      })
      .join('')}}`;
  }
  return '1';
}
