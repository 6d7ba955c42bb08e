// Names that are generated from an app's tables must not meet each other, nor names of the system; a clash names both
// origins. Names the database cannot keep are refused here too.

import type { EnumModel } from './model.ts';
import { keyFieldName, rootFieldNames, SQL_NAME_LIMIT, typeNames } from './names.ts';
import type { Located, ProblemList } from './problems.ts';
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
];
const SYSTEM_FIELDS = ['viewer', 'node'];

/** Columns of the system that come and go with a table's options, so that no field may take their names. */
const RESERVED_FIELDS = ['nodeId', 'deleted', 'AND', 'OR', 'NOT'];

/** Adds a problem for every clash and for every name that is too long, reserved, or an id in another spelling. */
export function checkNames(
  drafts: ReadonlyMap<string, TableDraft>,
  enums: ReadonlyMap<string, EnumModel>,
  problems: ProblemList,
): void {
  const types = new Names('type', SYSTEM_TYPES, problems);
  const fields = new Names('root field', SYSTEM_FIELDS, problems);
  const tables = new Names('database table', [], problems);
  for (const name of enums.keys()) types.take(name, `enum ${name}`, null);
  for (const draft of drafts.values()) {
    const { name, node } = draft;
    for (const type of Object.values(typeNames(draft))) types.take(type, `table ${name}`, node.name);
    for (const field of Object.values(rootFieldNames(draft))) fields.take(field, `table ${name}`, node.name);
    tables.take(draft.sqlName, `table ${name}`, node.name);
    checkFields(draft, problems);
  }
}

function checkFields(draft: TableDraft, problems: ProblemList): void {
  const columns = new Names('database column', [], problems);
  for (const column of draft.columns.values()) {
    const node = draft.fields.find((field) => field.name.value === (column.relation ?? column.name));
    columns.take(column.sqlName, `${draft.name}.${column.name}`, node?.name ?? draft.node.name);
  }
  const keys = new Names('key', [], problems);
  for (const column of draft.columns.keys())
    keys.take(keyFieldName([column]), `${draft.name}.${column}`, draft.node.name);
  for (const { name } of draft.fields) {
    if (name.value.startsWith('__')) problems.add(name, 'names that begin with __ belong to GraphQL');
    if (RESERVED_FIELDS.includes(name.value) && !draft.columns.get(name.value)?.system) {
      problems.add(name, `${name.value} is a name of the system: choose another`);
    }
    if (name.value.toLowerCase() === 'id' && name.value !== 'id')
      problems.add(name, 'that is too close to id: choose another name');
  }
}

/** One name space: who took which name. */
class Names {
  readonly #taken: Map<string, string>;

  constructor(
    readonly what: string,
    system: readonly string[],
    readonly problems: ProblemList,
  ) {
    this.#taken = new Map(system.map((name) => [name, "Tablecast's own"]));
  }

  take(name: string, origin: string, node: Located | null): void {
    const other = this.#taken.get(name);
    if (other !== undefined && node) {
      const same = other === origin ? ` twice: set @table(plural:)` : ` and ${other}: rename one`;
      this.problems.add(node, `the ${this.what} "${name}" comes from ${origin}${same}`);
    }
    if (node && this.what.startsWith('database') && Buffer.byteLength(name) > SQL_NAME_LIMIT) {
      this.problems.add(node, `the ${this.what} "${name}" is over ${SQL_NAME_LIMIT} bytes: choose a shorter name`);
    }
    this.#taken.set(name, origin);
  }
}
