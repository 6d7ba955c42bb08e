// Random mutations of the differential test: each as GraphQL, and as what it does to the naive tables. Ids and values are few,
// so that they meet.

import type { Dice } from './differential-world.ts';
import type { Caller, Changes, NaiveWrites, NewRow, Row, TableName } from './naive-writes.ts';

export interface Write {
  /** The field, without an alias. */
  readonly text: string;
  /** What the field should answer, of `answerOf`. */
  readonly naive: (state: NaiveWrites, by: Caller) => unknown;
  /** The part of the field's value that is compared. */
  readonly answerOf: (value: unknown) => unknown;
}

const TABLES: readonly TableName[] = ['Team', 'Member', 'Badge', 'Label'];
const PREFIX: Readonly<Record<TableName, string>> = { Team: 't', Member: 'm', Badge: 'b', Label: 'l' };
const PLURAL: Readonly<Record<TableName, string>> = {
  Team: 'Teams',
  Member: 'Members',
  Badge: 'Badges',
  Label: 'Labels',
};

const literal = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, member]) => `${name}: ${literal(member)}`);
  return `{ ${members.join(', ')} }`;
};

const idOf = (value: unknown) => (value as { id?: unknown } | null)?.id;
const countOf = (value: unknown) => (value as { count?: unknown } | null)?.count;

export class RandomWrites {
  constructor(private readonly dice: Dice) {}

  next(): Write {
    const table = this.dice.pick(TABLES);
    const kinds =
      table === 'Label' ? [0, 1, 5, 6] : table === 'Badge' ? [0, 1, 2, 3, 4, 5, 6] : [0, 0, 1, 2, 3, 4, 5, 6, 7];
    switch (this.dice.pick(kinds)) {
      case 0:
        return this.#insert(table);
      case 1:
        return this.#insertMany(table);
      case 2:
        return this.#update(table);
      case 3:
        return this.#updateMany(table);
      case 4:
        return this.#upsert(table);
      case 5:
        return this.#delete(table);
      case 6:
        return this.#deleteMany(table);
      default:
        return this.#undelete(table);
    }
  }

