// What one run of a script asks of the service, and what it was thrown, so that an error which a script lets through is told as
// it was.

import { ServiceError } from '../platform/errors.ts';
import type { PlainRow } from '../records/row-scripts.ts';
import type { Request } from '../records/value-source.ts';
import type { CallError, ExecuteCall } from './script-input.ts';
import { guardSql } from './sql-guard.ts';
import { Turns, turnsOf } from './turns.ts';

/** `ctx.tables.<table>.<method>(...args)`. */
export interface TableCall {
  readonly table: string;
  readonly method: string;
  readonly args: readonly unknown[];
  readonly as: 'service' | 'user';
}

/** What stands behind `ctx`. Everything throws ServiceError, or an Error whose message is for the script. */
export interface ScriptServices {
  table(call: TableCall, request: Request): Promise<unknown>;
  /** Work in the request's transaction, undone when it fails, so that the script can go on in it. */
  part<T>(request: Request, work: () => Promise<T>): Promise<T>;
  sql(text: string, values: readonly unknown[], request: Request): Promise<readonly PlainRow[]>;
  fetch(request: unknown, signal: AbortSignal): Promise<unknown>;
  /** Null: there is none of that name. */
  secret(name: string): string | null;
}

/** Scripts around scripts: a write of a script runs those of what it writes, and so on. */
const MAX_DEPTH = 5;

/** Methods that change nothing. */
const READS = ['read', 'get', 'count'];

export class RunCalls {
  readonly #thrown = new Map<string, unknown>();
  #request: Request;
  #turns: Turns;
  /** While rows are written, nothing else is asked of the transaction. */
  #writing: Promise<unknown> | null = null;
  #carriedOut = new Set<Promise<unknown>>();
  #isOver = false;
  #repeatable = true;
  /** What `ctx.execute()` does; nothing is written around other runs. */
  execute: (call: ExecuteCall) => Promise<unknown> = () => Promise.reject(new Error('there is nothing to execute'));

  constructor(
    private readonly services: ScriptServices,
    request: Request,
    private readonly fetchesInTransaction: boolean,
  ) {
    this.#request = request;
    const { transaction, depth = 0 } = request;
    this.#turns = transaction ? turnsOf(transaction, depth) : new Turns();
  }

  /** Whether nothing came of them, so that the run can be begun anew. */
  get repeatable(): boolean {
    return this.#repeatable;
  }

  /** What a call threw, by the name that the script knows it by. */
  thrown(ref: string): unknown {
    return this.#thrown.get(ref);
  }

  toCallError(error: unknown, current?: unknown): CallError {
    const ref = String(this.#thrown.size + 1);
    this.#thrown.set(ref, error);
    const message = error instanceof Error ? error.message : String(error);
    if (!(error instanceof ServiceError)) return { ref, message, code: codeOf(error) };
    const { fields } = error;
    const row = current ?? error.current;
    return {
      ref,
      message,
      code: error.ownCode ?? error.code,
      ...(fields ? { fields } : {}),
      ...(row === undefined ? {} : { current: row }),
    };
  }

  /** Carries one out. */
  async call(op: string, args: unknown): Promise<unknown> {
    if (changes(op, args)) this.#repeatable = false;
    switch (op) {
      case 'table':
        return this.#inTurn(() => this.#table(args as TableCall));
      case 'sql': {
        const { text, values } = args as { readonly text: string; readonly values: readonly unknown[] };
        guardSql(text);
        return this.#inTurn(() =>
          this.services.part(this.#request, () => this.services.sql(text, values, this.#request)),
        );
      }
      case 'fetch':
        return this.#fetch(args);
      case 'execute':
        return this.#write(args as ExecuteCall);
      case 'secret': {
        const secret = this.services.secret(String(args));
        if (secret === null) throw new Error(`there is no secret ${String(args)}: set SECRET_${String(args)}`);
        return secret;
      }
      case 'committed':
        return this.#committed();
      default:
        throw new Error(`a script cannot ask for ${op}`);
    }
  }

  /** Nothing is carried out any more. Resolves when what is under way is over: its transaction may be ended then. */
  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.allSettled(this.#carriedOut);
  }

  /** Resolves once everything is kept; what is asked for then belongs to no operation. Rejects when it is undone. */
  async #committed(): Promise<true> {
    const { transaction, leftService: _, ...own } = this.#request;
    const isKept = !transaction || (await new Promise<boolean>((resolve) => transaction.onceEnded(resolve)));
    if (!isKept) throw new Error('it was undone');
    this.#request = own;
    this.#turns = new Turns();
    this.#isOver = false;
    return true;
  }

  /** What the script asked for before comes first, and what it asks for meanwhile comes later. */
  async #write(call: ExecuteCall): Promise<unknown> {
    await this.#turns.over();
    const writing = this.execute(call);
    this.#writing = writing.catch(() => undefined);
    try {
      return await writing;
    } finally {
      this.#writing = null;
    }
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    await this.#writing;
    const turn = this.#turns.take(() => (this.#isOver ? Promise.reject(new Error('the run is over')) : work()));
    this.#carriedOut.add(turn);
    return turn.finally(() => this.#carriedOut.delete(turn));
  }

  #table(call: TableCall): Promise<unknown> {
    const depth = (this.#request.depth ?? 0) + 1;
    if (depth > MAX_DEPTH) {
      throw new ServiceError(
        'SCRIPT_FAILED',
        `Scripts call each other more than ${MAX_DEPTH} deep: is there a circle?`,
      );
    }
    const carryOut = () => this.services.table(call, { ...this.#request, depth });
    return READS.includes(call.method) ? carryOut() : this.services.part(this.#request, carryOut);
  }

  #fetch(args: unknown): Promise<unknown> {
    const { transaction, leftService } = this.#request;
    if (transaction?.used && !this.fetchesInTransaction) {
      throw new Error(
        'ctx.fetch would keep a transaction waiting: fetch before the first use of tables, sql or execute, or in ctx.afterCommit, or export settings = { fetchInTransaction: true }',
      );
    }
    if (leftService) leftService.already = true;
    return this.services.fetch(args, transaction?.expired ?? new AbortController().signal);
  }
}

/** Whether something is other after a call than before, for the run or for anybody. */
function changes(op: string, args: unknown): boolean {
  return !(op === 'secret' || (op === 'table' && READS.includes((args as TableCall).method)));
}

function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' ? code : 'ERROR';
}
