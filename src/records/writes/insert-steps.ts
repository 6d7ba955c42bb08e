// Writing rows that are laid out, stage by stage. Statements are compiled when they are first needed and kept: what rows nest
// is known only when a request brings them.

import { decideTable } from '../../access/decide.ts';
import type { FieldProblem } from '../../platform/errors.ts';
import { allOf, EVERY_ROW, livingRows } from '../../tables/filter.ts';
import { type Column, columnOf, type Relation, type TableModel, tableOf } from '../../tables/model.ts';
import type { CompiledFind, CompiledLink, CompiledWrite } from '../ports.ts';
import { visibleRows } from '../readable-rows.ts';
import type { Request, Slot } from '../value-source.ts';
import { pathOf } from './lay-out-rows.ts';
import { type Adoption, fillInNamed, type Layout, type NamedRow, type Pair, type Stage } from './layout.ts';
import { hiddenReference, mayNot, notAllowed, violation } from './refusals.ts';
import { columnsOf, type NewRow } from './row-values.ts';
import type { Answered, JudgedRow } from './write-plan.ts';
import type { Writer } from './writer.ts';

const NOTHING: Answered = Object.freeze({ selections: [], shown: EVERY_ROW });

export class InsertSteps {
  readonly #inserts = new Map<string, CompiledWrite>();
  readonly #adoptions = new Map<Relation, CompiledWrite>();
  readonly #links = new Map<Relation, CompiledLink>();
  readonly #finds = new Map<string, CompiledFind>();

  /** `answered` is of the new rows of `root`. */
  constructor(
    private readonly writer: Writer,
    private readonly root: TableModel,
    private readonly answered: Answered,
  ) {}

  /** Whether all of a layout is one statement. */
  isOne({ named, stages }: Layout): boolean {
    const [first] = stages;
    if (!first || stages.length > 1 || named.length > 0) return false;
    return first.adoptions.length + first.pairs.length === 0 && first.inserts.size === 1 && sameReferences(first);
  }

  /** Writes all of it, or throws. What became of the root rows, in their order. */
  async write(layout: Layout, request: Request): Promise<readonly JudgedRow[]> {
    await this.#find(layout.named, request);
    fillInNamed(layout);
    const written = new Map<string, JudgedRow>();
    for (const { inserts, adoptions, pairs } of layout.stages) {
      for (const [table, rows] of inserts) {
        for (const alike of grouped(rows, referencesKey)) {
          const judged = await this.insert(table, alike, request, false);
          const refused = alike.flatMap((row, at) => refusal(row, judged[at]) ?? []);
          if (refused.length > 0) throw this.#refused(table, refused);
          for (const one of judged) if (one.id !== null) written.set(one.id, one);
        }
      }
      for (const alike of grouped(adoptions, ({ relation }) => relation)) await this.#adopt(alike, request);
      for (const alike of grouped(pairs, ({ relation }) => relation)) await this.#link(alike, request);
    }
    return layout.roots.flatMap(({ id }) => written.get(id) ?? []);
  }

  /** One statement for rows of one table that have the same references. */
  async insert(
    table: TableModel,
    rows: readonly NewRow[],
    request: Request,
    each: boolean,
  ): Promise<readonly JudgedRow[]> {
    const [first] = rows;
    if (!first) return [];
    const many = rows.length > 1 || each;
    const key = `${table.name} ${many} ${each} ${referencesKey(first)}`;
    const compiled = this.#inserts.get(key) ?? this.#compileInsert(table, first, many, each);
    this.#inserts.set(key, compiled);
    const columns = columnsOf(table);
    const written = many ? columns.map((_, at) => rows.map(({ cells }) => cells[at])) : first.cells;
    return compiled.run({ ...request, written });
  }

