// A table on its way from file to model. Columns come from its own fields; relations need the other tables, and rules
// need the relations, so that it is built in three steps: fields, relations, everything else.

import type { FieldDefinitionNode, ObjectTypeDefinitionNode } from 'graphql';
import {
  type Column,
  type ColumnType,
  type EnumModel,
  type Relation,
  SCALARS,
  type ScalarName,
  type Store,
  type TableIndex,
  type TableModel,
  type UniqueKey,
} from '../model.ts';
import { foreignKeyName, isGraphqlName, pluralOf, toSqlName } from '../names.ts';
import { readColumnLists } from './column-lists.ts';
import type { Use } from './directives.ts';
import { NO_CHECKS } from './parse-checks.ts';
import {
  type FieldType,
  parseColumn,
  parsePreset,
  plainColumn,
  readFieldType,
  readRenamedFrom,
} from './parse-column.ts';
import { parsePermissions } from './parse-permission.ts';
import type { RuleScope } from './parse-rule.ts';
import { ProblemList } from './problems.ts';
import { systemColumns } from './system-columns.ts';

type Uses = ReadonlyMap<string, readonly Use[]>;

/** A field of another table's type, as written. */
export interface RelationField {
  readonly node: FieldDefinitionNode;
  readonly type: FieldType;
  readonly uses: Uses;
}

/** What a field's type can be, besides a scalar. */
export interface KnownTypes {
  readonly enums: ReadonlyMap<string, EnumModel>;
  readonly isTable: (name: string) => boolean;
  /** The words for a type that is none; null where it may stand in a file that could not be read. */
  readonly unknown: (name: string) => string | null;
}

const NO_NAME = 'no name in GraphQL: it has letters, digits and _, and begins with neither a digit nor __';

export class TableDraft {
  readonly name: string;
  readonly plural: string;
  readonly sqlName: string;
  readonly softDelete: boolean;
  readonly dynamicSchema: boolean;
  readonly store: Store;
  readonly columns = new Map<string, Column>();
  readonly relations = new Map<string, Relation>();
  readonly fields: FieldDefinitionNode[] = [];
  readonly relationFields = new Map<string, RelationField>();
  /** The directives that a column was written with; those of a key stand on its relation. */
  readonly columnUses = new Map<string, Uses>();

  constructor(
    readonly node: ObjectTypeDefinitionNode,
    readonly uses: Uses,
    readonly problems: ProblemList,
  ) {
    this.name = node.name.value;
    const table = uses.get('table')?.[0];
    // One with a wrong argument is there, and was reported.
    if (!node.directives?.some((directive) => directive.name.value === 'table'))
      problems.add(node.name, `type ${this.name} needs @table: a table file holds no other types`);
    const values = table?.values ?? {};
    this.plural = (values['plural'] as string | null | undefined) ?? pluralOf(this.name);
    this.sqlName = (values['name'] as string | null | undefined) ?? toSqlName(this.name);
    this.softDelete = values['softDelete'] === true;
    this.dynamicSchema = values['dynamicSchema'] === true;
    this.store = (values['store'] as Store | undefined) ?? 'SQL';
    for (const column of systemColumns(this.softDelete)) this.columns.set(column.name, column);
    const plural = table?.valueNode('plural');
    if (plural && !isGraphqlName(this.plural)) problems.add(plural, `"${this.plural}" is ${NO_NAME}`);
    const [implemented] = node.interfaces ?? [];
    if (implemented) problems.add(implemented, `what ${this.name} implements is generated: leave "implements" out`);
  }

  /** Step one: a field that holds a value is a column, one of a table's type waits to become a relation. */
  addField(node: FieldDefinitionNode, uses: Uses, known: KnownTypes): void {
    const { problems } = this;
    const name = node.name.value;
    this.fields.push(node);
    const [argument] = node.arguments ?? [];
    if (argument) problems.add(argument, `${name} is a value of the row, which takes no arguments: leave them out`);
    if (this.fields.some((other) => other !== node && other.name.value === name)) {
      problems.add(node.name, `${this.name}.${name} is defined twice: leave one out`);
      return;
    }
    const type = readFieldType(node.type, problems);
    if (known.isTable(type.name)) {
      this.relationFields.set(name, { node, type, uses });
      if (uses.has('belongsTo')) this.#addForeignKey(node, type, uses);
      return;
    }
    const columnType = toColumnType(type.name, known);
    if (!columnType) {
      const words = known.unknown(type.name);
      if (words !== null) problems.add(node.type, words);
      return;
    }
    for (const directive of ['belongsTo', 'has', 'manyToMany'].filter((other) => uses.has(other))) {
      const use = uses.get(directive)?.[0]?.node ?? node;
      problems.add(use, `@${directive} belongs on a field of another table's type, and ${type.name} is none`);
    }
    const key = this.columns.get(name)?.relation;
    if (key) {
      problems.add(
        node.name,
        `${name} is the key of ${key} already: leave it out, or name another with @belongsTo(column:)`,
      );
      return;
    }
    if (this.columns.get(name)?.system || name === 'id') {
      problems.add(node.name, `every table has ${name} already: leave it out`);
      return;
    }
    this.columns.set(name, parseColumn(node, type, columnType, uses, problems));
    this.columnUses.set(name, uses);
  }

