// Questions of the differential test: root fields with everything that may stand under them, as GraphQL, each with what
// loops over the rows answer.

import { judge, makeWhere, type Seen, toInput } from './differential-filters.ts';
import {
  type Column,
  type Dice,
  EnumValue,
  type Relation,
  type Row,
  type Table,
  written,
} from './differential-world.ts';
import { aggregate, compareValues, keysOf, type NaiveColumn } from './naive-aggregates.ts';

/** Who asks: the master key, or a user, or nobody. */
export interface Asker {
  readonly admin: boolean;
  readonly user: string | null;
}

export interface Question {
  /** A root field, without its alias. */
  readonly text: string;
  readonly answer: unknown;
}

/** Text under a field, and what it comes to for a row. */
interface Asked<Of> {
  readonly text: string;
  readonly of: (value: Of) => unknown;
}

type Deleted = 'EXCLUDE' | 'INCLUDE' | 'ONLY';
const ORDERED = ['Int', 'BigInt', 'Float', 'Decimal', 'Boolean', 'UUID', 'DateTime', 'Date', 'Time', 'ID', 'Mood'];
const GROUPED = [...ORDERED, 'String'];
const DIRECTIONS = ['ASC', 'DESC', 'ASC_NULLS_FIRST', 'ASC_NULLS_LAST', 'DESC_NULLS_FIRST', 'DESC_NULLS_LAST'];
const PARTS = ['group', 'sum', 'avg', 'min', 'max'] as const;
const DEPTH = 3;

/** Makes the questions of one request; its variables gather the values that are not written out. */
export class Questioner {
  readonly variables: { readonly name: string; readonly type: string; readonly value: unknown }[] = [];
  #keys = 0;

  constructor(
    private readonly dice: Dice,
    private readonly asker: Asker,
  ) {}

  question(table: Table): Question {
    const { dice } = this;
    const kind = dice.pick(['one', 'list', 'list', 'connection', 'aggregate', 'aggregate']);
    if (kind === 'one') {
      const { id } = dice.pick(table.rows);
      const asked = this.#selection(table, DEPTH);
      const row = this.#seen(table, 'EXCLUDE').find((candidate) => candidate.id === id);
      return {
        text: `${table.one}(by: { id: ${this.#value('ID!', id)} }) ${asked.text}`,
        answer: row ? asked.of(row) : null,
      };
    }
    const asked = this.#many(table, kind, table.many, DEPTH);
    return { text: asked.text, answer: asked.of(table.rows) };
  }

