// Writes as loops over rows: what every mutation of the differential test should do, written from the manual and without a
// look at the engine. A write either changes the state and answers, or throws and leaves it alone.

export interface Caller {
  readonly admin: boolean;
  readonly user: string | null;
}

export type TableName = 'Team' | 'Member' | 'Badge' | 'Label';

export interface Row {
  readonly id: string;
  deleted: boolean;
  [column: string]: unknown;
}

/** A new row: values of columns, and what it nests. */
export interface NewRow {
  readonly values: Readonly<Record<string, unknown>>;
  readonly nested: Readonly<
    Record<string, { readonly connect: readonly string[]; readonly insert: readonly NewRow[] }>
  >;
}

export interface Changes {
  readonly set: Readonly<Record<string, unknown>>;
  readonly increment: Readonly<Record<string, number>>;
  readonly append: Readonly<Record<string, readonly string[]>>;
}

/** The tables of the test, as the engine gets them. */
export const SDL = `
type Team @table(softDelete: true)
  @permission(on: [READ, UPDATE, DELETE, UNDELETE], level: USER, rows: { ownerId: { eq: "$user.id" } })
  @permission(on: [INSERT], level: USER, check: { size: { lte: 5 } }) {
  ownerId: ID! @preset(value: "$user.id")
  name: String! @unique
  size: Int! @default(value: "1")
  members: [Member!]! @has(field: "team")
  badge: Badge @has(field: "team")
  labels: [Label!]! @manyToMany
}
type Member @table(softDelete: true)
  @permission(on: [READ], level: USER, rows: { score: { lt: 50 } })
  @permission(on: [INSERT], level: USER, check: { OR: [{ teamId: { isNull: true } }, { team: { ownerId: { eq: "$user.id" } } }] })
  @permission(on: [UPDATE, DELETE, UNDELETE], level: USER, rows: { OR: [{ teamId: { isNull: true } }, { team: { ownerId: { eq: "$user.id" } } }] }) {
  code: String @unique
  score: Int! @default(value: "0") @range(max: 100)
  notes: [String!]!
  team: Team @belongsTo(onDelete: CASCADE)
  boss: Member @belongsTo(onDelete: SET_NULL)
}
type Badge @table @permission(on: [READ, INSERT, UPDATE, DELETE], level: USER) {
  text: String!
  team: Team! @belongsTo(onDelete: RESTRICT) @unique
}
type Label @table @permission(on: [READ, INSERT, DELETE], level: USER) {
  text: String! @unique
}
`;

const SOFT: Readonly<Record<TableName, boolean>> = { Team: true, Member: true, Badge: false, Label: false };
const UNIQUE: Readonly<Record<TableName, readonly string[]>> = {
  Team: ['name'],
  Member: ['code'],
  Badge: ['teamId'],
  Label: ['text'],
};
const DEFAULTS: Readonly<Record<TableName, Readonly<Record<string, unknown>>>> = {
  Team: { size: 1 },
  Member: { code: null, score: 0, teamId: null, bossId: null },
  Badge: {},
  Label: {},
};
/** To-one relations: their column and target. */
const POINTS: Readonly<
  Partial<Record<TableName, Readonly<Record<string, readonly [column: string, target: TableName]>>>>
> = {
  Member: { team: ['teamId', 'Team'], boss: ['bossId', 'Member'] },
  Badge: { team: ['teamId', 'Team'] },
};

export class Refused extends Error {}

const refuse = (why: string): never => {
  throw new Refused(why);
};

export class NaiveWrites {
  tables: Record<TableName, Map<string, Row>> = {
    Team: new Map(),
    Member: new Map(),
    Badge: new Map(),
    Label: new Map(),
  };
  /** Team and label. */
  links = new Set<string>();

  /** Runs it on a copy that takes the place of the state when nothing is refused. */
  attempt<T>(work: (state: NaiveWrites) => T): T {
    const copy = new NaiveWrites();
    copy.tables = structuredClone(this.tables);
    copy.links = new Set(this.links);
    const answer = work(copy);
    this.tables = copy.tables;
    this.links = copy.links;
    return answer;
  }

  /** All rows of one mutation. What is connected has to be there before any of it is written. */
  insertAll(by: Caller, table: TableName, rows: readonly NewRow[]): readonly string[] {
    for (const row of rows) this.#findConnected(by, table, row);
    return rows.map((row) => this.insert(by, table, row));
  }

