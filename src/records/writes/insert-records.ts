// Inserting rows, one or many, with all that they nest. Plans are made once; what is to be written comes with each request.

import { ServiceError } from '../../platform/errors.ts';
import type { TableModel } from '../../tables/model.ts';
import type { RequestedSelection } from '../plan.ts';
import type { Request } from '../value-source.ts';
import { type BatchError, type BatchField, batchText, nodeSelections, planAnswers, type RowTexts } from './answer.ts';
import { inTransaction } from './in-transaction.ts';
import { InsertSteps, refusal } from './insert-steps.ts';
import { layOutRows } from './lay-out-rows.ts';
import type { Layout } from './layout.ts';
import { notAllowed, violation } from './refusals.ts';
import type { RowInput } from './row-input.ts';
import type { JudgedRow } from './write-plan.ts';
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
  return { run: async (request) => (await write(rowsOf(request), request)).texts[0]?.[0] ?? 'null' };
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
      const { count, texts } = await write(rowsOf(request), request);
      return batchText(fields, count, texts, []);
    },
  };
}

/** Plans inserting many rows, each for itself: what cannot be written is told with its index. */
export function planInsertEach(
  writer: Writer,
  table: TableModel,
  fields: readonly BatchField[],
  rowsOf: RowsOf,
): PlannedWrite {
  const selections = nodeSelections(fields);
  const answers = planAnswers(writer, table, selections);
  const steps = new InsertSteps(writer, table, answers.answered);
  const writeOne = insertion(writer, table, selections);

  /** Rows that nest nothing are one statement for all; the others are each a transaction. */
  const run = async (inputs: readonly RowInput[], request: Request) => {
    const errors: BatchError[] = [];
    const texts: RowTexts[] = [];
    const plain: { readonly index: number; readonly layout: Layout }[] = [];
    let count = 0;
    const attempt = async (index: number, work: () => Promise<void> | void) => {
      try {
        await work();
      } catch (error) {
        errors.push(batchError(index, error));
      }
    };
    for (const [index, input] of inputs.entries()) {
      await attempt(index, async () => {
        if (input.related.length === 0) {
          plain.push({ index, layout: layOutRows(writer, [input], request) });
          return;
        }
        const written = await writeOne([input], request);
        count += written.count;
        texts[index] = written.texts[0] ?? [];
      });
    }
    const byReferences = new Map<string, typeof plain>();
    for (const one of plain) {
      const key = one.layout.roots.map(({ references }) => [...references].sort().join()).join();
      byReferences.set(key, [...(byReferences.get(key) ?? []), one]);
    }
    for (const alike of byReferences.values()) {
      const rows = alike.flatMap(({ layout }) => layout.roots);
      const judged = await steps.insert(table, rows, request, true);
      const written = judged.filter(({ id }) => id !== null);
      const read = await answers.texts(written, request);
      count += written.length;
      for (const [at, { index }] of alike.entries()) {
        const row = rows[at];
        const one = judged[at];
        if (!row || !one) continue;
        if (one.id !== null) texts[index] = read[written.indexOf(one)] ?? [];
        else await attempt(index, () => Promise.reject(notWritten(table, refusal(row, one))));
      }
    }
    errors.sort((a, b) => a.index - b.index);
    return { count, texts: texts.filter((row) => row !== undefined), errors };
  };
  return {
    run: async (request) => {
      const { count, texts, errors } = await run(rowsOf(request), request);
      return batchText(fields, count, texts, errors);
    },
  };
}

function notWritten(table: TableModel, refused: ReturnType<typeof refusal>): ServiceError {
  if (!refused) return new ServiceError('CONFLICT', `Another ${table.name} has this id or one of its unique values.`);
  return refused.fields.length > 0 ? violation(refused.fields) : notAllowed(table);
}

function batchError(index: number, error: unknown): BatchError {
  if (!(error instanceof ServiceError) || error.code === 'SERVICE_UNAVAILABLE' || error.code === 'UNKNOWN_RESULT') {
    throw error;
  }
  return { index, code: error.code, message: error.message };
}

/** Writing rows, all or none: one statement where that is enough, and a transaction where not. */
function insertion(writer: Writer, table: TableModel, selections: readonly RequestedSelection[]) {
  const answers = planAnswers(writer, table, selections);
  const steps = new InsertSteps(writer, table, answers.answered);
  return async (inputs: readonly RowInput[], request: Request) => {
    const layout = layOutRows(writer, inputs, request);
    const write = async (within: Request) => {
      const rows: readonly JudgedRow[] = await steps.write(layout, within);
      return { count: rows.length, texts: await answers.texts(rows, within) };
    };
    const alone = steps.isOne(layout) && !answers.readsBack;
    return alone ? write(request) : inTransaction(writer.store, request, write);
  };
}
