// Why a run of a script did not answer.

import type { CallError } from '../script-input.ts';

export type ScriptFailureKind =
  /** It said so itself: `details` has its code and fields. */
  | 'rejected'
  /** It threw on what a call of its own threw: `details.ref` names it. */
  | 'callError'
  /** It threw, or answered what cannot be answered. */
  | 'failed'
  /** It was not done in time, or kept its host from answering. */
  | 'timeout'
  /** Its host ended: memory, a crash, a flood. */
  | 'died'
  /** There is no such module, or it did not load. */
  | 'unloaded'
  /** Too many wait for a host. */
  | 'busy'
  /** Its signal was aborted, or the hosts were closed. */
  | 'cancelled';

export interface ScriptFailureDetails {
  /** The script's own: places are `script:<module>:LINE:COLUMN`. */
  readonly stack?: string;
  readonly code?: string;
  readonly fields?: CallError['fields'];
  /** Of the classic form: the status that it answered. */
  readonly status?: number;
  readonly ref?: string;
  /** Its host ended, and others were in it: the run need not be what ended it. */
  readonly suspect?: boolean;
}

export class ScriptFailure extends Error {
  constructor(
    readonly kind: ScriptFailureKind,
    message: string,
    readonly details: ScriptFailureDetails = {},
  ) {
    super(message);
    this.name = 'ScriptFailure';
  }
}
