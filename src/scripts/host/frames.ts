// What a host and the service say to each other: one JSON text a line, on the host's standard input and output.

import type { CallError } from '../script-input.ts';
import type { RuntimeLimits } from './host-limits.ts';
import type { ScriptFailureDetails } from './script-failure.ts';
import type { LoadableModule, LoadedModule, LogLineLevel } from './script-hosts.ts';

export type FrameToHost =
  /** The first one. The modules are loaded in this order. */
  | { readonly t: 'load'; readonly limits: RuntimeLimits; readonly modules: readonly LoadableModule[] }
  | { readonly t: 'run'; readonly id: number; readonly module: string; readonly fn: string; readonly input: unknown }
  | { readonly t: 'reply'; readonly id: number; readonly call: number; readonly value: unknown }
  | { readonly t: 'refusal'; readonly id: number; readonly call: number; readonly error: CallError }
  /** Nothing more is wanted of the run. */
  | { readonly t: 'cancel'; readonly id: number }
  | { readonly t: 'ping' };

export type FrameToService =
  /** The first one: the runtime is there. */
  | { readonly t: 'ready' }
  /** What is being loaded, so that it is known should the host end over it. */
  | { readonly t: 'loading'; readonly name: string }
  | { readonly t: 'loaded'; readonly modules: readonly LoadedModule[] }
  | { readonly t: 'call'; readonly id: number; readonly call: number; readonly op: string; readonly args: unknown }
  /** `id` null: of no run, such as while a module is loaded. */
  | { readonly t: 'log'; readonly id: number | null; readonly level: LogLineLevel; readonly message: string }
  /** `lingers`: functions wait for the commit, so that the run goes on until `over`. */
  | { readonly t: 'done'; readonly id: number; readonly result: unknown; readonly lingers?: true }
  | ({ readonly t: 'failed'; readonly id: number } & RunFailure)
  | { readonly t: 'over'; readonly id: number }
  | { readonly t: 'pong' };

export interface RunFailure {
  readonly kind: 'rejected' | 'callError' | 'failed';
  readonly message: string;
  readonly details: ScriptFailureDetails;
}
