// What the service asks of script hosts. Everything about processes, frames and limits is behind this.

import type { CallError } from '../script-input.ts';

/** Runs the functions of an app's scripts, in processes that may do nothing but compute. */
export interface ScriptHosts {
  /**
   * Loads the scripts of an app into hosts of their own, and lets them take the runs from then on; the hosts of the scripts
   * before finish what they have, for a bounded time, and are closed. Never rejects: what did not load is in the report.
   */
  load(app: LoadableApp): Promise<LoadReport>;
  /** Runs one exported function. Rejects with a ScriptFailure. */
  run(run: ScriptRun): Promise<unknown>;
  /** Ends every host, whatever it does. Runs in flight reject. */
  close(): Promise<void>;
}

export interface LoadableApp {
  /** Equal for equal scripts. */
  readonly app: string;
  readonly modules: readonly LoadableModule[];
}

export interface LoadableModule {
  /** 'tables/todo-item'. */
  readonly name: string;
  readonly form: 'modern' | 'classic';
  /** One ES module, complete but for the granted modules of Node. */
  readonly code: string;
  /** For a debugger; its sources are relative to the folder of scripts. */
  readonly sourceMap?: string;
}

export interface LoadReport {
  /** In the order in which the modules were given. */
  readonly modules: readonly LoadedModule[];
}

export interface LoadedModule {
  readonly name: string;
  /** What the module exports as `settings`, as JSON; null without. */
  readonly settings: unknown;
  readonly failure: LoadFailure | null;
}

/** Why a module is not there to be run. Places in the stack are `script:<module>:LINE:COLUMN`. */
export interface LoadFailure {
  readonly message: string;
  readonly stack: string;
}

/** One run of one exported function. */
export interface ScriptRun {
  readonly module: string;
  readonly fn: string;
  /** JSON, a ScriptInput: what the function is given is made of it. */
  readonly input: unknown;
  /** Answers what the script asks of the service. What it rejects with is thrown to the script, as `toCallError` makes it. */
  readonly call: (op: string, args: unknown) => Promise<unknown>;
  readonly toCallError: (error: unknown) => CallError;
  readonly log: (line: ScriptLogLine) => void;
  /** Aborted: nobody waits for it any more. It rejects at once. */
  readonly signal?: AbortSignal;
  /** Milliseconds of wall clock; what it does after the commit has as many again. */
  readonly timeout: number;
  /** Whether it may be begun anew, as nothing of it has left the service. Asked when its host died. */
  readonly repeatable: () => boolean;
  /** What it is a part of: runs of one operation may wait for each other. */
  readonly operation?: object;
  /** Something of the operation was in a host that died: it is run where nothing else can come to harm, until it is `over`. */
  readonly apart?: { readonly over: Promise<void> };
}

export interface ScriptLogLine {
  readonly level: LogLineLevel;
  /** Formatted, and bounded. */
  readonly message: string;
}

export type LogLineLevel = 'debug' | 'info' | 'warn' | 'error';
