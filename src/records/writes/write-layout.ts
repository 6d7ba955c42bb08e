// Writing rows that are laid out, stage by stage: all of them or none, or as many as can be, with everything that is in the
// way of the others.

import { columnOf, type TableModel } from '../../tables/model.ts';
import type { Request } from '../value-source.ts';
import { Findings } from './findings.ts';
import { grouped, type InsertSteps } from './insert-steps.ts';
import { pathOfColumn } from './lay-out-rows.ts';
import { type Adoption, fillInNamed, type Layout, type NamedRow } from './layout.ts';
import { hiddenReference, takenKeys, takenMeanwhile } from './refusals.ts';
import type { NewRow } from './row-values.ts';
import type { JudgedRow } from './write-plan.ts';

/** What was written of a layout, and what was found of the others. */
export interface Written {
  /** The roots, by their places. */
  readonly rows: ReadonlyMap<number, JudgedRow>;
  /** With what they nest. */
  readonly all: ReadonlyMap<NewRow, JudgedRow>;
  readonly findings: Findings;
}

/** Writes all of it, or throws with the first thing that is in the way. Values are right already. */
export function writeAll(steps: InsertSteps, layout: Layout, request: Request): Promise<Written> {
  return new LayoutRun(steps, layout, request, null).write((findings) => {
    const error = findings.error();
    if (error) throw error;
  });
}

/** Writes what can be written of these roots; whoever wants none of it then undoes it. */
export function writeSome(
  steps: InsertSteps,
  layout: Layout,
  request: Request,
  roots: ReadonlySet<number>,
): Promise<Written> {
  return new LayoutRun(steps, layout, request, roots).write(() => undefined);
}

class LayoutRun {
  readonly #findings = new Findings();
  /** Rows that are not there, and are not going to be. */
  readonly #lost = new Set<NewRow>();
  readonly #written = new Map<NewRow, JudgedRow>();

  /** `roots` null: all of them, or none. */
  constructor(
    private readonly steps: InsertSteps,
    private readonly layout: Layout,
    private readonly request: Request,
    private readonly roots: ReadonlySet<number> | null,
  ) {}

  async write(between: (findings: Findings) => void): Promise<Written> {
    const { layout, request, steps } = this;
    const wanted = ({ root }: { readonly root: number }) => this.roots?.has(root) ?? true;
    await this.#find(layout.named.filter(wanted));
    for (const row of layout.rows.filter(wanted)) this.#accept(row);
    between(this.#findings);
    for (const { inserts, adoptions, pairs } of layout.stages) {
      for (const [table, rows] of inserts) await this.#insert(table, rows.filter(wanted));
      between(this.#findings);
      const adopting = adoptions.filter(
        ({ owner, child }) => wanted(owner) && !this.#lost.has(owner) && child.id !== null,
      );
      for (const alike of grouped(adopting, ({ relation }) => relation)) await this.#adopt(alike);
      between(this.#findings);
      const tied = pairs.filter(({ owner, other }) => wanted(owner) && !this.#lost.has(owner) && this.#isThere(other));
      for (const alike of grouped(tied, ({ relation }) => relation)) await steps.link(alike, request);
    }
    const rows = layout.roots.flatMap((row): [number, JudgedRow][] => {
      const written = this.#written.get(row);
      return written ? [[row.root, written]] : [];
    });
    return { rows: new Map(rows), all: this.#written, findings: this.#findings };
  }

  #isThere(other: NewRow | NamedRow): boolean {
    return 'key' in other ? other.id !== null : !this.#lost.has(other);
  }

  async #find(named: readonly NamedRow[]): Promise<void> {
    await this.steps.find(named, this.request);
    fillInNamed(this.layout);
    for (const { root, id, key, relation, values } of named) {
      // A value that names nothing at all is told of already.
      if (id === null && !values.includes(undefined)) this.#findings.add(root, [hiddenReference(key.path, relation)]);
    }
    for (const { row, named: other } of this.layout.pointers) if (other.id === null) this.#lost.add(row);
  }

  #accept(row: NewRow): void {
    this.#findings.add(row.root, row.problems);
    this.#findings.add(row.root, row.conflicts, 'conflict');
    if (row.problems.length + row.conflicts.length > 0) this.#lost.add(row);
  }

  async #insert(table: TableModel, rows: readonly NewRow[]): Promise<void> {
    const judgeable = rows.map((row) => row.needs.every((other) => !this.#lost.has(other)));
    const kept = rows.map((row, at) => judgeable[at] === true && !this.#lost.has(row));
    const judged = await this.steps.insert(table, rows, this.request, this.roots ? kept : null);
    for (const [at, row] of rows.entries()) {
      const one = judged[at];
      if (!one) continue;
      if (one.id !== null) this.#written.set(row, one);
      else {
        this.#lost.add(row);
        this.#tell(table, row, one, kept[at] === true);
      }
    }
  }

  /** Of a row that is not whole its rules are not told: they may want what is not there. */
  #tell(table: TableModel, row: NewRow, { passed, hidden, taken }: JudgedRow, whole: boolean): void {
    const known = (path: readonly (string | number)[]) =>
      [...row.problems, ...row.conflicts].some((problem) => problem.path.join('.') === path.join('.'));
    const hiding = hidden.flatMap((name) => {
      const relation = table.relations.get(name);
      if (!relation) return [];
      const path = pathOfColumn(row, columnOf(table, relation.column));
      return known(path) ? [] : [hiddenReference(path, relation)];
    });
    this.#findings.add(row.root, hiding);
    if (!passed) {
      if (whole && hiding.length === 0) this.#findings.bar(row.root, table);
      return;
    }
    const path = (column: Parameters<typeof pathOfColumn>[1]) => pathOfColumn(row, column);
    this.#findings.add(
      row.root,
      takenKeys(
        table,
        taken.filter((key) => key > 0),
        path,
      ),
    );
    const ids = takenKeys(
      table,
      taken.filter((key) => key === 0),
      path,
    ).filter((problem) => !known(problem.path));
    this.#findings.add(row.root, ids, 'conflict');
    // Another transaction took a value while the statement ran.
    const unexplained = whole && hiding.length + taken.length === 0 && this.roots !== null;
    if (unexplained) this.#findings.fail(row.root, takenMeanwhile(table));
  }

  async #adopt(adoptions: readonly Adoption[]): Promise<void> {
    const judged = await this.steps.adopt(adoptions, this.request);
    const byId = new Map(judged.map((row) => [row.target, row]));
    const seen = new Set<string | null>();
    for (const { child, owner, target } of adoptions) {
      const found = byId.get(child.id);
      if (!found || seen.has(child.id)) {
        const message = `names no ${target.name} that you may update, or another one in this list does`;
        this.#findings.add(owner.root, [{ path: child.key.path, message }]);
      } else if (!found.passed) this.#findings.bar(owner.root, target);
      seen.add(child.id);
    }
  }
}
