// Names that are generated from an app's tables must not meet each other, nor names of the system; a clash names both
// origins. Names the database cannot keep are refused here too.

import { groupKeysOf } from '../measures.ts';
import { type EnumModel, type LinkTable, leadsToMany, SCALARS, type TableModel, type UniqueKey } from '../model.ts';
import {
  aggregateTypeNames,
  constantName,
  filterNames,
  keyFieldName,
  keyTypeName,
  relatedFieldNames,
  rootFieldNames,
  SQL_NAME_LIMIT,
  subscriptionFieldNames,
  typeNames,
} from '../names.ts';
import type { Located, ProblemList } from './problems.ts';
import { NAMES_OF_GRAPHQL } from './read-enums.ts';
import type { TableDraft } from './table-draft.ts';

/** Names that the generated schema has whatever the tables are. */
const SYSTEM_TYPES = [
  'Query',
  'Mutation',
  'Subscription',
  'Viewer',
  'Node',
  'Cursor',
  'Version',
  'DeletedRows',
  'PageInfo',
  'SortDirection',
  'CountOrderBy',
  'BulkMode',
  'BatchError',
  'ChangeOp',
  'InitialRows',
];
/** The filters of scalars; those of enums come with the first column of one. */
const SCALAR_FILTERS = SCALARS.flatMap((name) => Object.values(filterNames({ name })));
const SYSTEM_FIELDS = ['viewer', 'node'];

/** Of one table, in PostgreSQL. */
const MOST_COLUMNS = 1_600;

/** Columns that PostgreSQL gives every table. */
const DATABASE_COLUMNS = ['ctid', 'xmin', 'xmax', 'cmin', 'cmax', 'tableoid'];

/** Columns of the system that come and go with a table's options, so that no field may take their names. */
const RESERVED_FIELDS = ['nodeId', 'deleted', 'AND', 'OR', 'NOT'];

/** Adds a problem for every clash and for every name that is too long, reserved, or an id in another spelling. */
export function checkNames(
  drafts: ReadonlyMap<string, TableDraft>,
  models: ReadonlyMap<string, TableModel>,
  enums: ReadonlyMap<string, EnumModel>,
  links: ReadonlyMap<string, LinkTable>,
  problems: ProblemList,
): void {
  const types = new Names('type', [...SYSTEM_TYPES, ...SCALAR_FILTERS], problems);
  const fields = new Names('root field', SYSTEM_FIELDS, problems);
  const followed = new Names('subscription', [], problems);
  const tables = new DatabaseNames('database table', [], problems);
  for (const name of enums.keys()) types.take(name, `enum ${name}`, null);
  for (const draft of drafts.values()) {
    const { name, node } = draft;
    const ofAggregates = aggregateTypeNames(draft, (other) => drafts.has(other) || enums.has(other));
    for (const type of [...Object.values(typeNames(draft)), ...Object.values(ofAggregates)])
      types.take(type, `table ${name}`, node.name);
    for (const field of Object.values(rootFieldNames(draft))) fields.take(field, `table ${name}`, node.name);
    for (const field of Object.values(subscriptionFieldNames(draft))) followed.take(field, `table ${name}`, node.name);
    tables.take(draft.sqlName, `table ${name}`, node.name);
    if (draft.columns.size > MOST_COLUMNS)
      problems.add(
        node.name,
        `${name} has ${draft.columns.size} columns, and PostgreSQL takes ${MOST_COLUMNS}: use a JSON column, or two tables`,
      );
    checkFields(draft, problems);
    checkRelatedFields(draft, problems);
    checkGroupKeys(draft, problems);
    checkKeys(draft, models.get(name)?.keys ?? [], types, problems);
  }
  checkEnumFilters(drafts, types);
  for (const { sqlName, sides } of links.values()) {
    const node = drafts.get(sides[0]?.table ?? '')?.node.name ?? null;
    const origin = `the link of ${sides.map(({ table }) => table).join(' and ')}`;
    tables.take(sqlName, origin, node);
    const columns = new DatabaseNames('database column', [], problems);
    for (const { sqlColumn } of sides) columns.take(sqlColumn, origin, node);
  }
}

function checkFields(draft: TableDraft, problems: ProblemList): void {
  const columns = new DatabaseNames('database column', DATABASE_COLUMNS, problems, "PostgreSQL's own");
  for (const column of draft.columns.values()) {
    const node = draft.fields.find((field) => field.name.value === (column.relation ?? column.name));
    columns.take(column.sqlName, `${draft.name}.${column.name}`, node?.name ?? draft.node.name);
  }
  for (const { name } of draft.fields) {
    if (name.value.startsWith('__')) problems.add(name, NAMES_OF_GRAPHQL);
    if (RESERVED_FIELDS.includes(name.value) && !draft.columns.get(name.value)?.system) {
      problems.add(name, `${name.value} is a name of the system: choose another`);
    }
    // In the variables of a request, a member that is left out would be found on the prototype.
    if (name.value in Object.prototype)
      problems.add(name, `every JavaScript object has ${name.value}: choose another name`);
    if (name.value.toLowerCase() === 'id' && name.value !== 'id')
      problems.add(name, 'that is too close to id: choose another name');
  }
}

