// Inserting rows that scripts run around, with what they nest. The scripts of all rows run up to where they want them written,
// those of the outer rows first; then everything is written as always, in one transaction with them; then they are told.

import { ServiceError } from '../../platform/errors.ts';
import type { TableModel } from '../../tables/model.ts';
import type { PlainRow, RunningScripts, Step, StepOutcome } from '../row-scripts.ts';
import type { Request } from '../value-source.ts';
import { beginAround, scriptsAround, wholeRow } from './around.ts';
import type { InsertSteps } from './insert-steps.ts';
import { fillInNamed, type Layout } from './layout.ts';
import type { NewRow } from './row-values.ts';
import { itemOf, takeItem } from './script-item.ts';
import type { JudgedRow } from './write-plan.ts';
import type { Writer } from './writer.ts';

/** Whether scripts run around anything that a layout writes. */
export function hasScripts(writer: Writer, { rows, stages }: Layout): boolean {
  return (
    rows.some(({ input }) => scriptsAround(writer, input.table, 'INSERT')) ||
    stages.some(({ adoptions }) => adoptions.some(({ target }) => scriptsAround(writer, target, 'UPDATE')))
  );
}

const TWICE: Step = {
  kind: 'failed',
  error: new ServiceError('SCRIPT_FAILED', 'A script tried to insert a row once more, after it could not be inserted.'),
};

interface OfTable {
  readonly table: TableModel;
  readonly rows: readonly NewRow[];
  readonly running: RunningScripts;
  steps: readonly Step[];
}

/** What a script made of a row in the end. */
export type Ending =
  | { readonly kind: 'told'; readonly row: PlainRow | null | undefined; readonly stored: PlainRow | undefined }
  | { readonly kind: 'failed'; readonly error: unknown };

/** The scripts around the rows of one layout. */
export class InsertScripts {
  private constructor(
    private readonly layout: Layout,
    private readonly tables: readonly OfTable[],
  ) {}

  /** Runs them up to where they want their rows written, and takes over what they made of them. */
  static async begin(
    writer: Writer,
    steps: InsertSteps,
    layout: Layout,
    batch: boolean,
    request: Request,
  ): Promise<InsertScripts> {
    if (layout.pointers.length > 0) {
      await steps.find(layout.named, request);
      fillInNamed(layout);
    }
    const tables: OfTable[] = [];
    const scripts = new InsertScripts(layout, tables);
    try {
      for (const [table, rows] of rowsByTable(layout)) {
        if (!scriptsAround(writer, table, 'INSERT')) continue;
        const items = rows.map((row) => ({ id: row.id, item: itemOf(row), previous: null }));
        const running = await beginAround(writer, table, 'INSERT', items, batch || rows.length > 1, request);
        tables.push({ table, rows, running, steps: running.steps });
        for (const [at, row] of rows.entries()) scripts.#take(row, running.steps[at]);
      }
      return scripts;
    } catch (error) {
      scripts.abandon();
      throw error;
    }
  }

  #take(row: NewRow, step: Step | undefined): void {
    const { id } = row;
    if (step?.kind === 'write') takeItem(row, step.item);
    const isNeeded = this.layout.rows.some(({ needs }) => needs.includes(row));
    if (!isNeeded || (step?.kind === 'write' && row.id === id) || step?.kind === 'failed') return;
    const what = step?.kind === 'write' ? 'gave another id to a row' : 'did not write a row';
    throw new ServiceError('SCRIPT_FAILED', `The script of ${row.input.table.name} ${what} that others are nested in.`);
  }

  /** The rows that are not to be written, with what their scripts say of them. */
  get endings(): ReadonlyMap<NewRow, Ending> {
    return this.#endings(new Map());
  }

  /** Tells what was written, and of the others why they were not. Answers what every script made of its row. */
  async finish(
    written: ReadonlyMap<NewRow, JudgedRow>,
    errorOf: (row: NewRow) => unknown,
  ): Promise<ReadonlyMap<NewRow, Ending>> {
    const stored = new Map<NewRow, PlainRow>();
    try {
      for (const of of this.tables) {
        const waiting = of.rows.flatMap((row, at) => (of.steps[at]?.kind === 'write' ? [{ row, at }] : []));
        if (waiting.length === 0) continue;
        const outcomes = new Map<number, StepOutcome>();
        for (const { row, at } of waiting) {
          const judged = written.get(row);
          const now = judged && wholeRow(judged);
          if (now) stored.set(row, now);
          outcomes.set(at, now ? { row: now } : { error: errorOf(row) });
        }
        of.steps = (await of.running.resume(outcomes)).map((step) => (step.kind === 'write' ? TWICE : step));
      }
      return this.#endings(stored);
    } finally {
      this.abandon();
    }
  }

  abandon(): void {
    for (const { running } of this.tables) running.abandon();
  }

  #endings(stored: ReadonlyMap<NewRow, PlainRow>): ReadonlyMap<NewRow, Ending> {
    const endings = new Map<NewRow, Ending>();
    for (const { rows, steps } of this.tables) {
      for (const [at, row] of rows.entries()) {
        const step = steps[at];
        if (step?.kind === 'failed') endings.set(row, step);
        else if (step?.kind === 'answered') endings.set(row, { kind: 'told', row: step.row, stored: stored.get(row) });
      }
    }
    return endings;
  }
}

/** All rows of a layout, table by table; tables in the order in which rows nest. */
function rowsByTable({ rows }: Layout): ReadonlyMap<TableModel, readonly NewRow[]> {
  const tables = new Map<TableModel, NewRow[]>();
  for (const row of rows) {
    const known = tables.get(row.input.table);
    if (known) known.push(row);
    else tables.set(row.input.table, [row]);
  }
  return tables;
}

/** A layout without the rows that their scripts answered or refused. */
export function layoutWithout(layout: Layout, gone: ReadonlyMap<NewRow, unknown>): Layout {
  if (gone.size === 0) return layout;
  const stays = (row: NewRow) => !gone.has(row);
  return {
    ...layout,
    roots: layout.roots.filter(stays),
    rows: layout.rows.filter(stays),
    stages: layout.stages.map((stage) => ({
      ...stage,
      inserts: new Map([...stage.inserts].map(([table, rows]) => [table, rows.filter(stays)])),
    })),
  };
}
