// What is thrown in scripts by what we give them, and what becomes of anything that a script throws.

import type { RunFailure } from '../host/frames.ts';
import type { CallError, FunctionFailure } from '../script-input.ts';
import { messageOf, stackOf } from './places.ts';

/** What the service threw, as the script catches it. */
export class ServiceCallError extends Error {
  readonly code: string;
  readonly fields: CallError['fields'];
  readonly current: unknown;
  readonly #ref: string;

  /** The stack is that of `caller`; left out: there is none that would tell anything. */
  constructor({ message, code, fields, current, ref }: CallError, caller?: Error) {
    super(message);
    if (caller?.stack) this.stack = caller.stack.replace(/^.*/, () => `ServiceError: ${message}`);
    this.name = 'ServiceError';
    this.code = code;
    this.fields = fields;
    this.current = current;
    this.#ref = ref;
  }

  /** The name by which the service knows what it threw; null for any other error. */
  static refOf(error: unknown): string | null {
    return error instanceof Error && #ref in error ? error.#ref : null;
  }
}

/** What a script throws to refuse, with its own words. */
export class Rejection extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly fields?: CallError['fields'],
    /** Of the classic form. */
    readonly status?: number,
  ) {
    super(message);
    this.name = 'Rejection';
  }
}

/** One function of several, for the service. */
export function functionFailure(error: unknown): FunctionFailure {
  if (error instanceof Rejection) {
    const { code, message, fields, status } = error;
    return { kind: 'rejected', code, message, ...(fields ? { fields } : {}), ...(status ? { status } : {}) };
  }
  const ref = ServiceCallError.refOf(error);
  const told = { message: messageOf(error), stack: stackOf(error) };
  return ref === null ? { kind: 'failed', ...told } : { kind: 'callError', ref, ...told };
}

/** A whole run, for the service. */
export function runFailure(error: unknown): RunFailure {
  const { kind, message, ...details } = functionFailure(error);
  return { kind, message, details };
}
