// The texts of table files, read: the types and enums that they define. A text that is no GraphQL, and definitions that do
// not belong in a table file, are problems; what the others say is for the rest of this folder.

import {
  type DefinitionNode,
  type EnumTypeDefinitionNode,
  GraphQLError,
  Kind,
  Lexer,
  type ObjectTypeDefinitionNode,
  parse,
  Source,
  TokenKind,
} from 'graphql';
import type { ProblemList } from './problems.ts';

/** One `*.graphql` file of an app. `name` is what problems say, best the path from the app's folder. */
export interface TableFile {
  readonly name: string;
  readonly text: string;
}

export interface Definitions {
  readonly types: readonly ObjectTypeDefinitionNode[];
  readonly enums: readonly EnumTypeDefinitionNode[];
  /** Every file could be read. Otherwise what is named and not defined may stand in the one that could not. */
  readonly complete: boolean;
}

/** Reads the files, in their order. A file without any definition is none too many: somebody is about to write one. */
export function readDefinitions(files: readonly TableFile[], problems: ProblemList): Definitions {
  const types: ObjectTypeDefinitionNode[] = [];
  const enums: EnumTypeDefinitionNode[] = [];
  let complete = true;
  for (const file of files) {
    const definitions = readFile(new Source(file.text, file.name), problems);
    if (!definitions) complete = false;
    for (const node of definitions ?? []) {
      if (node.kind === Kind.OBJECT_TYPE_DEFINITION) types.push(node);
      else if (node.kind === Kind.ENUM_TYPE_DEFINITION) enums.push(node);
      else problems.add(node, whyNot(node));
    }
  }
  return { types, enums, complete };
}

function readFile(source: Source, problems: ProblemList): readonly DefinitionNode[] | null {
  try {
    const isEmpty = new Lexer(source).lookahead().kind === TokenKind.EOF;
    return isEmpty ? [] : parse(source).definitions;
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const start = error.positions?.[0] ?? 0;
    const offending = /^(?:\w+|\S)/u.exec(source.body.slice(start))?.[0] ?? '';
    const words = error.message
      .replace(/^Syntax Error: /, '')
      .replace(/\.$/, '')
      .replace('<EOF>', 'the end of the file');
    const remedy = REMEDIES.find(({ found, after }) => found === offending && after.test(source.body.slice(0, start)));
    problems.addAt(source, start, start + offending.length, `this is not GraphQL: ${words}${remedy?.words ?? ''}`);
    return null;
  }
}

/** What to write instead, where it can be told from the text that stands before the offending one. */
const REMEDIES = [
  { found: '}', after: /\{[\s,]*$/, words: '; leave out the braces of a table that has no fields of its own' },
  { found: '=', after: /:\s*[\w[\]!]+\s*$/, words: '; a default is written @default(value: "...")' },
] as const;

const HOLDS = 'a table file holds types with @table, and enums';

/** Why a definition does not belong here, and what to write instead. */
function whyNot(node: DefinitionNode): string {
  switch (node.kind) {
    case Kind.OBJECT_TYPE_EXTENSION:
    case Kind.ENUM_TYPE_EXTENSION:
      return `nothing is extended: write it where ${node.name.value} is defined`;
    case Kind.OPERATION_DEFINITION:
    case Kind.FRAGMENT_DEFINITION:
      return `operations are what clients send: ${HOLDS}`;
    case Kind.INPUT_OBJECT_TYPE_DEFINITION:
      return `input types are generated: ${HOLDS}`;
    case Kind.INTERFACE_TYPE_DEFINITION:
    case Kind.UNION_TYPE_DEFINITION:
      return `a column holds a scalar or an enum, and a relation leads to one table: ${HOLDS}`;
    case Kind.SCALAR_TYPE_DEFINITION:
      return `the database knows no other scalars: use String or JSON, with @pattern where it has a form`;
    case Kind.DIRECTIVE_DEFINITION:
      return `the directives are Tablecast's own: ${HOLDS}`;
    default:
      return `the schema is generated: ${HOLDS}`;
  }
}
