// Scripts around writes: whether there are any, the transaction that they share with what they are around, and the turns that
// they and the write take. What is written, and how, is the business of each operation.

import { ServiceError } from '../../platform/errors.ts';
import type { TableModel } from '../../tables/model.ts';
import type { RecordStore } from '../ports.ts';
import type {
  PlainRow,
  RowScripts,
  RunningScripts,
  Step,
  StepOutcome,
  WriteItem,
  WriteOperation,
} from '../row-scripts.ts';
import type { StoreTransaction } from '../store-transaction.ts';
import type { Request } from '../value-source.ts';
import type { JudgedRow } from './write-plan.ts';
import type { Writer } from './writer.ts';

/** Milliseconds that a transaction with scripts in it may be open (design section 7). */
const TRANSACTION_BUDGET = 5_000;
/** How often a script may try to write a row: each time after a conflict. */
const MAX_TRIES = 5;

/** The scripts around an operation of a table; null: none run. */
export function scriptsAround(
  { scripts, caller }: Writer,
  table: TableModel,
  operation: WriteOperation,
): RowScripts | null {
  if (!scripts || caller.scripts === 'none') return null;
  return table.scripts?.around.includes(operation) ? scripts : null;
}

/** Begins them; where none run, everything is written as it is. */
export function beginAround(
  writer: Writer,
  table: TableModel,
  operation: WriteOperation,
  items: readonly WriteItem[],
  batch: boolean,
  request: Request,
): Promise<RunningScripts> {
  const scripts = scriptsAround(writer, table, operation);
  return scripts ? scripts.around(table, operation, items, { batch }, request) : Promise.resolve(asTheyAre(items));
}

function asTheyAre(items: readonly WriteItem[]): RunningScripts {
  return {
    steps: items.map(({ item }) => ({ kind: 'write', item })),
    resume: async (outcomes) =>
      items.map((_, at): Step => {
        const outcome = outcomes.get(at);
        if (outcome && 'error' in outcome) return { kind: 'failed', error: outcome.error };
        return { kind: 'answered', row: undefined };
      }),
    abandon: () => undefined,
  };
}

/** Whether scripts may run around a write. Whether any do around an insert is known only with the rows that it nests. */
export function mayRunScripts(writer: Writer, table: TableModel, operation: WriteOperation): boolean {
  if (operation !== 'INSERT') return scriptsAround(writer, table, operation) !== null;
  return [...writer.model.tables.values()].some(
    (one) => scriptsAround(writer, one, 'INSERT') ?? scriptsAround(writer, one, 'UPDATE'),
  );
}

/** Work with scripts in it: in the transaction that is open, or in one that begins when it is first needed. */
export function inScriptTransaction<T>(
  store: RecordStore,
  request: Request,
  work: (request: Request) => Promise<T>,
): Promise<T> {
  return request.transaction ? work(request) : newScriptTransaction(store, request, work);
}

/** Work with scripts in it, in a transaction of its own. It may be done again from its start while nothing left the service. */
export function newScriptTransaction<T>(
  store: RecordStore,
  request: Request,
  work: (request: Request & { readonly transaction: StoreTransaction }) => Promise<T>,
): Promise<T> {
  const left = { already: false };
  const options = { scripted: true, budget: TRANSACTION_BUDGET, repeatable: () => !left.already };
  return store.transaction((transaction) => work({ ...request, transaction, leftService: left }), options);
}

/** What became of one row. */
export interface CarriedOut {
  readonly written: boolean;
  /** What the script tells of it; undefined: what there is. */
  readonly told: PlainRow | null | undefined;
}

/** A row that is to be written now. */
export interface WriteTurn {
  readonly at: number;
  readonly item: PlainRow;
  readonly version?: string | null;
}

/**
 * Lets scripts and writes take turns until nothing is to be written any more. Throws what the first of them failed with: the
 * transaction is to be undone then.
 */
export async function carryOut(
  running: RunningScripts,
  write: (turns: readonly WriteTurn[]) => Promise<ReadonlyMap<number, StepOutcome>>,
): Promise<readonly CarriedOut[]> {
  const written = new Set<number>();
  let { steps } = running;
  try {
    for (let tries = 0; ; tries++) {
      const turns = steps.flatMap((step, at): WriteTurn[] => (step.kind === 'write' ? [{ ...step, at }] : []));
      const failed = steps.find((step) => step.kind === 'failed');
      if (failed) throw failed.error;
      if (turns.length === 0) break;
      if (tries === MAX_TRIES) throw new ServiceError('SCRIPT_FAILED', `A script tried to write a row ${tries} times.`);
      const outcomes = await write(turns);
      for (const { at } of turns) if (!('error' in (outcomes.get(at) ?? {}))) written.add(at);
      steps = await running.resume(outcomes);
    }
  } finally {
    running.abandon();
  }
  return steps.map((step, at) => ({
    written: written.has(at),
    told: step.kind === 'answered' ? step.row : undefined,
  }));
}

/** The row that a write tells whole. */
export function wholeRow({ whole }: JudgedRow): PlainRow {
  if (whole === null) throw new Error('the write was not asked for whole rows');
  return JSON.parse(whole) as PlainRow;
}
