// The directive vocabulary: which directives exist, where they may stand, and what their arguments are. It is read from
// `schema/directives.graphql`; the readers of columns, relations and permissions take the coerced arguments from here.

import {
  buildSchema,
  type ConstDirectiveNode,
  type GraphQLDirective,
  type GraphQLInputType,
  type GraphQLSchema,
  getDirectiveValues,
  getNamedType,
  getNullableType,
  isDirective,
  isEnumType,
  isListType,
  isRequiredArgument,
  Kind,
  type ValueNode,
  valueFromAST,
} from 'graphql';
import { type Located, type ProblemList, suggest } from './problems.ts';

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

/** Where a directive may be written in a table file. */
export type Place = (typeof PLACES)[number];

const PLACES = ['OBJECT', 'FIELD_DEFINITION', 'ENUM', 'ENUM_VALUE'] as const;
const IN_WORDS: Readonly<Record<Place, string>> = {
  OBJECT: 'a type',
  FIELD_DEFINITION: 'a field',
  ENUM: 'an enum',
  ENUM_VALUE: 'a value of an enum',
};

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
  place: Place,
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
  place: Place,
  vocabulary: Vocabulary,
  problems: ProblemList,
): Use | undefined {
  const name = node.name.value;
  const directive = vocabulary.directives.get(name);
  if (!directive) {
    const known = [...vocabulary.directives.keys()].map((other) => `@${other}`);
    problems.add(node, `there is no directive @${name}${suggest(`@${name}`, known)}`);
    return undefined;
  }
  if (!(directive.locations as readonly string[]).includes(place)) {
    const own = PLACES.filter((other) => (directive.locations as readonly string[]).includes(other));
    problems.add(
      node,
      `@${name} does not belong on ${IN_WORDS[place]}: it is for ${own.map((other) => IN_WORDS[other]).join(' or ')}`,
    );
    return undefined;
  }
  if (!readArguments(node, directive, problems)) return undefined;
  const values = getDirectiveValues(directive, { directives: [node] }) ?? {};
  const byName = new Map((node.arguments ?? []).map((argument) => [argument.name.value, argument]));
  return { node, values, valueNode: (argument) => byName.get(argument)?.value };
}

/** Whether the arguments are those that the directive has, each with a value that it takes. */
function readArguments(node: ConstDirectiveNode, directive: GraphQLDirective, problems: ProblemList): boolean {
  const names = directive.args.map((argument) => argument.name);
  const given = new Set<string>();
  let right = true;
  const wrong = (place: Located, message: string) => {
    problems.add(place, message);
    right = false;
  };
  for (const argument of node.arguments ?? []) {
    const name = argument.name.value;
    const known = directive.args.find((other) => other.name === name);
    if (!known) wrong(argument, `@${directive.name} has no argument "${name}"${suggest(name, names)}`);
    else if (given.has(name)) wrong(argument, `${name} is said twice: leave one out`);
    else if (argument.value.kind === Kind.NULL && known.defaultValue !== undefined)
      wrong(argument.value, `null is none of ${name}'s values: leave it out to mean ${String(known.defaultValue)}`);
    else if (valueFromAST(argument.value, known.type) === undefined)
      wrong(argument.value, `${name} must be ${expected(known.type, argument.value)}`);
    given.add(name);
  }
  for (const { name } of directive.args.filter((argument) => isRequiredArgument(argument) && !given.has(argument.name)))
    wrong(node, `@${directive.name} needs ${name}: write @${directive.name}(${name}: ...)`);
  return right;
}

/** What a value of the type looks like, and which one a wrong name was meant to be. */
function expected(type: GraphQLInputType, node: ValueNode): string {
  const named = getNamedType(type);
  if (!isEnumType(named)) return `${isListType(getNullableType(type)) ? 'a list of type' : 'of type'} ${named.name}`;
  const values = named.getValues().map(({ name }) => name);
  const items = node.kind === Kind.LIST ? node.values : [node];
  const names = items.flatMap((item) => (item.kind === Kind.ENUM || item.kind === Kind.STRING ? item.value : []));
  const meant = names.find((name) => !values.includes(name)) ?? names[0];
  const quoted = items.some((item) => item.kind === Kind.STRING) ? ', without quotes' : '';
  return `one of ${values.join(', ')}${quoted}${meant === undefined ? '' : suggest(meant, values)}`;
}