  #insert(table: TableName): Write {
    const row = this.#row(table, 2);
    return {
      text: `insert${table}(data: ${written(row)}) { id }`,
      naive: (state, by) => state.insertAll(by, table, [row])[0],
      answerOf: idOf,
    };
  }

  #insertMany(table: TableName): Write {
    const rows = Array.from({ length: this.dice.below(4) }, () => this.#row(table, 1));
    return {
      text: `insert${PLURAL[table]}(data: [${rows.map(written).join(', ')}]) { count }`,
      naive: (state, by) => state.insertAll(by, table, rows).length,
      answerOf: countOf,
    };
  }

  #update(table: TableName): Write {
    const [key, changes] = [this.#key(table), this.#changes(table)];
    return {
      text: `update${table}(by: ${byKey(key)}, ${changing(changes)}) { id }`,
      naive: (state, by) => state.update(by, table, key, changes),
      answerOf: idOf,
    };
  }

  #updateMany(table: TableName): Write {
    const [where, changes, limit] = [this.#where(table), this.#changes(table), this.#limit()];
    return {
      text: `update${PLURAL[table]}(where: ${where.text}, ${changing(changes)}${limited(limit)}) { count }`,
      naive: (state, by) => state.updateMany(by, table, where.judge, changes, limit),
      answerOf: countOf,
    };
  }

  #upsert(table: TableName): Write {
    const [key, row] = [this.#key(table), this.#row(table, 0)];
    const update = this.dice.chance(0.5) ? this.#changes(table, true) : null;
    const { [key[0]]: _, ...rest } = row.values;
    const insert: NewRow = {
      ...row,
      values:
        key[0] === 'name'
          ? { ...row.values, name: this.dice.chance(0.8) ? key[1] : 'F' }
          : this.dice.chance(0.8)
            ? rest
            : row.values,
    };
    if (key[0] === 'id') delete (insert.values as Record<string, unknown>)['id'];
    const given = update ? `, update: ${literal(update.set)}` : '';
    return {
      text: `upsert${table}(by: ${byKey(key)}, insert: ${written(insert)}${given}) { inserted }`,
      naive: (state, by) => state.upsert(by, table, key, insert, update),
      answerOf: (value) => (value as { inserted?: unknown } | null)?.inserted,
    };
  }

  #delete(table: TableName): Write {
    const key = this.#key(table);
    return {
      text: `delete${table}(by: ${byKey(key)}) { id }`,
      naive: (state, by) => state.delete(by, table, key),
      answerOf: idOf,
    };
  }

  #deleteMany(table: TableName): Write {
    const [where, limit] = [this.#where(table), this.#limit()];
    return {
      text: `delete${PLURAL[table]}(where: ${where.text}${limited(limit)}) { count }`,
      naive: (state, by) => state.deleteMany(by, table, where.judge, limit),
      answerOf: countOf,
    };
  }

  #undelete(table: TableName): Write {
    const id = this.#id(table);
    return {
      text: `undelete${table}(by: { id: "${id}" }) { id }`,
      naive: (state, by) => state.undelete(by, table, id),
      answerOf: idOf,
    };
  }

  /** A new row; `levels` of rows may be inside it. */
  #row(table: TableName, levels: number): NewRow {
    const { dice } = this;
    const values: Record<string, unknown> = { id: this.#id(table), ...this.#values(table) };
    const nested: Record<string, { connect: string[]; insert: NewRow[] }> = {};
    const oneOf = (target: TableName) =>
      dice.chance(0.5)
        ? { connect: [this.#id(target)], insert: [] }
        : { connect: [], insert: [this.#row(target, levels - 1)] };
    const several = (target: TableName) => ({
      connect: dice.chance(0.4) ? [this.#id(target)] : [],
      insert: Array.from({ length: dice.below(3) }, () => this.#row(target, levels - 1)),
    });
    if (levels > 0 && dice.chance(0.6)) {
      if (table === 'Team') {
        if (dice.chance(0.6)) nested['members'] = several('Member');
        if (dice.chance(0.4)) nested['labels'] = several('Label');
        if (dice.chance(0.3)) nested['badge'] = { connect: [], insert: [this.#row('Badge', 0)] };
      } else if (table === 'Member') nested[dice.pick(['team', 'boss'])] = oneOf(dice.chance(1) ? 'Team' : 'Member');
      else if (table === 'Badge') nested['team'] = oneOf('Team');
    }
    if (nested['boss']) nested['boss'] = oneOf('Member');
    for (const relation of ['team', 'boss']) if (nested[relation] && dice.chance(0.95)) delete values[`${relation}Id`];
    if (nested['badge'] || table === 'Team') delete values['teamId'];
    return { values, nested };
  }

  #values(table: TableName): Record<string, unknown> {
    const { dice } = this;
    const some = (values: Record<string, unknown>) =>
      Object.fromEntries(Object.entries(values).filter(() => dice.chance(0.6)));
    switch (table) {
      case 'Team':
        return { name: dice.pick(['A', 'B', 'C', 'D', 'E', 'F']), ...some({ size: dice.pick([1, 5, 6]) }) };
      case 'Member': {
        const optional = {
          code: dice.pick([null, 'x', 'y', 'z']),
          score: dice.pick([0, 10, 60, 100]),
          teamId: dice.pick([null, this.#id('Team')]),
          bossId: dice.pick([null, this.#id('Member')]),
        };
        return { notes: dice.pick([[], ['n'], ['n', 'o']]), ...some(optional) };
      }
      case 'Badge':
        return { text: dice.pick(['gold', 'tin']), ...some({ teamId: this.#id('Team') }) };
      case 'Label':
        return { text: dice.pick(['red', 'blue', 'green', 'grey', 'pink']) };
    }
  }

  #changes(table: TableName, setOnly = false): Changes {
    const { dice } = this;
    const { id: _, ...set } = this.#values(table);
    if (setOnly || table === 'Badge') return { set, increment: {}, append: {} };
    const numbers = table === 'Team' ? 'size' : 'score';
    const increment: Record<string, number> = dice.chance(0.4) ? { [numbers]: dice.pick([1, 45, -3]) } : {};
    const append: Record<string, string[]> = table === 'Member' && dice.chance(0.4) ? { notes: ['more'] } : {};
    for (const column of [...Object.keys(increment), ...Object.keys(append)]) delete set[column];
    return { set, increment, append };
  }

  #key(table: TableName): readonly [column: string, value: string] {
    if (table === 'Team' && this.dice.chance(0.3)) return ['name', this.dice.pick(['A', 'B', 'C', 'D', 'E', 'F'])];
    if (table === 'Member' && this.dice.chance(0.3)) return ['code', this.dice.pick(['x', 'y', 'z'])];
    return ['id', this.#id(table)];
  }

  #where(table: TableName): { readonly text: string; readonly judge: (row: Row) => boolean } {
    const { dice } = this;
    const ids = dice.some(
      Array.from({ length: 6 }, (_, at) => `${PREFIX[table]}${at}`),
      4,
    );
    if (table === 'Member' && dice.chance(0.5)) {
      const least = dice.pick([0, 10, 60]);
      return { text: `{ score: { gte: ${least} } }`, judge: (row) => Number(row['score']) >= least };
    }
    return { text: `{ id: { in: ${literal(ids)} } }`, judge: (row) => ids.includes(row.id) };
  }

  #limit(): number | undefined {
    return this.dice.chance(0.4) ? this.dice.below(3) : undefined;
  }

  #id(table: TableName): string {
    return `${PREFIX[table]}${this.dice.below(table === 'Member' ? 12 : 7)}`;
  }
}

function written({ values, nested }: NewRow): string {
  const single = ['team', 'boss', 'badge'];
  const refs = Object.entries(nested).map(([name, { connect, insert }]) => {
    const keys = connect.map((id) => `{ id: "${id}" }`);
    const rows = insert.map(written);
    if (single.includes(name)) return `${name}: { ${keys[0] ? `connect: ${keys[0]}` : `insert: ${rows[0]}`} }`;
    return `${name}: { connect: [${keys.join(', ')}], insert: [${rows.join(', ')}] }`;
  });
  return `{ ${[...Object.entries(values).map(([name, value]) => `${name}: ${literal(value)}`), ...refs].join(', ')} }`;
}

const byKey = ([column, value]: readonly [string, string]) => `{ ${column}: "${value}" }`;

const limited = (limit: number | undefined) => (limit === undefined ? '' : `, limit: ${limit}`);

function changing({ set, increment, append }: Changes): string {
  return Object.entries({ set, increment, append })
    .filter(([, values]) => Object.keys(values).length > 0)
    .map(([name, values]) => `${name}: ${literal(values)}`)
    .join(', ');
}