  /** A field over many rows, for those that belong together before anybody looks. */
  #many(table: Table, kind: string, name: string, depth: number): Asked<readonly Row[]> {
    if (kind === 'connection') return this.#connection(table, name, depth);
    return kind === 'aggregate' ? this.#aggregate(table, name) : this.#list(table, name, depth);
  }

  #list(table: Table, name: string, depth: number): Asked<readonly Row[]> {
    const { dice } = this;
    const [rows, order, asked] = [this.#rows(table), this.#order(table), this.#selection(table, depth)];
    const first = dice.chance(0.4) ? dice.below(5) : null;
    const skip = dice.chance(0.3) ? dice.below(4) : null;
    const page = [
      ...(first === null ? [] : [`first: ${this.#value('Int', first)}`]),
      ...(skip === null ? [] : [`skip: ${this.#value('Int', skip)}`]),
    ];
    return {
      text: `${name}${inBrackets([...rows.args, ...order.args, ...page])} ${asked.text}`,
      of: (all) => {
        const sorted = [...rows.of(all)].sort(order.compare);
        return sorted.slice(skip ?? 0, (skip ?? 0) + (first ?? 50)).map(asked.of);
      },
    };
  }

  #connection(table: Table, name: string, depth: number): Asked<readonly Row[]> {
    const { dice } = this;
    const [rows, order, asked] = [this.#rows(table), this.#order(table), this.#selection(table, depth)];
    const size = dice.chance(0.7) ? dice.below(5) : null;
    const backwards = size !== null && dice.chance(0.4);
    const page = size === null ? [] : [`${backwards ? 'last' : 'first'}: ${this.#value('Int', size)}`];
    const parts = dice.some(['nodes', 'edges', 'totalCount', 'pageInfo'], 4);
    const texts: Record<string, string> = {
      nodes: `nodes ${asked.text}`,
      edges: `edges { node ${asked.text} }`,
      totalCount: 'totalCount',
      pageInfo: 'pageInfo { hasNextPage hasPreviousPage }',
    };
    return {
      text: `${name}Connection${inBrackets([...rows.args, ...order.args, ...page])} { ${parts.map((part) => texts[part]).join(' ')} }`,
      of: (all) => {
        const sorted = [...rows.of(all)].sort(order.compare);
        const shown = backwards ? sorted.slice(Math.max(0, sorted.length - size)) : sorted.slice(0, size ?? 50);
        const cut = shown.length < sorted.length;
        const answers: Record<string, () => unknown> = {
          nodes: () => shown.map(asked.of),
          edges: () => shown.map((row) => ({ node: asked.of(row) })),
          totalCount: () => sorted.length,
          pageInfo: () => ({ hasNextPage: cut && !backwards, hasPreviousPage: cut && backwards }),
        };
        return Object.fromEntries(parts.map((part) => [part, answers[part]?.()]));
      },
    };
  }

  #aggregate(table: Table, name: string): Asked<readonly Row[]> {
    const { dice } = this;
    const rows = this.#rows(table);
    const columns: NaiveColumn[] = table.columns.filter(({ list, type }) => !list && GROUPED.includes(type));
    const groupBy = dice.chance(0.7)
      ? dice.some(
          keysOf(columns).map((key) => key.name),
          3,
        )
      : [];
    const value = dice.below(4);
    const having = dice.chance(0.3)
      ? ({ measure: ['count'], type: 'Int', operator: dice.pick(['eq', 'gt', 'lte']), value } as const)
      : null;
    const args = [
      ...rows.args,
      ...(groupBy.length > 0 ? [`groupBy: ${this.#value(`[${table.name}GroupBy!]`, groupBy.map(toConstant))}`] : []),
      ...(having ? [`having: { count: { ${having.operator}: ${this.#value('Int', value)} } }`] : []),
    ];
    const known = aggregate(columns, [], { groupBy: [], having: null })[0];
    const parts = dice
      .some(PARTS, 4)
      .map((part) => ({ part, members: Object.keys(known?.[part] ?? {}) }))
      .filter(({ members }) => members.length > 0)
      .map(({ part, members }) => ({ part, members: dice.some(members, 4) }));
    const texts = parts.map(({ part, members }) => `${part} { ${members.join(' ')} }`);
    return {
      text: `${name}Aggregate${inBrackets(args)} { count ${texts.join(' ')} }`,
      of: (all) =>
        aggregate(columns, rows.of(all), { groupBy, having }).map((group) => {
          const chosen = parts.map(({ part, members }) => [part, pick(group[part], members)] as const);
          return { count: group.count, ...Object.fromEntries(chosen) };
        }),
    };
  }

  #selection(table: Table, depth: number): Asked<Row> {
    const { dice } = this;
    const members = dice
      .some<Column | Relation | null>([...table.columns, ...(depth > 0 ? table.relations : []), null], 5)
      .map((member) =>
        member === null
          ? this.#plain('__typename', () => table.name)
          : 'target' in member
            ? this.#relation(member, depth - 1)
            : this.#plain(member.name, (row) => row[member.name] ?? null),
      );
    const keyed = members.map((member) => ({ ...member, key: `x${++this.#keys}` }));
    const fields = keyed.map(({ key, text }) => `${key}: ${text}`).join(' ');
    const text = dice.chance(0.2) ? `{ ... on ${table.name} @include(if: true) { ${fields} } }` : `{ ${fields} }`;
    return { text, of: (row) => Object.fromEntries(keyed.map(({ key, of }) => [key, of(row)])) };
  }

  #plain(text: string, of: (row: Row) => unknown): Asked<Row> {
    return { text, of };
  }

  #relation({ name, target, many, rowsOf }: Relation, depth: number): Asked<Row> {
    if (many) {
      const kind = this.dice.pick(['list', 'list', 'connection', 'aggregate']);
      const asked = this.#many(target, kind, name, depth);
      return { text: asked.text, of: (row) => asked.of(rowsOf(row)) };
    }
    const asked = this.#selection(target, depth);
    return {
      text: `${name} ${asked.text}`,
      of: (row) => {
        const found = this.#among(target, rowsOf(row), 'EXCLUDE')[0];
        return found ? asked.of(found) : null;
      },
    };
  }

  /** `where` and `deleted`. */
  #rows(table: Table): { readonly args: string[]; readonly of: (rows: readonly Row[]) => readonly Row[] } {
    const { dice } = this;
    const where = dice.chance(0.5) ? makeWhere(dice, table, 2) : null;
    const deleted: Deleted = table.softDelete && dice.chance(0.3) ? dice.pick(['INCLUDE', 'ONLY'] as const) : 'EXCLUDE';
    const args = [
      ...(where ? [`where: ${this.#value(`${table.name}Where`, toInput(where))}`] : []),
      ...(deleted === 'EXCLUDE' ? [] : [`deleted: ${this.#value('DeletedRows', new EnumValue(deleted))}`]),
    ];
    const seen: Seen = (relation, row) => this.#among(relation.target, relation.rowsOf(row), 'EXCLUDE');
    return {
      args,
      of: (rows) =>
        this.#among(table, rows, deleted).filter((row) => !where || judge(where, row, seen, this.asker.user) === true),
    };
  }

  #order(table: Table): { readonly args: string[]; readonly compare: (a: Row, b: Row) => number } {
    const { dice } = this;
    const keys = dice.chance(0.6) ? Array.from({ length: 1 + dice.below(3) }, () => this.#orderKey(table, 2)) : [];
    const byId = (a: Row, b: Row) => Buffer.compare(Buffer.from(a.id), Buffer.from(b.id));
    return {
      args:
        keys.length > 0
          ? [
              `orderBy: ${this.#value(
                `[${table.name}OrderBy!]`,
                keys.map(({ input }) => input),
              )}`,
            ]
          : [],
      compare: (a, b) => keys.map(({ compare }) => compare(a, b)).find((order) => order !== 0) ?? byId(a, b),
    };
  }

  #orderKey(
    table: Table,
    depth: number,
  ): { readonly input: object; readonly compare: (a: Row | null, b: Row | null) => number } {
    const { dice } = this;
    const columns = [...table.columns.filter(({ list, type }) => !list && ORDERED.includes(type)), ID];
    const relations = depth > 0 ? table.relations : [];
    const by = dice.pick<Column | Relation>([...columns, ...relations]);
    if ('target' in by && !by.many) {
      const inner = this.#orderKey(by.target, depth - 1);
      const follow = (row: Row | null) => (row && this.#among(by.target, by.rowsOf(row), 'EXCLUDE')[0]) ?? null;
      return { input: { [by.name]: inner.input }, compare: (a, b) => inner.compare(follow(a), follow(b)) };
    }
    const direction = dice.pick(DIRECTIONS);
    const nullsFirst = direction.endsWith('NULLS_FIRST') || direction === 'DESC';
    const column = 'target' in by ? { name: 'count', type: 'Int', list: false } : by;
    const sortedBy = (row: Row | null): unknown => {
      if (!row || !('target' in by)) return row?.[column.name] ?? null;
      return this.#among(by.target, by.rowsOf(row), 'EXCLUDE').length;
    };
    const word = new EnumValue(direction);
    return {
      input: 'target' in by ? { [by.name]: { count: word } } : { [by.name]: word },
      compare: (a, b) => {
        const [left, right] = [sortedBy(a), sortedBy(b)];
        if (left === null || right === null)
          return (Number(left === null) - Number(right === null)) * (nullsFirst ? -1 : 1);
        return compareValues(column, left, right) * (direction.startsWith('DESC') ? -1 : 1);
      },
    };
  }

  /** The rows of a table that the asker may see. */
  #seen(table: Table, deleted: Deleted): readonly Row[] {
    return this.#among(table, table.rows, deleted);
  }

  #among(table: Table, rows: readonly Row[], deleted: Deleted): readonly Row[] {
    const { admin, user } = this.asker;
    const living: Seen = (relation, row) => relation.rowsOf(row).filter((other) => other['deleted'] !== true);
    return rows.filter((row) => {
      if (deleted !== 'INCLUDE' && (row['deleted'] === true) !== (deleted === 'ONLY')) return false;
      return admin || table.rule === null || judge(table.rule, row, living, user) === true;
    });
  }

  /** A value written out, or a variable that holds it. */
  #value(type: string, value: unknown): string {
    if (this.dice.chance(0.5)) return written(value);
    const name = `v${this.variables.length}`;
    this.variables.push({ name, type, value });
    return `$${name}`;
  }
}

const pick = (values: Readonly<Record<string, unknown>>, names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, values[name]]));
const ID: Column = { name: 'id', type: 'ID', list: false };
const toConstant = (name: string) => new EnumValue(name.replace(/([a-z\d])([A-Z])/g, '$1_$2').toUpperCase());
const inBrackets = (args: readonly string[]) => (args.length > 0 ? `(${args.join(', ')})` : '');
