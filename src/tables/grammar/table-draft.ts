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
  type TableIndex,
  type TableModel,
  type UniqueKey,
} from '../model.ts';
import { foreignKeyName, pluralOf, toSqlName } from '../names.ts';
import type { Use } from './directives.ts';
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
import { type ProblemList, suggest } from './problems.ts';
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
  /** The words for a type that is none. */
  readonly unknown: (name: string) => string;
}

export class TableDraft {
  readonly name: string;
  readonly plural: string;
  readonly sqlName: string;
  readonly softDelete: boolean;
  readonly columns = new Map<string, Column>();
  readonly relations = new Map<string, Relation>();
  readonly fields: FieldDefinitionNode[] = [];
  readonly relationFields = new Map<string, RelationField>();
  readonly #columnUses = new Map<string, Uses>();

  constructor(
    readonly node: ObjectTypeDefinitionNode,
    readonly uses: Uses,
    readonly problems: ProblemList,
  ) {
    this.name = node.name.value;
    const table = uses.get('table')?.[0];
    if (!table) problems.add(node.name, `type ${this.name} needs @table to be a table`);
    const values = table?.values ?? {};
    this.plural = (values['plural'] as string | undefined) ?? pluralOf(this.name);
    this.sqlName = (values['name'] as string | undefined) ?? toSqlName(this.name);
    this.softDelete = values['softDelete'] === true;
    for (const column of systemColumns(this.softDelete)) this.columns.set(column.name, column);
    if (table && values['dynamicSchema']) problems.add(table.node, 'dynamicSchema is not supported by this version');
    if (table && values['store'] === 'MONGODB')
      problems.add(table.node, 'store: MONGODB is not supported by this version');
  }

  /** Step one: a field that holds a value is a column, one of a table's type waits to become a relation. */
  addField(node: FieldDefinitionNode, uses: Uses, known: KnownTypes): void {
    const { problems } = this;
    const name = node.name.value;
    this.fields.push(node);
    if (node.arguments?.length) problems.add(node, `field ${name} of a table takes no arguments`);
    if (this.fields.some((other) => other !== node && other.name.value === name)) {
      problems.add(node.name, `${this.name}.${name} is defined twice`);
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
      problems.add(node.type, known.unknown(type.name));
      return;
    }
    for (const directive of ['belongsTo', 'has', 'manyToMany'].filter((other) => uses.has(other))) {
      problems.add(node, `@${directive} belongs on a field of another table's type, and ${type.name} is none`);
    }
    if (this.columns.get(name)?.system || name === 'id') {
      problems.add(node.name, `every table has ${name} already: leave it out`);
      return;
    }
    this.columns.set(name, parseColumn(node, type, columnType, uses, problems));
    this.#columnUses.set(name, uses);
  }

  #addForeignKey(node: FieldDefinitionNode, type: FieldType, uses: Uses): void {
    const field = node.name.value;
    const name = (uses.get('belongsTo')?.[0]?.values['column'] as string | undefined) ?? foreignKeyName(field);
    if (this.columns.has(name)) {
      this.problems.add(
        node,
        `${this.name}.${name}, the key of ${field}, is a column already: name another with @belongsTo(column:)`,
      );
      return;
    }
    const id: ColumnType = { kind: 'scalar', name: 'ID' };
    const preset = parsePreset(uses.get('preset')?.[0], { list: false }, id, this.problems);
    const description = `The id of \`${field}\`.`;
    const renamed = uses.get('renamedFrom')?.[0]?.values['name'];
    const renamedFrom = renamed === undefined ? null : toSqlName(foreignKeyName(String(renamed)));
    this.columns.set(
      name,
      plainColumn(name, id, { description, required: type.required, relation: field, preset, renamedFrom }),
    );
    this.#columnUses.set(name, uses);
  }

  /** Whether a column alone is unique, by a directive on its field or on the type. */
  isUnique(column: string): boolean {
    return this.#columnLists('unique').some(({ columns }) => columns.length === 1 && columns[0] === column);
  }

  /** What a rule over this table may mention. */
  scope(scopeOf: (table: string) => RuleScope | undefined): RuleScope {
    return { name: this.name, columns: this.columns, relations: this.relations, scopeOf };
  }

  /** Step three: permissions, keys and indexes; then it is a model. */
  build(scope: RuleScope, problems: ProblemList): TableModel {
    for (const [name, uses] of this.#columnUses) {
      const column = this.columns.get(name);
      const permissions = parsePermissions(uses.get('permission'), scope, 'column', problems);
      if (column) this.columns.set(name, Object.freeze({ ...column, permissions }));
    }
    const keys: readonly UniqueKey[] = distinct([{ columns: ['id'] }, ...this.#columnLists('unique')]);
    const foreignKeys = [...this.relations.values()].filter((relation) => relation.kind === 'belongsTo');
    const indexes: TableIndex[] = [
      ...this.#columnLists('index'),
      ...foreignKeys.map(({ column }) => ({ columns: [column] })),
    ];
    return Object.freeze({
      name: this.name,
      plural: this.plural,
      sqlName: this.sqlName,
      renamedFrom: readRenamedFrom(this.uses),
      description: this.node.description?.value ?? null,
      softDelete: this.softDelete,
      columns: systemColumnsLast(this.columns),
      relations: this.relations,
      keys,
      indexes: distinct(indexes),
      permissions: parsePermissions(this.uses.get('permission'), scope, 'table', problems),
    });
  }

  #columnLists(directive: 'unique' | 'index'): { readonly columns: readonly string[] }[] {
    const onFields = [...this.#columnUses].flatMap(([column, uses]) =>
      (uses.get(directive) ?? []).map((use) => ({ use, column })),
    );
    const onTable = (this.uses.get(directive) ?? []).map((use) => ({ use, column: null }));
    return [...onFields, ...onTable].flatMap(({ use, column }) => {
      const named = use.values['columns'] as readonly string[] | null | undefined;
      const columns = named ?? (column === null ? [] : [column]);
      if (columns.length === 0) this.problems.add(use.node, `@${directive} on a type needs its columns`);
      const resolved = columns.map(
        (name) => (this.relations.get(name)?.kind === 'belongsTo' ? this.relations.get(name)?.column : name) ?? name,
      );
      for (const name of resolved.filter((other) => !this.columns.has(other))) {
        this.problems.add(use.node, `${this.name} has no column "${name}"${suggest(name, this.columns.keys())}`);
        return [];
      }
      return columns.length === 0 ? [] : [{ columns: resolved }];
    });
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
