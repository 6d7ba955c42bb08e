// The enums of table files.

import type { EnumTypeDefinitionNode } from 'graphql';
import { type EnumModel, SCALARS } from '../model.ts';
import { readDirectives, type Vocabulary } from './directives.ts';
import { type Located, type ProblemList, placeOf } from './problems.ts';

/** The enums by name, each frozen. */
export function readEnums(
  nodes: readonly EnumTypeDefinitionNode[],
  vocabulary: Vocabulary,
  problems: ProblemList,
): Map<string, EnumModel> {
  const enums = new Map<string, EnumModel>();
  const places = new Map<string, string>();
  for (const node of nodes) {
    const name = node.name.value;
    readDirectives(node, 'ENUM', vocabulary, problems);
    const other = places.get(name);
    if (other === undefined) checkTypeName(node.name, name, vocabulary, problems);
    else problems.add(node.name, `enum ${name} is defined twice: here and at ${other}`);
    const values = readValues(node, vocabulary, problems);
    if (other !== undefined) continue;
    places.set(name, placeOf(node.name));
    enums.set(name, Object.freeze({ name, description: node.description?.value ?? null, values }));
  }
  return enums;
}

/** Names of types that the vocabulary and the scalars have, and those that GraphQL keeps, are no app's. */
export function checkTypeName(node: Located, name: string, vocabulary: Vocabulary, problems: ProblemList): void {
  if (name.startsWith('__')) problems.add(node, NAMES_OF_GRAPHQL);
  if (vocabulary.typeNames.has(name) || (SCALARS as readonly string[]).includes(name))
    problems.add(node, `${name} is a type of Tablecast's own: choose another name`);
}

export const NAMES_OF_GRAPHQL = 'names that begin with __ belong to GraphQL: choose another';

function readValues(node: EnumTypeDefinitionNode, vocabulary: Vocabulary, problems: ProblemList): EnumModel['values'] {
  const values = new Map<string, EnumModel['values'][number]>();
  for (const value of node.values ?? []) {
    const name = value.name.value;
    readDirectives(value, 'ENUM_VALUE', vocabulary, problems);
    if (values.has(name)) problems.add(value.name, `${node.name.value} has ${name} already: leave one out`);
    if (name.startsWith('__')) problems.add(value.name, NAMES_OF_GRAPHQL);
    values.set(name, { name, description: value.description?.value ?? null });
  }
  if (values.size === 0) problems.add(node.name, `enum ${node.name.value} needs at least one value`);
  return [...values.values()];
}
