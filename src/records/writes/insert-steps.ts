// The statements that write rows which are laid out. They are compiled when they are first needed and kept: what rows nest is
// known only when a request brings them.

import { decideTable } from '../../access/decide.ts';
import { allOf, EVERY_ROW, livingRows } from '../../tables/filter.ts';
import { type Column, type ColumnType, columnOf, type Relation, type TableModel, tableOf } from '../../tables/model.ts';
import type { CompiledFind, CompiledLink, CompiledWrite } from '../ports.ts';
import { visibleRows } from '../readable-rows.ts';
import type { Request, Slot } from '../value-source.ts';
import { planAnswers } from './answer.ts';
import { scriptsAround, wholeRow } from './around.ts';
import { type PlannedChanges, planChanges } from './changes.ts';
import type { Adoption, NamedRow, Pair } from './layout.ts';
import { mayNot, violation } from './refusals.ts';
import { columnsOf, type NewRow } from './row-values.ts';
import { ScriptedUpdate } from './scripted-update.ts';
import type { Answered, JudgedRow, Reference } from './write-plan.ts';
import type { Writer } from './writer.ts';

const NOTHING: Answered = Object.freeze({ selections: [], shown: EVERY_ROW });
/** `statement` takes the values of the changes, and after them the ids of the rows. */
interface PlannedAdoption {
  readonly statement: CompiledWrite;
  readonly changes: PlannedChanges;
}

const FLAG: ColumnType = Object.freeze({ kind: 'scalar', name: 'Boolean' });

export class InsertSteps {
  readonly #inserts = new Map<string, CompiledWrite>();
  readonly #adoptions = new Map<Relation, PlannedAdoption>();
  readonly #links = new Map<Relation, CompiledLink>();
  readonly #finds = new Map<string, CompiledFind>();

  /** `answered` is of the new rows of `root`. */
  constructor(
    private readonly writer: Writer,
    private readonly root: TableModel,
    private readonly answered: Answered,
  ) {}

  /**
   * Writes new rows of one table, all or none; with `kept`, those that it says, and that nothing is in the way of. What became
   * of each, in their order.
   */
  async insert(
    table: TableModel,
    rows: readonly NewRow[],
    request: Request,
    kept: readonly boolean[] | null = null,
  ): Promise<readonly JudgedRow[]> {
    const [first] = rows;
    if (!first) return [];
    const many = rows.length > 1 || kept !== null;
    const named = relationsOf(rows);
    const mixed = [...named].filter(([, among]) => among.includes(false));
    const parts = [...named].map(([relation, among]) => `${relation.name}${among.includes(false) ? '?' : ''}`);
    const key = [table.name, many, kept !== null, ...parts.sort()].join(' ');
    const compiled = this.#inserts.get(key) ?? this.#compileInsert(table, named, many, kept !== null);
    this.#inserts.set(key, compiled);
    if (!many) return compiled.run({ ...request, written: first.cells });
    const cells = columnsOf(table).map((_, at) => rows.map((row) => row.cells[at] ?? null));
    return compiled.run({
      ...request,
      written: [...cells, ...mixed.map(([, among]) => among), ...(kept ? [kept] : [])],
    });
  }

