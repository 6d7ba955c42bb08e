// Table files become the model: read, resolved, checked, frozen. Either every file is right, or nothing is taken and all
// problems are reported together.

import { createHash } from 'node:crypto';
import type { ObjectTypeDefinitionNode } from 'graphql';
import { type EnumModel, type Model, SCALARS, type TableModel } from '../model.ts';
import { checkInserts } from './check-inserts.ts';
import { checkNames } from './check-names.ts';
import { checkRenames } from './check-renames.ts';
import { readDirectives, readVocabulary, type Vocabulary } from './directives.ts';
import { resolveManyToMany } from './many-to-many.ts';
import { ProblemList, placeOf, suggest } from './problems.ts';
import { type Definitions, readDefinitions, type TableFile } from './read-definitions.ts';
import { checkTypeName, readEnums } from './read-enums.ts';
import { resolveRelations } from './resolve-relations.ts';
import { TableDraft } from './table-draft.ts';

export type { TableFile } from './read-definitions.ts';

/** The model that the files say. Throws `TablesError` with every problem. */
export function parseTables(vocabularySdl: string, files: readonly TableFile[]): Model {
  const vocabulary = readVocabulary(vocabularySdl);
  const problems = new ProblemList(files.map(({ name }) => name));
  const definitions = readDefinitions(files, problems);
  const enums = readEnums(definitions.enums, vocabulary, problems);
  const drafts = readDrafts(definitions, enums, vocabulary, problems);
  // Of files beside one that cannot be read, only what each says by itself is certain.
  if (!definitions.complete) problems.throwIfAny();
  resolveRelations(drafts, problems);
  const links = resolveManyToMany(drafts, problems);
  const tables = buildTables(drafts, problems);
  checkNames(drafts, tables, enums, links, problems);
  checkRenames(drafts, tables, problems);
  checkInserts(drafts, tables, problems);
  problems.throwIfAny();
  return Object.freeze({ version: versionOf(files), tables, enums, links, roles: rolesOf(tables) });
}

function readDrafts(
  { types, complete }: Definitions,
  enums: ReadonlyMap<string, EnumModel>,
  vocabulary: Vocabulary,
  problems: ProblemList,
): Map<string, TableDraft> {
  const nodes = new Map<string, ObjectTypeDefinitionNode>();
  for (const node of types) {
    const name = node.name.value;
    const other = nodes.get(name);
    if (other) problems.add(node.name, `table ${name} is defined twice: here and at ${placeOf(other.name)}`);
    else {
      checkTypeName(node.name, name, vocabulary, problems);
      nodes.set(name, node);
    }
  }
  const typeNames = new Set([...nodes.keys(), ...enums.keys(), ...SCALARS]);
  const known = {
    enums,
    isTable: (type: string) => nodes.has(type),
    unknown: (type: string) => (complete ? unknownType(type, typeNames) : null),
  };
  return new Map([...nodes].map(([name, node]) => [name, readDraft(node, known, vocabulary, problems)]));
}

function readDraft(
  node: ObjectTypeDefinitionNode,
  known: Parameters<TableDraft['addField']>[2],
  vocabulary: Vocabulary,
  problems: ProblemList,
): TableDraft {
  const draft = new TableDraft(node, readDirectives(node, 'OBJECT', vocabulary, problems), problems);
  for (const field of node.fields ?? [])
    draft.addField(field, readDirectives(field, 'FIELD_DEFINITION', vocabulary, problems), known);
  return draft;
}

/** How other systems call what is here a scalar. */
const FOREIGN_TYPES: ReadonlyMap<string, string> = new Map([
  ['text', 'String'],
  ['varchar', 'String'],
  ['integer', 'Int'],
  ['long', 'BigInt'],
  ['number', 'Float'],
  ['double', 'Float'],
  ['numeric', 'Decimal'],
  ['money', 'Decimal'],
  ['bool', 'Boolean'],
  ['timestamp', 'DateTime'],
  ['timestamptz', 'DateTime'],
  ['object', 'JSON'],
  ['jsonb', 'JSON'],
  ['binary', 'Bytes'],
  ['blob', 'Bytes'],
]);

function unknownType(name: string, known: ReadonlySet<string>): string {
  const meant = FOREIGN_TYPES.get(name.toLowerCase());
  const hint = meant === undefined ? suggest(name, known) : `; did you mean "${meant}"?`;
  return `there is no type ${name}${hint || `: there are ${SCALARS.join(', ')}, and your own tables and enums`}`;
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
