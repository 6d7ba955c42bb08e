// Inserting many rows, each for itself: those that cannot be written are told with their places, and the others are written
// together, so that the statements do not grow with the rows.

import { ServiceError } from '../../platform/errors.ts';
import type { TableModel } from '../../tables/model.ts';
import type { Request } from '../value-source.ts';
import { type BatchError, type BatchField, batchText, nodeSelections, planAnswers, type RowTexts } from './answer.ts';
import { inScriptTransaction } from './around.ts';
import { Findings, isAboutRows } from './findings.ts';
import { Undo, undoable } from './in-transaction.ts';
import type { PlannedWrite, RowsOf } from './insert-records.ts';
import { InsertSteps } from './insert-steps.ts';
import { layOutRows } from './lay-out-rows.ts';
import { isPlain, type Layout, rootsOf } from './layout.ts';
import type { NewRow } from './row-values.ts';
import { hasScripts, InsertScripts, layoutWithout } from './scripted-insert.ts';
import { textsWithoutStore, toldTexts } from './told-rows.ts';
import { type Written, writeSome } from './write-layout.ts';
import type { JudgedRow } from './write-plan.ts';
import type { Writer } from './writer.ts';

type Texts = ReadonlyMap<number, RowTexts>;

/** What comes of the rows. */
interface Outcome {
  readonly found: Findings;
  readonly written: Map<NewRow, JudgedRow>;
}

/** Plans it. */
export function planInsertEach(
  writer: Writer,
  table: TableModel,
  fields: readonly BatchField[],
  rowsOf: RowsOf,
): PlannedWrite {
  const { store } = writer;
  const answers = planAnswers(writer, table, nodeSelections(fields));
  const steps = new InsertSteps(writer, table, answers.answered);

  const textsOf = async ({ rows, all }: Written, outcome: Outcome, request: Request): Promise<Texts> => {
    for (const [row, judged] of all) outcome.written.set(row, judged);
    const places = [...rows.keys()];
    const texts = await answers.texts([...rows.values()], request);
    return new Map(places.map((root, at) => [root, texts[at] ?? []]));
  };

  /** One statement is all that a plain layout needs: what it leaves out is not there. */
  const writePlain = async (layout: Layout, request: Request, roots: ReadonlySet<number>, outcome: Outcome) => {
    const written = await writeSome(steps, layout, request, roots);
    outcome.found.takeOver(written.findings);
    return textsOf(written, outcome, request);
  };

  /** Of a row that is found wanting, some of what it nests may be written: then all is done again without it. */
  const writeNested = async (
    layout: Layout,
    request: Request,
    roots: ReadonlySet<number>,
    outcome: Outcome,
  ): Promise<Texts> => {
    try {
      return await undoable(store, request, async (within) => {
        const written = await writeSome(steps, layout, within, roots);
        if (written.findings.roots.size > 0) throw new Undo(written.findings);
        return textsOf(written, outcome, within);
      });
    } catch (error) {
      if (!(error instanceof Undo) || !(error.result instanceof Findings)) throw error;
      const { result } = error;
      outcome.found.takeOver(result);
      return write(layout, request, without(roots, result.roots), outcome);
    }
  };

  /** What only the database finds is an error of a whole statement: the halves are tried, down to the rows that it is about. */
  const write = async (
    layout: Layout,
    request: Request,
    roots: ReadonlySet<number>,
    outcome: Outcome,
  ): Promise<Texts> => {
    if (roots.size === 0) return new Map();
    const own = new Findings();
    try {
      const plain = isPlain(layout) && !request.transaction;
      const texts = await (plain ? writePlain : writeNested)(layout, request, roots, { ...outcome, found: own });
      outcome.found.takeOver(own);
      return texts;
    } catch (error) {
      if (!isAboutRows(error)) throw error;
      const [root, ...others] = roots;
      if (root !== undefined && others.length === 0) {
        outcome.found.fail(root, error);
        return new Map();
      }
      const [left, right] = halves(roots);
      const done = await write(layout, request, left, outcome);
      return new Map([...done, ...(await write(layout, request, right, outcome))]);
    }
  };

  /** Of a row whose script refuses it, nothing is written; one that fails after it was written undoes everything. */
  const writeScripted = (request: Request, found: Findings): Promise<Texts> =>
    inScriptTransaction(store, request, async (within) => {
      const layout = layOutRows(writer, rowsOf(request), within);
      const scripts = await InsertScripts.begin(writer, steps, layout, true, within);
      try {
        return await writeAround(scripts, layout, within, found);
      } finally {
        scripts.abandon();
      }
    });

  const writeAround = async (
    scripts: InsertScripts,
    layout: Layout,
    within: Request,
    found: Findings,
  ): Promise<Texts> => {
    const refused = scripts.endings;
    for (const [row, ending] of refused)
      if (ending.kind === 'failed') found.fail(row.root, asServiceError(ending.error));
    const kept = layoutWithout(layout, refused);
    const roots = without(rootsOf(kept), found.roots);
    const all = new Map<NewRow, JudgedRow>();
    const texts = new Map(await write(kept, within, roots, { found, written: all }));
    // Of a row that was found wanting, what was written with it is undone.
    const written = new Map([...all].filter(([{ root }]) => texts.has(root)));
    const endings = await scripts.finish(written, ({ root }) => found.error(root));
    for (const [row, ending] of endings) {
      if (ending.kind === 'failed' && written.has(row)) throw ending.error;
      if (ending.kind === 'failed' || !layout.roots.includes(row) || !ending.row) continue;
      const own = texts.get(row.root);
      const { selections } = answers;
      if (own) texts.set(row.root, toldTexts(own, selections, ending.row, ending.stored));
      else if (refused.has(row)) texts.set(row.root, textsWithoutStore(selections, ending.row));
    }
    return texts;
  };

  return {
    run: async (request) => {
      const layout = layOutRows(writer, rowsOf(request), request);
      const found = new Findings();
      const texts = await (hasScripts(writer, layout)
        ? writeScripted(request, found)
        : write(layout, request, rootsOf(layout), { found, written: new Map() }));
      const rows = [...texts].sort(([a], [b]) => a - b).map(([, row]) => row);
      return batchText(fields, rows.length, rows, errorsOf(found));
    },
  };
}

function asServiceError(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  throw error;
}

function errorsOf(found: Findings): readonly BatchError[] {
  return [...found.roots]
    .sort((a, b) => a - b)
    .flatMap((index) => {
      const error = found.error(index);
      return error ? [{ index, code: error.code, message: error.message }] : [];
    });
}

function without(roots: ReadonlySet<number>, others: ReadonlySet<number>): ReadonlySet<number> {
  return new Set([...roots].filter((root) => !others.has(root)));
}

function halves(roots: ReadonlySet<number>): readonly [ReadonlySet<number>, ReadonlySet<number>] {
  const all = [...roots];
  const middle = Math.ceil(all.length / 2);
  return [new Set(all.slice(0, middle)), new Set(all.slice(middle))];
}