  #compileInsert(
    table: TableModel,
    named: ReadonlyMap<Relation, readonly boolean[]>,
    many: boolean,
    each: boolean,
  ): CompiledWrite {
    const { store, model, caller } = this.writer;
    const grant = decideTable(caller, table, 'INSERT');
    if (!grant) throw mayNot('insert into', table);
    const columns = columnsOf(table);
    let last = columns.length;
    const flags = (): Slot => ({ source: { from: 'write', at: last++ }, type: FLAG, list: true });
    const references = [...named].map(([relation, among]): Reference => {
      const target = tableOf(model, relation.target);
      const reference = { relation, target, rows: visibleRows(caller, target) };
      return among.includes(false) ? { ...reference, among: flags() } : reference;
    });
    const answered = table === this.root ? this.answered : NOTHING;
    const { check } = grant;
    const plan = { table, columns, many, each: each ? flags() : null, check, references };
    const whole = scriptsAround(this.writer, table, 'INSERT') !== null;
    return store.compileWrite({ kind: 'insert', ...plan, ...answered, whole });
  }

  /** Finds the rows that keys name, in one statement for each table and kind of key. Those that count get their id. */
  async find(named: readonly NamedRow[], request: Request): Promise<void> {
    const keyOf = ({ target, key }: NamedRow) => `${target.name} ${key.columns.map(({ name }) => name).join()}`;
    for (const alike of grouped(named, keyOf)) {
      const [first] = alike;
      if (!first) continue;
      const { target, key } = first;
      const compiled = this.#finds.get(keyOf(first)) ?? this.#compileFind(target, key.columns);
      this.#finds.set(keyOf(first), compiled);
      const written = key.columns.map((_, at) => alike.map(({ values }) => values[at] ?? null));
      const ids = await compiled.run({ ...request, written });
      for (const [at, row] of alike.entries()) row.id = ids[at] ?? null;
    }
  }

  #compileFind(table: TableModel, columns: readonly Column[]): CompiledFind {
    const rows = visibleRows(this.writer.caller, table);
    return this.writer.store.compileFind({ kind: 'find', table, columns, rows });
  }

  /** Rows that are there come to belong to new ones: a change of them through one relation, under all of its rules. */
  async adopt(adoptions: readonly Adoption[], request: Request): Promise<readonly JudgedRow[]> {
    const [first] = adoptions;
    if (!first) return [];
    if (scriptsAround(this.writer, first.target, 'UPDATE')) return this.#adoptAround(first, adoptions, request);
    const adoption = this.#adoptions.get(first.relation) ?? this.#planAdoption(first);
    this.#adoptions.set(first.relation, adoption);
    const owners = adoptions.map(({ owner }) => owner.id);
    const { values, problems } = adoption.changes.values({ ...request, written: [owners] });
    if (problems.length > 0) {
      const { path: named } = first.child.key;
      throw violation(problems.map(({ path, message }) => ({ path: [...named, ...path.slice(1)], message })));
    }
    const children = adoptions.map(({ child }) => child.id);
    return adoption.statement.run({ ...request, written: [...values.map((value) => value ?? null), children] });
  }

  /** The same with the scripts of a change: each row is found and locked before. */
  async #adoptAround(
    { relation, target }: Adoption,
    adoptions: readonly Adoption[],
    request: Request,
  ): Promise<readonly JudgedRow[]> {
    const { store, caller } = this.writer;
    const { ids, rows } = this.#adoptable(target, 0);
    const lock = store.compileWrite({
      kind: 'lock',
      table: target,
      target: ids,
      rows,
      version: null,
      ceiling: null,
      whole: true,
    });
    const found = await lock.run({ ...request, written: [adoptions.map(({ child }) => child.id)] });
    const owners = new Map(adoptions.map(({ child, owner }) => [child.id, owner.id]));
    const locked = found.flatMap((row) => {
      const { id } = row;
      if (id === null) return [];
      return [{ id, item: { [relation.column]: owners.get(id) }, previous: wholeRow(row), conflict: null }];
    });
    const answers = planAnswers(this.writer, target, []);
    const update = new ScriptedUpdate(this.writer, target, [], answers, visibleRows(caller, target));
    await update.run(locked, locked.length > 1, request);
    return found.map((row) => ({ ...row, target: row.id }));
  }

  /** The rows among some ids that may come to belong to others; the ids are the `at`th of the values. */
  #adoptable(target: TableModel, at: number) {
    const { caller } = this.writer;
    const grant = decideTable(caller, target, 'UPDATE');
    if (!grant) throw mayNot('update', target);
    return {
      grant,
      ids: { kind: 'ids', ids: listSlot(columnOf(target, 'id'), at) } as const,
      rows: allOf([grant.rows, visibleRows(caller, target), livingRows(target)]),
    };
  }

  /** The key of the new owner of each, and what the service sets with every change. */
  #planAdoption({ relation, target }: Adoption): PlannedAdoption {
    const changes = planChanges(this.writer, target, [
      {
        column: columnOf(target, relation.column),
        how: 'set',
        source: { from: 'write', at: 0 },
        path: [],
        each: true,
        // Whether the client may tie rows by this key is decided where they are laid out, and the owner is a row of its own.
        byService: true,
      },
    ]);
    const { grant, ids, rows } = this.#adoptable(target, changes.changes.length);
    const statement = this.writer.store.compileWrite({
      kind: 'update',
      table: target,
      target: ids,
      rows,
      changes: changes.changes,
      check: grant.check,
      references: changes.references,
      version: null,
      ceiling: null,
      ...NOTHING,
    });
    return { statement, changes };
  }

  /** Ties new rows to others through one relation, by a table between that is none of the model. */
  async link(pairs: readonly Pair[], request: Request): Promise<void> {
    const [first] = pairs;
    const link = first?.relation.link;
    if (!first || !link) return;
    const compiled = this.#links.get(first.relation) ?? this.writer.store.compileLink({ kind: 'link', link });
    this.#links.set(first.relation, compiled);
    const written = [pairs.map(({ owner }) => owner.id), pairs.map(({ other }) => other.id)];
    await compiled.run({ ...request, written });
  }
}

/** The relations whose rows a client named, and in which of the rows. */
function relationsOf(rows: readonly NewRow[]): ReadonlyMap<Relation, readonly boolean[]> {
  const names = new Set(rows.flatMap(({ references }) => [...references]));
  return new Map(
    [...names].sort().map((name) => {
      const relation = rows[0]?.input.table.relations.get(name);
      if (!relation) throw new Error(`no relation ${name} in the model`);
      return [relation, rows.map(({ references }) => references.has(name))] as const;
    }),
  );
}

const listSlot = ({ type }: Column, at: number): Slot => ({ source: { from: 'write', at }, type, list: true });

/** The items of equal keys together, in the order of their first. */
export function grouped<Item>(items: readonly Item[], key: (item: Item) => unknown): readonly (readonly Item[])[] {
  const groups = new Map<unknown, Item[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return [...groups.values()];
}