  #compileInsert(table: TableModel, row: NewRow, many: boolean, each: boolean): CompiledWrite {
    const { store, model, caller } = this.writer;
    const grant = decideTable(caller, table, 'INSERT');
    if (!grant) throw mayNot('insert into', table);
    const references = [...row.references].map((name) => {
      const relation = relationOf(table, name);
      const target = tableOf(model, relation.target);
      return { relation, target, rows: visibleRows(caller, target) };
    });
    const answered = table === this.root ? this.answered : NOTHING;
    const { check } = grant;
    return store.compileWrite({
      kind: 'insert',
      table,
      columns: columnsOf(table),
      many,
      each,
      check,
      references,
      ...answered,
    });
  }

  /** The ids of the rows that keys name: one statement for each table and kind of key. */
  async #find(named: readonly NamedRow[], request: Request): Promise<void> {
    const problems: FieldProblem[] = [];
    const keyOf = ({ target, key }: NamedRow) => `${target.name} ${key.columns.map(({ name }) => name).join()}`;
    for (const alike of grouped(named, keyOf)) {
      const [first] = alike;
      if (!first) continue;
      const { target, key } = first;
      const compiled = this.#finds.get(keyOf(first)) ?? this.#compileFind(target, key.columns);
      this.#finds.set(keyOf(first), compiled);
      const written = key.columns.map((_, at) => alike.map(({ values }) => values[at]));
      const ids = await compiled.run({ ...request, written });
      for (const [at, row] of alike.entries()) {
        row.id = ids[at] ?? null;
        if (row.id === null) problems.push(hiddenReference(row.key.path, row.relation));
      }
    }
    if (problems.length > 0) throw violation(problems);
  }

  #compileFind(table: TableModel, columns: readonly Column[]): CompiledFind {
    const rows = visibleRows(this.writer.caller, table);
    return this.writer.store.compileFind({ kind: 'find', table, columns, rows });
  }

  /** Rows that are there come to belong to new ones: a change of them, under all of its rules. */
  async #adopt(adoptions: readonly Adoption[], request: Request): Promise<void> {
    const [first] = adoptions;
    if (!first) return;
    const compiled = this.#adoptions.get(first.relation) ?? this.#compileAdoption(first);
    this.#adoptions.set(first.relation, compiled);
    const ids = adoptions.map(({ child }) => child.id);
    const written = [ids, adoptions.map(({ owner }) => owner.id)];
    const judged = await compiled.run({ ...request, written });
    if (judged.some(({ passed }) => !passed)) throw notAllowed(first.target);
    if (judged.length < new Set(ids).size) {
      const fields = adoptions.map(({ child, target }) => ({
        path: child.key.path,
        message: `names no ${target.name} that you may update, or another one in this list does`,
      }));
      throw violation(fields);
    }
  }

  #compileAdoption({ relation, target }: Adoption): CompiledWrite {
    const { store, caller } = this.writer;
    const grant = decideTable(caller, target, 'UPDATE');
    if (!grant) throw mayNot('update', target);
    const column = columnOf(target, relation.column);
    return store.compileWrite({
      kind: 'update',
      table: target,
      target: { kind: 'ids', ids: listSlot(columnOf(target, 'id'), 0) },
      rows: allOf([grant.rows, visibleRows(caller, target), livingRows(target)]),
      changes: [{ column, how: 'set', slot: listSlot(column, 1), each: true }],
      check: grant.check,
      references: [],
      version: null,
      ceiling: null,
      ...NOTHING,
    });
  }

  async #link(pairs: readonly Pair[], request: Request): Promise<void> {
    const [first] = pairs;
    const link = first?.relation.link;
    if (!first || !link) return;
    const compiled = this.#links.get(first.relation) ?? this.writer.store.compileLink({ kind: 'link', link });
    this.#links.set(first.relation, compiled);
    const written = [pairs.map(({ owner }) => owner.id), pairs.map(({ other }) => other.id)];
    await compiled.run({ ...request, written });
  }

  #refused(table: TableModel, refused: readonly Refusal[]) {
    const fields = refused.flatMap((one) => one.fields);
    return fields.length > 0 ? violation(fields) : notAllowed(table);
  }
}

/** Why a row was not written: of fields, the row's rules when there are none. */
export interface Refusal {
  readonly fields: readonly FieldProblem[];
}

/** Null: its rules let it be written. */
export function refusal(row: NewRow, judged: JudgedRow | undefined): Refusal | null {
  if (!judged || (judged.passed && judged.hidden.length === 0)) return null;
  const fields = judged.hidden.map((name) => {
    const relation = relationOf(row.input.table, name);
    return hiddenReference(pathOf(row, relation), relation);
  });
  return { fields };
}

const listSlot = ({ type }: Column, at: number): Slot => ({ source: { from: 'write', at }, type, list: true });

const referencesKey = ({ references }: NewRow) => [...references].sort().join();

function sameReferences({ inserts }: Stage): boolean {
  return [...inserts.values()].every((rows) => new Set(rows.map(referencesKey)).size === 1);
}

function relationOf(table: TableModel, name: string): Relation {
  const relation = table.relations.get(name);
  if (!relation) throw new Error(`no relation ${table.name}.${name} in the model`);
  return relation;
}

function grouped<Item>(items: readonly Item[], key: (item: Item) => unknown): readonly (readonly Item[])[] {
  const groups = new Map<unknown, Item[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return [...groups.values()];
}