/** A relation to many rows brings fields besides its own. */
function checkRelatedFields({ name, fields, columns, relations }: TableDraft, problems: ProblemList): void {
  const names = new Names('field', [], problems);
  for (const own of [...columns.keys(), ...relations.keys()]) names.take(own, `${name}.${own}`, null);
  for (const relation of [...relations.values()].filter(leadsToMany)) {
    const { list: _, ...generated } = relatedFieldNames(relation.name);
    for (const field of Object.values(generated)) {
      const node = fields.find((candidate) => candidate.name.value === field) ?? null;
      names.take(field, `the rows of ${name}.${relation.name}`, node?.name ?? null);
    }
  }
}

/** An instant can be grouped by its day, under a name that another column may have. */
function checkGroupKeys({ name, node, fields, columns }: TableDraft, problems: ProblemList): void {
  const keys = [...columns.values()].flatMap(groupKeysOf);
  const plain = new Map(keys.filter(({ unit }) => unit === null).map((key) => [constantName(key.name), key.column]));
  for (const key of keys.filter(({ unit }) => unit !== null)) {
    const other = plain.get(constantName(key.name));
    if (!other) continue;
    const field = fields.find((candidate) => candidate.name.value === (other.relation ?? other.name));
    const origins = `${name}.${key.column.name} by ${key.unit} and ${name}.${other.name}`;
    problems.add(field?.name ?? node.name, `the group key "${key.name}" comes from ${origins}: rename one`);
  }
}

/** An enum that a column has brings the types of its filters. */
function checkEnumFilters(drafts: ReadonlyMap<string, TableDraft>, types: Names): void {
  const columns = [...drafts.values()].flatMap(({ columns: own, fields }) =>
    [...own.values()].map((column) => ({ column, field: fields.find(({ name }) => name.value === column.name) })),
  );
  const known = new Set<string>();
  for (const { column, field } of columns) {
    if (column.type.kind !== 'enum' || known.has(column.type.name)) continue;
    known.add(column.type.name);
    for (const name of Object.values(filterNames(column.type)))
      types.take(name, `the filters of enum ${column.type.name}`, field?.name ?? null);
  }
}

/** Keys of several columns bring a member of the key input, and a type of their own. */
function checkKeys(draft: TableDraft, keys: readonly UniqueKey[], types: Names, problems: ProblemList): void {
  const members = new Names('key', [], problems);
  for (const { columns } of keys) {
    const origin = `the key ${draft.name}(${columns.join(', ')})`;
    members.take(keyFieldName(columns), origin, draft.node.name);
    if (columns.length > 1) types.take(keyTypeName(draft, columns), origin, draft.node.name);
  }
}

/** One name space: who took which name. */
class Names {
  readonly #taken: Map<string, string>;
  /** Who clashes with whom: one name of theirs is enough to say so. */
  readonly #told = new Set<string>();

  constructor(
    readonly what: string,
    system: readonly string[],
    readonly problems: ProblemList,
    owner = "Tablecast's own",
  ) {
    this.#taken = new Map(system.map((name) => [name, owner]));
  }

  take(name: string, origin: string, node: Located | null): void {
    const other = this.#taken.get(name);
    const pair = `${origin} and ${other}`;
    if (other !== undefined && node && !this.#told.has(pair)) {
      this.#told.add(pair);
      const remedy = this.what === 'root field' ? 'set @table(plural:)' : 'rename the field';
      const same = other === origin ? ` twice: ${remedy}` : ` and ${other}: rename one`;
      this.problems.add(node, `the ${this.what} "${name}" comes from ${origin}${same}`);
    }
    this.#taken.set(name, origin);
  }
}

/** Names that the database keeps: it cuts what is too long, without a word. */
class DatabaseNames extends Names {
  override take(name: string, origin: string, node: Located | null): void {
    super.take(name, origin, node);
    if (!node) return;
    const bytes = Buffer.byteLength(name);
    if (name === '' || name.includes('\u0000'))
      this.problems.add(node, `the ${this.what} of ${origin} cannot be named ${JSON.stringify(name)}`);
    if (bytes > SQL_NAME_LIMIT) {
      const remedy = `choose a shorter name${this.what === 'database table' ? ', or give it one with @table(name:)' : ''}`;
      this.problems.add(
        node,
        `the ${this.what} "${name}" of ${origin} has ${bytes} bytes, and ${SQL_NAME_LIMIT} is the most: ${remedy}`,
      );
    }
  }
}