  #findConnected(by: Caller, table: TableName, { nested }: NewRow): void {
    for (const [relation, { connect, insert }] of Object.entries(nested)) {
      const many: Record<string, TableName> = { members: 'Member', labels: 'Label', badge: 'Badge' };
      const target = POINTS[table]?.[relation]?.[1] ?? many[relation];
      if (!target) throw new Error(`no relation ${relation}`);
      for (const key of connect) this.#seen(by, target, key);
      for (const row of insert) this.#findConnected(by, target, row);
    }
  }

  insert(by: Caller, table: TableName, given: NewRow, filled: Readonly<Record<string, string>> = {}): string {
    const values: Record<string, unknown> = { ...DEFAULTS[table], ...given.values, ...filled };
    // A nested row belongs to the one around it, and may not say so itself.
    for (const column of Object.keys(filled)) if (column in given.values) refuse('given twice');
    if (table === 'Team') values['ownerId'] = by.user;
    for (const [relation, [column, target]] of Object.entries(POINTS[table] ?? {})) {
      const nested = given.nested[relation];
      if (nested && (column in given.values || column in filled)) refuse('given twice');
      if (nested?.insert[0]) values[column] = this.insert(by, target, nested.insert[0]);
      const key = nested?.connect[0] ?? given.values[column];
      if (typeof key === 'string' && !this.#sees(by, target, key)) refuse('a hidden row');
      if (nested?.connect[0]) values[column] = key;
    }
    const row: Row = { deleted: false, ...values, id: String(values['id']) };
    if (this.tables[table].has(row.id)) refuse('the id is used');
    this.#check(table, row);
    if (!this.#mayBe(by, table, row, 'INSERT')) refuse('the rule');
    this.tables[table].set(row.id, row);
    this.#nest(by, table, row.id, given);
    return row.id;
  }

  #nest(by: Caller, table: TableName, id: string, { nested }: NewRow): void {
    if (table !== 'Team') return;
    for (const member of nested['members']?.insert ?? []) this.insert(by, 'Member', member, { teamId: id });
    for (const badge of nested['badge']?.insert ?? []) this.insert(by, 'Badge', badge, { teamId: id });
    for (const key of nested['members']?.connect ?? []) {
      const member = this.#seen(by, 'Member', key);
      if (!this.#mayBe(by, 'Member', member, 'UPDATE')) refuse('not to be updated');
      member['teamId'] = id;
      if (!this.#mayBe(by, 'Member', member, 'UPDATE')) refuse('given away');
    }
    for (const key of nested['labels']?.connect ?? []) this.links.add(`${id} ${this.#seen(by, 'Label', key).id}`);
    for (const label of nested['labels']?.insert ?? []) this.links.add(`${id} ${this.insert(by, 'Label', label)}`);
  }

  update(by: Caller, table: TableName, key: readonly [column: string, value: string], changes: Changes): string {
    const row = this.#target(by, table, key, 'UPDATE') ?? refuse('no such row');
    this.#change(by, table, [row], changes);
    return row.id;
  }

  updateMany(by: Caller, table: TableName, where: (row: Row) => boolean, changes: Changes, limit?: number): number {
    const rows = this.#among(by, table, where, 'UPDATE', limit);
    this.#change(by, table, rows, changes);
    return rows.length;
  }

  /** Null changes: those of the insert that may be updated. */
  upsert(
    by: Caller,
    table: TableName,
    key: readonly [column: string, value: string],
    insert: NewRow,
    changes: Changes | null,
  ): boolean {
    const [column, value] = key;
    if (column in insert.values && insert.values[column] !== value) refuse('another key');
    const { id: _, [column]: __, ...rest } = insert.values;
    // What is to be inserted has to be a whole row, whether or not it comes to that.
    if (table === 'Badge' && (insert.values['teamId'] ?? null) === null) refuse('required');
    const row = this.#target(by, table, key, 'UPDATE');
    if (!row) {
      this.insert(by, table, { ...insert, values: { ...insert.values, [column]: value } });
      return true;
    }
    this.#change(by, table, [row], changes ?? { set: rest, increment: {}, append: {} });
    return false;
  }

  delete(by: Caller, table: TableName, key: readonly [column: string, value: string]): string {
    const row = this.#target(by, table, key, 'DELETE') ?? refuse('no such row');
    this.#remove(table, [row]);
    return row.id;
  }

  deleteMany(by: Caller, table: TableName, where: (row: Row) => boolean, limit?: number): number {
    const rows = this.#among(by, table, where, 'DELETE', limit);
    this.#remove(table, rows);
    return rows.length;
  }

  undelete(by: Caller, table: TableName, id: string): string {
    const row = this.tables[table].get(id);
    if (!row || !this.#mayBe(by, table, row, 'UNDELETE')) return refuse('no such row');
    row.deleted = false;
    this.#unique(table, row);
    return id;
  }

  #change(by: Caller, table: TableName, rows: readonly Row[], { set, increment, append }: Changes): void {
    for (const [column, target] of Object.values(POINTS[table] ?? {})) {
      const key = set[column];
      if (rows.length > 0 && typeof key === 'string' && !this.#sees(by, target, key)) refuse('a hidden row');
    }
    for (const row of rows) {
      Object.assign(row, set);
      for (const [column, by_] of Object.entries(increment)) row[column] = Number(row[column] ?? 0) + by_;
      for (const [column, items] of Object.entries(append))
        row[column] = [...((row[column] as string[]) ?? []), ...items];
    }
    // A rule is asked when all rows are as they will be; of rows of other tables, and of these as they were.
    for (const row of rows) {
      this.#check(table, row);
      if (!this.#mayBe(by, table, row, 'UPDATE')) refuse('given away');
    }
  }

  #remove(table: TableName, rows: readonly Row[]): void {
    const ids = rows.map(({ id }) => id);
    for (const row of rows) {
      if (SOFT[table]) row.deleted = true;
      else this.tables[table].delete(row.id);
    }
    if (rows.length === 0) return;
    const living = (name: TableName) => [...this.tables[name].values()].filter(({ deleted }) => !deleted);
    if (table === 'Team') {
      if (living('Badge').some((badge) => ids.includes(String(badge['teamId'])))) refuse('still used');
      this.#remove(
        'Member',
        living('Member').filter((member) => ids.includes(String(member['teamId']))),
      );
    }
    if (table === 'Member') {
      for (const member of living('Member')) if (ids.includes(String(member['bossId']))) member['bossId'] = null;
    }
    if (table === 'Label')
      for (const link of this.links) if (ids.includes(link.split(' ')[1] ?? '')) this.links.delete(link);
  }

  #target(by: Caller, table: TableName, [column, value]: readonly [string, string], operation: string): Row | null {
    const row = [...this.tables[table].values()].find((one) => one[column] === value && !one.deleted);
    return row && this.#mayBe(by, table, row, operation) ? row : null;
  }

  /** Rows of a filter are rows that the caller may read, and may do this to. */
  #among(
    by: Caller,
    table: TableName,
    where: (row: Row) => boolean,
    operation: string,
    limit = Number.POSITIVE_INFINITY,
  ): Row[] {
    return [...this.tables[table].values()]
      .filter((row) => this.#sees(by, table, row.id) && this.#mayBe(by, table, row, operation) && where(row))
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .slice(0, limit);
  }

  #seen(by: Caller, table: TableName, id: string): Row {
    return this.#sees(by, table, id) ? (this.tables[table].get(id) as Row) : refuse('a hidden row');
  }

  #sees(by: Caller, table: TableName, id: string): boolean {
    const row = this.tables[table].get(id);
    return row !== undefined && !row.deleted && this.#mayBe(by, table, row, 'READ');
  }

  /** The rules of SDL, as a person reads them. */
  #mayBe(by: Caller, table: TableName, row: Row, operation: string): boolean {
    if (by.admin) return true;
    if (table === 'Team') return operation === 'INSERT' ? Number(row['size']) <= 5 : row['ownerId'] === by.user;
    if (table !== 'Member') return true;
    if (operation === 'READ') return Number(row['score']) < 50;
    const team = row['teamId'] === null ? null : this.tables.Team.get(String(row['teamId']));
    return row['teamId'] === null || (team !== undefined && !team?.deleted && team?.['ownerId'] === by.user);
  }

  #check(table: TableName, row: Row): void {
    const needed = {
      Team: ['ownerId', 'name', 'size'],
      Member: ['score', 'notes'],
      Badge: ['text', 'teamId'],
      Label: ['text'],
    };
    if (needed[table].some((column) => row[column] === null || row[column] === undefined)) refuse('required');
    if (table === 'Member' && Number(row['score']) > 100) refuse('the range');
    this.#unique(table, row);
  }

  #unique(table: TableName, row: Row): void {
    for (const column of UNIQUE[table]) {
      const taken = [...this.tables[table].values()].some(
        (other) =>
          other !== row &&
          other.id !== row.id &&
          !other.deleted &&
          row[column] !== null &&
          other[column] === row[column],
      );
      if (taken) refuse(`${column} is taken`);
    }
  }
}
