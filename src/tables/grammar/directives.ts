// The directive vocabulary: which directives exist, where they may stand, and what their arguments are. It is read from
// `schema/directives.graphql`; the readers of columns, relations and permissions take the coerced arguments from here.

import {
  type ArgumentNode,
  buildSchema,
  type ConstDirectiveNode,
  type DirectiveDefinitionNode,
  type GraphQLDirective,
  type GraphQLSchema,
  getDirectiveValues,
  isDirective,
  type ValueNode,
} from 'graphql';
import { type ProblemList, suggest } from './problems.ts';

/** The directives a table file may use. */
export interface Vocabulary {
  readonly directives: ReadonlyMap<string, GraphQLDirective>;
  /** Names of the types that the vocabulary itself defines: an app cannot. */
  readonly typeNames: ReadonlySet<string>;
}

/** One use of a directive: its arguments with defaults filled in, and the nodes they were written as. */
export interface Use {
  readonly node: ConstDirectiveNode;
  readonly values: Readonly<Record<string, unknown>>;
  /** The node of an argument's value, for places and for rules. Undefined when the argument was left out. */
  readonly valueNode: (name: string) => ValueNode | undefined;
}

/** Reads the vocabulary. Its text is ours, so that a mistake in it is a programmer error. */
export function readVocabulary(sdl: string): Vocabulary {
  const schema: GraphQLSchema = buildSchema(sdl, { assumeValidSDL: false });
  const own = schema.getDirectives().filter((directive) => isDirective(directive) && directive.astNode);
  const typeNames = Object.values(schema.getTypeMap()).filter((type) => type.astNode);
  return {
    directives: new Map(own.map((directive) => [directive.name, directive])),
    typeNames: new Set(typeNames.map((type) => type.name)),
  };
}

/**
 * The uses of the vocabulary's directives on one node, by directive name. Unknown directives and arguments, wrong
 * places, wrong values and repetitions become problems, and are left out of the answer.
 */
export function readDirectives(
  node: { readonly directives?: readonly ConstDirectiveNode[] | undefined },
  place: 'OBJECT' | 'FIELD_DEFINITION' | 'ENUM',
  vocabulary: Vocabulary,
  problems: ProblemList,
): Map<string, Use[]> {
  const uses = new Map<string, Use[]>();
  for (const directiveNode of node.directives ?? []) {
    const use = readUse(directiveNode, place, vocabulary, problems);
    if (!use) continue;
    const name = directiveNode.name.value;
    const earlier = uses.get(name);
    if (earlier && !vocabulary.directives.get(name)?.isRepeatable) {
      problems.add(directiveNode, `@${name} may stand only once here: join the two`);
    }
    uses.set(name, [...(earlier ?? []), use]);
  }
  return uses;
}

function readUse(
  node: ConstDirectiveNode,
  place: string,
  vocabulary: Vocabulary,
  problems: ProblemList,
): Use | undefined {
  const name = node.name.value;
  const directive = vocabulary.directives.get(name);
  if (!directive) {
    problems.add(node, `there is no directive @${name}${suggest(name, vocabulary.directives.keys())}`);
    return undefined;
  }
  if (!(directive.locations as readonly string[]).includes(place)) {
    problems.add(node, `@${name} does not belong on ${place === 'OBJECT' ? 'a type' : place.toLowerCase()}`);
    return undefined;
  }
  const known = directive.args.map((argument) => argument.name);
  const unknown = (node.arguments ?? []).filter((argument) => !known.includes(argument.name.value));
  for (const argument of unknown) {
    problems.add(argument, `@${name} has no argument "${argument.name.value}"${suggest(argument.name.value, known)}`);
  }
  try {
    const values = getDirectiveValues(directive, { directives: [node] }) ?? {};
    const byName = new Map((node.arguments ?? []).map((argument: ArgumentNode) => [argument.name.value, argument]));
    return unknown.length > 0 ? undefined : { node, values, valueNode: (argument) => byName.get(argument)?.value };
  } catch (error) {
    problems.add(node, `@${name}: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

/** The printed form of the vocabulary's directive, to put beside generated SDL. */
export function directiveNode(vocabulary: Vocabulary, name: string): DirectiveDefinitionNode | undefined {
  return vocabulary.directives.get(name)?.astNode ?? undefined;
}
