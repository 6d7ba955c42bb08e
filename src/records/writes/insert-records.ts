// Inserting rows, one or many, all or none, with what they nest. Plans are made once; what is to be written comes with each
// request.

import type { FieldProblem, ServiceError } from '../../platform/errors.ts';
import { columnOf, type TableModel } from '../../tables/model.ts';
import { ColumnViolation } from '../column-violation.ts';
import type { RequestedSelection } from '../plan.ts';
import type { RecordStore } from '../ports.ts';
import type { Request } from '../value-source.ts';
import { type BatchField, batchText, nodeSelections, planAnswers, type RowTexts } from './answer.ts';
import { inScriptTransaction } from './around.ts';
import { isAboutRows } from './findings.ts';
import { tried, undoable } from './in-transaction.ts';
import { InsertSteps } from './insert-steps.ts';
import { layOutRows, pathOfColumn } from './lay-out-rows.ts';
import { isPlain, type Layout, problemsOfLayout, rootsOf } from './layout.ts';
import { located, violation } from './refusals.ts';
import type { RowInput } from './row-input.ts';
import { type Ending, hasScripts, InsertScripts, layoutWithout } from './scripted-insert.ts';
import { textsWithoutStore, toldTexts } from './told-rows.ts';
import { type Written, writeAll, writeSome } from './write-layout.ts';
import type { Writer } from './writer.ts';

/** A planned write; run it once for each request. */
export interface PlannedWrite {
  /** The JSON text of the answer. Throws ServiceError. */
  run(request: Request): Promise<string>;
}

/** The rows that a request brings. */
export type RowsOf = (request: Request) => readonly RowInput[];

/** Plans inserting one row; its answer is `null` when the caller may not see it. */
export function planInsertOne(
  writer: Writer,
  table: TableModel,
  selection: RequestedSelection,
  rowsOf: RowsOf,
): PlannedWrite {
  const write = insertion(writer, table, [selection]);
  return { run: async (request) => (await write(rowsOf(request), request, false)).texts[0]?.[0] ?? 'null' };
}

/** Plans inserting many rows, all or none. */
export function planInsertAll(
  writer: Writer,
  table: TableModel,
  fields: readonly BatchField[],
  rowsOf: RowsOf,
): PlannedWrite {
  const write = insertion(writer, table, nodeSelections(fields));
  return {
    run: async (request) => {
      const { texts, count } = await write(rowsOf(request), request, true);
      return batchText(fields, count, texts, []);
    },
  };
}

interface Inserted {
  /** Of the rows that are answered, in their order. */
  readonly texts: readonly RowTexts[];
  /** How many were written. */
  readonly count: number;
}

/** The texts of rows that were written, and everything that was written with them. */
interface WrittenTexts extends Pick<Written, 'all'> {
  readonly texts: readonly RowTexts[];
}

const NOTHING: WrittenTexts = { texts: [], all: new Map() };

