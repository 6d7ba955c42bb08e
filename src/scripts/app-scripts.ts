// The scripts of an app, as records and the faces use them: which tables have which, and running them for a request.

import type { Caller } from '../access/caller.ts';
import { type ScriptPlace, ServiceError } from '../platform/errors.ts';
import type { Logger } from '../platform/log.ts';
import type { PlainRow, RowScripts, RunningScripts, WriteItem, WriteOperation } from '../records/row-scripts.ts';
import type { StoreTransaction } from '../records/store-transaction.ts';
import type { Request } from '../records/value-source.ts';
import type { TableModel, TableScripts } from '../tables/model.ts';
import { AroundRun } from './around-run.ts';
import type { ScriptHosts } from './host/script-hosts.ts';
import { RunCalls, type ScriptServices } from './run-calls.ts';
import { type FailureWords, functionError, runError } from './script-failures.ts';
import type { FilterResult, ReadResult, ScriptInput, ScriptRequest, WriteResult } from './script-input.ts';
import { loadScriptSet, type ScriptSet, type ScriptSource, type TableScript } from './script-set.ts';

/** Milliseconds that one run may take, unless the script's settings say less. */
const RUN_TIMEOUT = 10_000;
const STARTUP_TIMEOUT = 5_000;

export interface AppScriptsOptions {
  readonly hosts: ScriptHosts;
  readonly services: ScriptServices;
  readonly log: Logger;
  readonly development: boolean;
  /** What `ctx.settings` has. */
  readonly settings: Readonly<Record<string, string>>;
}

export interface PreparedScripts {
  /** What they do, by the names of tables. */
  readonly tables: ReadonlyMap<string, TableScripts>;
  /** What keeps some of them from being run. */
  readonly problems: readonly ScriptPlace[];
  use(): void;
}

export class AppScripts implements RowScripts {
  #set: ScriptSet = { tables: new Map(), startup: null, problems: [], mapStack: (stack) => stack };

  constructor(private readonly options: AppScriptsOptions) {}

  /** Loads scripts, beside those that are run. Nothing has happened until `use` is called: they are run from then on. */
  async prepare(source: ScriptSource): Promise<PreparedScripts> {
    const set = await loadScriptSet(this.options.hosts, source);
    return {
      tables: new Map([...set.tables].map(([name, { does }]) => [name, does])),
      problems: set.problems,
      use: () => {
        this.#set = set;
      },
    };
  }

  /** Runs `startup`, if there is one. Rejects with why it failed. */
  async start(request: Request): Promise<void> {
    const { startup } = this.#set;
    if (startup) await this.#run(startup, 'default', { kind: 'startup', ...this.#about(request) }, request);
  }

  /** What the filter of a table leaves to a request, in the words of `where`; true: every row. Throws ServiceError. */
  async filter(table: string, request: Request): Promise<PlainRow | boolean> {
    const script = this.#scriptOf(table);
    const input: ScriptInput = { kind: 'filter', table, ...this.#about(request) };
    const { where } = (await this.#run(script, 'filter', input, request)) as FilterResult;
    return where ?? true;
  }

  async read(
    { name }: TableModel,
    rows: readonly PlainRow[],
    request: Request,
  ): Promise<ReadonlyMap<string, PlainRow>> {
    const script = this.#scriptOf(name);
    const input: ScriptInput = { kind: 'read', table: name, rows, ...this.#about(request) };
    const result = (await this.#run(script, 'read', input, request)) as ReadResult;
    return new Map(result.rows.map((row) => [String(row['id']), row]));
  }

  async around(
    { name }: TableModel,
    operation: WriteOperation,
    items: readonly WriteItem[],
    { batch }: { readonly batch: boolean },
    request: Request,
  ): Promise<RunningScripts> {
    const script = this.#scriptOf(name);
    const functions = script.functions.get(operation);
    if (!functions) throw new Error(`no script for ${operation} of ${name}`);
    const fn = batch ? functions.many : functions.one;
    const input: ScriptInput = { kind: 'write', table: name, operation, batch, items, ...this.#about(request) };
    const giveUp = new AbortController();
    const calls = this.#calls(script, request);
    const words = this.#words(script, calls);
    const around = new AroundRun(
      items.length,
      calls,
      (failure) => functionError(failure, words),
      () => giveUp.abort(),
    );
    calls.execute = (call) => around.execute(call);
    this.#run(script, fn, input, request, calls, giveUp.signal).then(
      (result) => around.ended(result as WriteResult),
      (error) => around.failed(error),
    );
    return around.begin();
  }

  /** Throws SCRIPT_FAILED for a table whose script cannot run: it is never served without. */
  #scriptOf(table: string): TableScript {
    const script = this.#set.tables.get(table);
    if (!script) throw new Error(`no script for ${table}`);
    if (script.broken === null) return script;
    const text = `The script of ${table} cannot run, so that ${table} is not served: ${this.options.development ? script.broken.message : 'see the log.'}`;
    throw new ServiceError('SCRIPT_FAILED', text, {
      cause: new Error(script.broken.message),
      ...(this.options.development ? { script: script.broken } : {}),
    });
  }

  #calls({ settings }: TableScript, request: Request): RunCalls {
    return new RunCalls(this.options.services, request, settings.fetchInTransaction);
  }

  #words(script: TableScript, calls: RunCalls): FailureWords {
    return {
      of: script.table ?? script.module,
      mapStack: this.#set.mapStack,
      development: this.options.development,
      thrown: (ref) => calls.thrown(ref),
    };
  }

  async #run(
    script: TableScript,
    fn: string,
    input: ScriptInput,
    request: Request,
    calls = this.#calls(script, request),
    giveUp?: AbortSignal,
  ): Promise<unknown> {
    const { hosts, log } = this.options;
    const { transaction } = request;
    const expired = transaction?.expired;
    const signals = [giveUp, expired].filter((signal) => signal !== undefined);
    try {
      return await hosts.run({
        module: script.module,
        fn,
        input,
        call: (op, args) => calls.call(op, args),
        toCallError: (error) => calls.toCallError(error),
        log: ({ level, message }) => log[level]({ requestId: request.requestId, script: script.module, fn }, message),
        timeout:
          input.kind === 'startup' ? STARTUP_TIMEOUT : Math.min(RUN_TIMEOUT, script.settings.timeout ?? RUN_TIMEOUT),
        repeatable: () => calls.repeatable,
        ...(transaction ? { operation: transaction } : {}),
        ...(transaction?.apart ? { apart: { over: endOf(transaction) } } : {}),
        ...(signals.length > 0 ? { signal: AbortSignal.any(signals) } : {}),
      });
    } catch (error) {
      if (expired?.aborted) throw expired.reason;
      throw runError(error, this.#words(script, calls));
    } finally {
      await calls.end();
    }
  }

  #about({ caller, requestId, forScripts, depth = 0 }: Request): ScriptRequest {
    return {
      requestId,
      user: caller.user,
      caller: callerWord(caller),
      params: forScripts?.params ?? {},
      headers: forScripts?.headers ?? {},
      settings: this.options.settings,
      depth,
    };
  }
}

const endOf = (transaction: StoreTransaction) => new Promise<void>((resolve) => transaction.onceEnded(() => resolve()));

function callerWord(caller: Caller): ScriptRequest['caller'] {
  if (caller.kind === 'admin') return caller.scripts === 'writes' ? 'service' : 'admin';
  if (caller.user) return 'user';
  return caller.application ? 'application' : 'public';
}
