// A table on its way from file to model. Columns come from its own fields; relations need the other tables, and rules
// need the relations, so that it is built in three steps: fields, relations, everything else.

import type { FieldDefinitionNode, ObjectTypeDefinitionNode } from 'graphql';
import type { Use } from './directives.ts';
import {
  type Column,
  type ColumnType,
  type EnumModel,
  type OnDelete,
  type Relation,
  SCALARS,
  type ScalarName,
  type TableIndex,
  type TableModel,
  type UniqueKey,
} from './model.ts';
import { foreignKeyName, pluralOf, toSqlName } from './names.ts';
import { type FieldType, parseColumn, parsePreset, plainColumn, readFieldType } from './parse-column.ts';
import { parsePermissions } from './parse-permission.ts';
import type { RuleScope } from './parse-rule.ts';
import { type ProblemList, suggest } from './problems.ts';
import { systemColumns } from './system-columns.ts';

type Uses = ReadonlyMap<string, readonly Use[]>;

interface RelationField {
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
  readonly #relationFields = new Map<string, RelationField>();
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
    for (const unsupported of uses.get('renamedFrom') ?? []) {
      problems.add(unsupported.node, '@renamedFrom is not supported by this version');
    }
  }

  /** Step one: a field that holds a value is a column, one of a table's type waits to become a relation. */
  addField(node: FieldDefinitionNode, uses: Uses, known: KnownTypes): void {
    const { problems } = this;
    const name = node.name.value;
    this.fields.push(node);
    if (node.arguments?.length) problems.add(node, `field ${name} of a table takes no arguments`);
    for (const directive of ['renamedFrom', 'manyToMany']) {
      for (const use of uses.get(directive) ?? [])
        problems.add(use.node, `@${directive} is not supported by this version`);
    }
    if (this.fields.some((other) => other !== node && other.name.value === name)) {
      problems.add(node.name, `${this.name}.${name} is defined twice`);
      return;
    }
    const type = readFieldType(node.type, problems);
    if (known.isTable(type.name)) {
      this.#relationFields.set(name, { node, type, uses });
      if (uses.has('belongsTo')) this.#addForeignKey(node, type, uses);
      return;
    }
    const columnType = toColumnType(type.name, known);
    if (!columnType) {
      problems.add(node.type, known.unknown(type.name));
      return;
    }
    for (const directive of ['belongsTo', 'has'].filter((other) => uses.has(other))) {
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
    this.columns.set(name, plainColumn(name, id, { description, required: type.required, relation: field, preset }));
    this.#columnUses.set(name, uses);
  }

  /** Step two, when all tables have their columns. */
  resolveRelations(drafts: ReadonlyMap<string, TableDraft>, problems: ProblemList): void {
    for (const [name, { node, type, uses }] of this.#relationFields) {
      const belongsTo = uses.get('belongsTo')?.[0];
      const has = uses.get('has')?.[0];
      if (uses.has('manyToMany')) continue;
      if (!belongsTo === !has) {
        problems.add(node, `${name} needs either @belongsTo (the key is here) or @has (it is on ${type.name})`);
        continue;
      }
      const base = { name, description: node.description?.value ?? null, target: type.name, required: type.required };
      if (belongsTo) {
        const onDelete = belongsTo.values['onDelete'] as OnDelete;
        const column = (belongsTo.values['column'] as string | undefined) ?? foreignKeyName(name);
        if (type.list) problems.add(node, `a row belongs to one ${type.name}: drop the brackets`);
        if (onDelete === 'SET_NULL' && type.required)
          problems.add(belongsTo.node, `${name} is required and cannot be set to null`);
        this.relations.set(name, { kind: 'belongsTo', column, onDelete, ...base });
      } else if (has) {
        const column = drafts.get(type.name)?.foreignKeyTo(this.name, has, problems);
        const kind = type.list ? 'hasMany' : 'hasOne';
        if (column !== undefined) this.relations.set(name, { kind, column, onDelete: 'RESTRICT', ...base });
      }
    }
  }

  /** The column behind the `@belongsTo` field that a `@has` on `owner` names. */
  foreignKeyTo(owner: string, has: Use, problems: ProblemList): string | undefined {
    const field = String(has.values['field']);
    const other = this.#relationFields.get(field);
    const pointing = [...this.#relationFields].filter(
      ([, { type, uses }]) => type.name === owner && uses.has('belongsTo'),
    );
    if (!other || other.type.name !== owner || !other.uses.has('belongsTo')) {
      const hint =
        suggest(
          field,
          pointing.map(([name]) => name),
        ) || `; add there "${field}: ${owner} @belongsTo"`;
      problems.add(has.node, `${this.name} has no @belongsTo field "${field}" of type ${owner}${hint}`);
      return undefined;
    }
    return (other.uses.get('belongsTo')?.[0]?.values['column'] as string | undefined) ?? foreignKeyName(field);
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
    const keys: readonly UniqueKey[] = [{ columns: ['id'] }, ...this.#columnLists('unique')];
    const foreignKeys = [...this.relations.values()].filter((relation) => relation.kind === 'belongsTo');
    const indexes: TableIndex[] = [
      ...this.#columnLists('index'),
      ...foreignKeys.map(({ column }) => ({ columns: [column] })),
    ];
    return Object.freeze({
      name: this.name,
      plural: this.plural,
      sqlName: this.sqlName,
      description: this.node.description?.value ?? null,
      softDelete: this.softDelete,
      columns: systemColumnsLast(this.columns),
      relations: this.relations,
      keys,
      indexes: indexes.filter(
        (index, at) => indexes.findIndex((other) => other.columns.join() === index.columns.join()) === at,
      ),
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

/** The order in which people read a table: its id, its own columns, then what the system keeps. */
function systemColumnsLast(columns: ReadonlyMap<string, Column>): ReadonlyMap<string, Column> {
  return new Map([...columns].sort(([, a], [, b]) => Number(a.system) - Number(b.system)));
}

function toColumnType(name: string, { enums }: KnownTypes): ColumnType | undefined {
  if ((SCALARS as readonly string[]).includes(name)) return { kind: 'scalar', name: name as ScalarName };
  const found = enums.get(name);
  return found && { kind: 'enum', name, values: found.values.map((value) => value.name) };
}