/** Writing rows, all or none: one statement where that is enough, and a transaction where not. */
export function insertion(writer: Writer, table: TableModel, selections: readonly RequestedSelection[]) {
  const { store } = writer;
  const answers = planAnswers(writer, table, selections);
  const steps = new InsertSteps(writer, table, answers.answered);
  /** What scripts around the rows throw is all that is told. */
  const writeScripted = (inputs: readonly RowInput[], request: Request, batch: boolean): Promise<Inserted> =>
    inScriptTransaction(store, request, async (within) => {
      const layout = layOutRows(writer, inputs, within);
      assertNone(problemsOfLayout(layout));
      const scripts = await InsertScripts.begin(writer, steps, layout, batch, within);
      try {
        return await writeAround(scripts, layout, within);
      } finally {
        scripts.abandon();
      }
    });

  const writeAround = async (scripts: InsertScripts, layout: Layout, within: Request): Promise<Inserted> => {
    throwFirst(scripts.endings);
    const kept = layoutWithout(layout, scripts.endings);
    let failure: unknown = null;
    const { texts, all } = await writePlainly(kept, within).catch((error) => {
      failure = error;
      return NOTHING;
    });
    const endings = await scripts.finish(all, () => failure);
    throwFirst(endings);
    // A script may have answered all the same, if that was all there was to do.
    if (failure !== null && layout.rows.some((row) => !endings.has(row))) throw failure;
    let at = 0;
    const answered = layout.roots.flatMap((row): RowTexts[] => {
      const own = kept.roots.includes(row) && failure === null ? texts[at++] : undefined;
      const ending = endings.get(row);
      const told = ending?.kind === 'told' ? ending.row : undefined;
      if (!own) return told ? [textsWithoutStore(answers.selections, told)] : [];
      if (told === null) return [];
      const stored = ending?.kind === 'told' ? ending.stored : undefined;
      return [told ? toldTexts(own, answers.selections, told, stored) : own];
    });
    return { texts: answered, count: failure === null ? kept.roots.length : 0 };
  };

  return async (inputs: readonly RowInput[], request: Request, batch: boolean): Promise<Inserted> => {
    const layout = layOutRows(writer, inputs, request);
    if (hasScripts(writer, layout)) return writeScripted(inputs, request, batch);
    const { texts } = await writePlainly(layout, request);
    return { texts, count: texts.length };
  };

  async function writePlainly(layout: Layout, request: Request): Promise<WrittenTexts> {
    if (problemsOfLayout(layout).length > 0) throw await whatIsWrong(store, steps, layout, request);
    const write = async (within: Request): Promise<WrittenTexts> => {
      const { rows, all } = await writeAll(steps, layout, within);
      return { texts: await answers.texts([...rows.values()], within), all };
    };
    const isAlone = !request.transaction && isPlain(layout) && !answers.readsBack;
    try {
      return await (isAlone ? write(request) : undoable(store, request, write));
    } catch (error) {
      if (!isAboutRows(error) || error.code === 'FORBIDDEN') throw error;
      throw await whatIsWrong(store, steps, layout, request, error);
    }
  }
}

function assertNone(problems: readonly FieldProblem[]): void {
  if (problems.length > 0) throw violation(problems);
}

function throwFirst(endings: ReadonlyMap<unknown, Ending>): void {
  for (const ending of endings.values()) if (ending.kind === 'failed') throw ending.error;
}

/** Everything that is wrong with rows, as one error. Rows are tried for that, and nothing is kept; `first` is known already. */
async function whatIsWrong(
  store: RecordStore,
  steps: InsertSteps,
  layout: Layout,
  request: Request,
  first?: ServiceError,
): Promise<ServiceError> {
  const known = first ?? violation(problemsOfLayout(layout));
  const isAll = first
    ? !(first instanceof ColumnViolation) && isPlain(layout) && !hasKeys(layout)
    : !asksForRows(layout);
  if (isAll) return known;
  try {
    const { findings } = await tried(store, request, (within) => writeSome(steps, layout, within, rootsOf(layout)));
    return findings.error() ?? locatedIn(layout, known);
  } catch (error) {
    if (isAboutRows(error)) return locatedIn(layout, known);
    throw error;
  }
}

/** Of several rows a database does not say which one it is about. */
function locatedIn({ rows }: Layout, error: ServiceError): ServiceError {
  const [row, ...others] = rows;
  const alone = others.length === 0 ? row : undefined;
  return located(error, (name) => (alone ? pathOfColumn(alone, columnOf(alone.input.table, name)) : [name]));
}

/** Whether rows have values that must be theirs alone. */
function hasKeys({ rows }: Layout): boolean {
  return rows.some(({ input }) => input.table.keys.length > 1 || input.cells.has(columnOf(input.table, 'id')));
}

/** Whether other rows matter to these. */
function asksForRows(layout: Layout): boolean {
  return layout.named.length > 0 || hasKeys(layout) || layout.rows.some(({ references }) => references.size > 0);
}
