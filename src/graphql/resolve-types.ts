// A large schema is made a little at a time, so that requests find room between. Gathering and checking are done at once, and
// are quick when the types are resolved already.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { type GraphQLNamedType, type GraphQLObjectType, getNamedType, isInputObjectType, isObjectType } from 'graphql';

/** Milliseconds of work between two pauses. */
const SLICE = 5;

/** Takes the steps of some work, with pauses; answers what it returns. */
export async function inSlices<T>(steps: Generator<undefined, T>): Promise<T> {
  for (let paused = performance.now(); ; ) {
    const { done, value } = steps.next();
    if (done) return value;
    if (performance.now() - paused < SLICE) continue;
    await nextTurn();
    paused = performance.now();
  }
}

/** Resolves the fields of every type that can be reached from `roots`, a type a step; graphql remembers them. */
export function* resolveTypes(roots: readonly GraphQLObjectType[]): Generator<undefined, void> {
  const known = new Set<GraphQLNamedType>(roots);
  for (const type of known) {
    if (isObjectType(type))
      for (const field of Object.values(type.getFields())) {
        known.add(getNamedType(field.type));
        for (const argument of field.args) known.add(getNamedType(argument.type));
      }
    else if (isInputObjectType(type))
      for (const field of Object.values(type.getFields())) known.add(getNamedType(field.type));
    yield;
  }
}
