// Table files become the model: read, resolved, checked, frozen. Either every file is right, or nothing is taken and all
// problems are reported together.

import { createHash } from 'node:crypto';
import { type DefinitionNode, GraphQLError, Kind, type ObjectTypeDefinitionNode, parse, Source } from 'graphql';
import { type EnumModel, type Model, SCALARS, type TableModel } from '../model.ts';
import { checkNames } from './check-names.ts';
import { readDirectives, readVocabulary, type Vocabulary } from './directives.ts';
import { resolveManyToMany } from './many-to-many.ts';
import { ProblemList, suggest, type TableProblem, TablesError } from './problems.ts';
import { resolveRelations } from './resolve-relations.ts';
import { TableDraft } from './table-draft.ts';

/** One `*.graphql` file of an app. `name` is what problems say, best the path from the app's folder. */
export interface TableFile {
  readonly name: string;
  readonly text: string;
}

/** The model that the files say. Throws {@link TablesError} with every problem. */
export function parseTables(vocabularySdl: string, files: readonly TableFile[]): Model {
  const vocabulary = readVocabulary(vocabularySdl);
  const problems = new ProblemList();
  const syntax: TableProblem[] = [];
  const definitions = files.flatMap((file) => {
    try {
      return parse(new Source(file.text, file.name)).definitions;
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      syntax.push(toSyntaxProblem(error, file));
      return [];
    }
  });
  // With a file missing, its tables would be reported as unknown wherever they are named.
  if (syntax.length > 0) throw new TablesError(syntax);

  const enums = readEnums(definitions, vocabulary, problems);
  const drafts = readDrafts(definitions, enums, vocabulary, problems);
  resolveRelations(drafts, problems);
  const links = resolveManyToMany(drafts, problems);
  const tables = buildTables(drafts, problems);
  checkNames(drafts, tables, enums, links, problems);
  if (problems.problems.length > 0) throw new TablesError(problems.problems);
  return Object.freeze({ version: versionOf(files), tables, enums, links, roles: rolesOf(tables) });
}

function readEnums(
  definitions: readonly DefinitionNode[],
  vocabulary: Vocabulary,
  problems: ProblemList,
): Map<string, EnumModel> {
  const enums = new Map<string, EnumModel>();
  for (const node of definitions) {
    if (node.kind !== Kind.ENUM_TYPE_DEFINITION) continue;
    const name = node.name.value;
    readDirectives(node, 'ENUM', vocabulary, problems);
    if (enums.has(name)) problems.add(node.name, `enum ${name} is defined twice`);
    if (vocabulary.typeNames.has(name) || (SCALARS as readonly string[]).includes(name)) {
      problems.add(node.name, `${name} is a type of Tablecast's own: choose another name`);
    }
    const values = (node.values ?? []).map((value) => ({
      name: value.name.value,
      description: value.description?.value ?? null,
    }));
    if (values.length === 0) problems.add(node.name, `enum ${name} needs at least one value`);
    enums.set(name, Object.freeze({ name, description: node.description?.value ?? null, values }));
  }
  return enums;
}

function readDrafts(
  definitions: readonly DefinitionNode[],
  enums: ReadonlyMap<string, EnumModel>,
  vocabulary: Vocabulary,
  problems: ProblemList,
): Map<string, TableDraft> {
  const nodes = new Map<string, ObjectTypeDefinitionNode>();
  for (const node of definitions) {
    if (node.kind === Kind.ENUM_TYPE_DEFINITION) continue;
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION) {
      problems.add(node, 'a table file holds types with @table, and enums; nothing else');
      continue;
    }
    const name = node.name.value;
    if (nodes.has(name)) problems.add(node.name, `table ${name} is defined twice`);
    else if (vocabulary.typeNames.has(name) || (SCALARS as readonly string[]).includes(name)) {
      problems.add(node.name, `${name} is a type of Tablecast's own: choose another name`);
    }
    if (!nodes.has(name)) nodes.set(name, node);
  }
  const drafts = new Map<string, TableDraft>();
  const typeNames = new Set([...nodes.keys(), ...enums.keys(), ...SCALARS]);
  for (const [name, node] of nodes) {
    const draft = new TableDraft(node, readDirectives(node, 'OBJECT', vocabulary, problems), problems);
    for (const field of node.fields ?? []) {
      const uses = readDirectives(field, 'FIELD_DEFINITION', vocabulary, problems);
      draft.addField(field, uses, {
        enums,
        isTable: (type) => nodes.has(type),
        unknown: (type) => `there is no type ${type}${suggest(type, typeNames)}`,
      });
    }
    drafts.set(name, draft);
  }
  return drafts;
}

function buildTables(drafts: ReadonlyMap<string, TableDraft>, problems: ProblemList): Map<string, TableModel> {
  const scopeOf = (name: string) => drafts.get(name)?.scope(scopeOf);
  return new Map([...drafts].map(([name, draft]) => [name, draft.build(draft.scope(scopeOf), problems)]));
}

function rolesOf(tables: ReadonlyMap<string, TableModel>): readonly string[] {
  const permissions = [...tables.values()].flatMap((table) => [
    ...(table.permissions ?? []),
    ...[...table.columns.values()].flatMap((column) => column.permissions ?? []),
  ]);
  return [...new Set(permissions.flatMap((permission) => permission.roles ?? []))].sort();
}

function versionOf(files: readonly TableFile[]): string {
  const hash = createHash('sha256');
  for (const text of files.map((file) => file.text).sort()) hash.update(`${text.length}\n${text}`);
  return hash.digest('hex').slice(0, 16);
}

function toSyntaxProblem(error: GraphQLError, file: TableFile): TableProblem {
  const { line, column } = error.locations?.[0] ?? { line: 1, column: 1 };
  const text = file.text.split(/\r\n|\n|\r/)[line - 1]?.trim() ?? '';
  return { file: file.name, line, column, text, message: error.message };
}
