// The functions of a write. One that takes a row at a time is called for every row of a batch, all in one run, and what they
// want written goes to the service together, so that a thousand rows are one statement.

import type { ExecuteCall, ExecuteReply, ScriptInput, WriteResult } from '../script-input.ts';
import { requestContext } from './context.ts';
import { functionFailure, ServiceCallError } from './errors.ts';
import { plainRow } from './plain-row.ts';
import type { Run } from './run.ts';

type WriteInput = Extract<ScriptInput, { readonly kind: 'write' }>;
type Row = Record<string, unknown>;
type Step = ExecuteCall['steps'][number];
type Result = WriteResult['results'][number];
type WriteFunction = (ctx: unknown) => unknown;

interface Asked {
  readonly step: Step;
  resolve(row: Row): void;
  reject(error: unknown): void;
}

/** Gathers what the functions want, until each has asked or ended. */
class Gathering {
  readonly #asked: Asked[] = [];
  readonly #ended: Result[] = [];
  #open: number;

  constructor(
    private readonly run: Run,
    count: number,
  ) {
    this.#open = count;
  }

  execute(step: Step): Promise<Row> {
    return new Promise((resolve, reject) => {
      this.#asked.push({ step, resolve, reject });
      this.#send();
    });
  }

  ended(result: Result): Result {
    this.#ended.push(result);
    this.#open -= 1;
    this.#send();
    return result;
  }

  #send(): void {
    if (this.#asked.length === 0 || this.#asked.length < this.#open) return;
    const asked = this.#asked.splice(0);
    const call: ExecuteCall = { steps: asked.map(({ step }) => step), ended: this.#ended };
    this.run.call('execute', call).then(
      (reply) => {
        const outcomes = new Map((reply as ExecuteReply).outcomes.map((outcome) => [outcome.at, outcome]));
        for (const { step, resolve, reject } of asked) {
          const outcome = outcomes.get(step.at);
          if (!outcome) reject(new Error('the service said nothing of this row'));
          else if ('error' in outcome) reject(new ServiceCallError(outcome.error));
          else resolve(outcome.row as Row);
        }
      },
      (error) => {
        for (const { reject } of asked) reject(error);
      },
    );
  }
}

/** Calls the function for each row. */
export async function runWrite(run: Run, fn: WriteFunction, input: WriteInput): Promise<WriteResult> {
  const gathering = new Gathering(run, input.items.length);
  const request = requestContext(run, input, input.table);
  const results = input.items.map(async ({ item, id, previous }, at): Promise<Result> => {
    const own = new Execution(at, gathering);
    const ctx = {
      ...request,
      operation: input.operation,
      batch: input.batch,
      id,
      item: { ...item },
      previous: Object.freeze(previous),
      execute: (options?: unknown) => own.execute(ctx.item, options),
    };
    try {
      const told = await fn(ctx);
      const row = told === undefined ? own.row : plainRow(told, 'What the script returned');
      return gathering.ended({ at, row, executed: own.row !== null });
    } catch (error) {
      return gathering.ended({ at, failure: functionFailure(error) });
    }
  });
  return { results: await Promise.all(results) };
}

/** Calls a function that takes all rows at once. */
export async function runBatch(run: Run, fn: WriteFunction, input: WriteInput): Promise<WriteResult> {
  const gathering = new Gathering(run, input.items.length);
  const items = input.items.map(({ item }) => ({ ...item }) as Row);
  const executions = items.map((_, at) => new Execution(at, gathering));
  const ctx = {
    ...requestContext(run, input, input.table),
    operation: input.operation,
    batch: true,
    ids: Object.freeze(input.items.map(({ id }) => id)),
    items,
    previous: Object.freeze(input.items.map(({ previous }) => Object.freeze(previous))),
    execute: (options?: unknown) => Promise.all(executions.map((own, at) => own.execute(items[at] ?? {}, options))),
  };
  try {
    const told = await fn(ctx);
    if (told !== undefined && !(Array.isArray(told) && told.length === items.length)) {
      throw new Error(`What the script returned must be a list of ${items.length} rows, one for each of ctx.items.`);
    }
    const results = executions.map((own, at) => {
      const row = told === undefined ? own.row : plainRow(told[at], `Row ${at} of what the script returned`);
      return { at, row, executed: own.row !== null };
    });
    return { results };
  } catch (error) {
    const failure = functionFailure(error);
    return { results: items.map((_, at) => ({ at, failure })) };
  }
}

/** Writing one row: once, and again only after a conflict. */
class Execution {
  row: Row | null = null;
  #state: 'new' | 'asked' | 'conflict' | 'done' = 'new';

  constructor(
    private readonly at: number,
    private readonly gathering: Gathering,
  ) {}

  async execute(item: Row, options: unknown): Promise<Row> {
    if (this.#state === 'asked' || this.#state === 'done') {
      throw new Error('execute() was called twice: a row is written once, and again only after a conflict.');
    }
    const version = versionOf(options);
    this.#state = 'asked';
    try {
      const wanted = plainRow(item, 'The item');
      this.row = await this.gathering.execute({ at: this.at, item: wanted ?? {}, ...version });
      this.#state = 'done';
      return { ...this.row };
    } catch (error) {
      this.#state = error instanceof ServiceCallError && error.code === 'CONFLICT' ? 'conflict' : 'done';
      throw error;
    }
  }
}

function versionOf(options: unknown): { readonly ifVersion?: string | null } {
  if (options === undefined) return {};
  const { ifVersion, ...others } = options as { readonly ifVersion?: unknown };
  const [other] = Object.keys(others);
  if (other !== undefined) throw new TypeError(`execute() knows no option "${other}": it takes ifVersion.`);
  if (ifVersion === undefined) return {};
  return { ifVersion: ifVersion === null ? null : String(ifVersion) };
}