  #addForeignKey(node: FieldDefinitionNode, type: FieldType, uses: Uses): void {
    const field = node.name.value;
    const name = (uses.get('belongsTo')?.[0]?.values['column'] as string | null | undefined) ?? foreignKeyName(field);
    const { problems } = this;
    const place = uses.get('belongsTo')?.[0]?.valueNode('column') ?? node;
    if (!isGraphqlName(name)) problems.add(place, `"${name}" is ${NO_NAME}`);
    if (this.columns.has(name) || this.fields.some((other) => other.name.value === name)) {
      problems.add(
        place,
        `${this.name}.${name}, the key of ${field}, is a field already: name another with @belongsTo(column:)`,
      );
      return;
    }
    const id: ColumnType = { kind: 'scalar', name: 'ID' };
    const checked = { type: id, list: false, checks: NO_CHECKS, problems };
    const preset = parsePreset(uses.get('preset')?.[0], checked);
    const description = `The id of \`${field}\`.`;
    const renamed = uses.get('renamedFrom')?.[0]?.values['name'];
    const renamedFrom = renamed === undefined ? null : toSqlName(foreignKeyName(String(renamed)));
    this.columns.set(
      name,
      plainColumn(name, id, { description, required: type.required, relation: field, preset, renamedFrom }),
    );
    this.columnUses.set(name, uses);
  }

  /** Whether a column alone is unique, by a directive on its field or on the type. */
  isUnique(column: string): boolean {
    // What is wrong with the lists is told when the table is built.
    return this.#columnLists('unique', new ProblemList([])).some(
      ({ columns }) => columns.length === 1 && columns[0] === column,
    );
  }

  /** What a rule over this table may mention. */
  scope(scopeOf: (table: string) => RuleScope | undefined): RuleScope {
    const { name, columns, relations } = this;
    return { name, columns, relations, isReported: (field) => this.isReported(field), scopeOf };
  }

  /** Whether a name is that of a field, or of its key, which became neither column nor relation: that was reported there. */
  isReported(name: string): boolean {
    return this.fields.some(({ name: { value: field } }) => {
      return !this.columns.has(field) && !this.relations.has(field) && [field, foreignKeyName(field)].includes(name);
    });
  }

  /** Step three: permissions, keys and indexes; then it is a model. */
  build(scope: RuleScope, problems: ProblemList): TableModel {
    for (const [name, uses] of this.columnUses) {
      const column = this.columns.get(name);
      const permissions = parsePermissions(uses.get('permission'), scope, 'column', problems);
      if (column) this.columns.set(name, Object.freeze({ ...column, permissions }));
    }
    const keys: readonly UniqueKey[] = distinct([{ columns: ['id'] }, ...this.#columnLists('unique', problems)]);
    const indexes = distinct(this.#columnLists('index', problems));
    return Object.freeze({
      name: this.name,
      plural: this.plural,
      sqlName: this.sqlName,
      renamedFrom: readRenamedFrom(this.uses),
      description: this.node.description?.value ?? null,
      softDelete: this.softDelete,
      dynamicSchema: this.dynamicSchema,
      store: this.store,
      columns: systemColumnsLast(this.columns),
      relations: this.relations,
      keys,
      indexes: [...indexes, ...this.#foreignKeyIndexes(keys, indexes)],
      permissions: parsePermissions(this.uses.get('permission'), scope, 'table', problems),
    });
  }

  /** An index for each foreign key that no other begins with: rows are found by it, also when a row that they name is deleted. */
  #foreignKeyIndexes(keys: readonly UniqueKey[], indexes: readonly TableIndex[]): TableIndex[] {
    // With softDelete a unique is among the living, and deleted rows have keys too.
    const others = this.softDelete ? indexes : [...keys, ...indexes];
    return [...this.relations.values()]
      .filter(({ kind, column }) => kind === 'belongsTo' && !others.some(({ columns }) => columns[0] === column))
      .map(({ column }) => ({ columns: [column] }));
  }

  #columnLists(directive: 'unique' | 'index', problems: ProblemList): { readonly columns: readonly string[] }[] {
    const onFields = [...this.columnUses].flatMap(([column, uses]) =>
      (uses.get(directive) ?? []).map((use) => ({ use, column })),
    );
    const onType = (this.uses.get(directive) ?? []).map((use) => ({ use, column: null }));
    return readColumnLists([...onFields, ...onType], this, problems);
  }
}

/** Each list of columns once. */
function distinct<Columns extends { readonly columns: readonly string[] }>(lists: readonly Columns[]): Columns[] {
  return lists.filter((list, at) => lists.findIndex((other) => other.columns.join() === list.columns.join()) === at);
}

/** The order in which people read a table: its id, its own columns, then what the system keeps. */
function systemColumnsLast(columns: ReadonlyMap<string, Column>): ReadonlyMap<string, Column> {
  return new Map([...columns].sort(([, a], [, b]) => Number(a.system) - Number(b.system)));
}

function toColumnType(name: string, { enums }: KnownTypes): ColumnType | undefined {
  if ((SCALARS as readonly string[]).includes(name)) return { kind: 'scalar', name: name as ScalarName };
  const found = enums.get(name);
  return found && { kind: 'enum', name, values: found.values.map((value) => value.name) };
}
