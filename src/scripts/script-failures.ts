// What a script failed with, in the words for its caller. The stack goes to the log; in development the author reads the place
// in the answer, too.

import { ERROR_STATUS, type ErrorCode, ServiceError } from '../platform/errors.ts';
import { ScriptFailure } from './host/script-failure.ts';
import type { CallError, FunctionFailure } from './script-input.ts';

export interface FailureWords {
  /** What the script belongs to: a table's name, or "startup". */
  readonly of: string;
  /** Stacks with the lines that the author wrote. */
  readonly mapStack: (stack: string) => string;
  /** Whether answers name the place. */
  readonly development: boolean;
  /** What a call of the script threw, by its name; undefined: none of that name. */
  readonly thrown: (ref: string) => unknown;
}

/** Codes that are the service's own to give. */
const OWN_CODES: readonly string[] = ['INTERNAL_SERVER_ERROR', 'SCRIPT_FAILED', 'SCRIPT_TIMEOUT', 'SCRIPT_REJECTED'];

/** The error for one function of a run. */
export function functionError(failure: FunctionFailure, words: FailureWords): unknown {
  switch (failure.kind) {
    case 'rejected':
      return rejection(failure.code, failure.message, failure.fields);
    case 'callError':
      return thrownOn(failure.ref, failure.message, failure.stack, words);
    case 'failed':
      return failed(failure.message, failure.stack, words);
  }
}

/** The error for a whole run. */
export function runError(error: unknown, words: FailureWords): unknown {
  if (!(error instanceof ScriptFailure)) return error;
  const { kind, message, details } = error;
  switch (kind) {
    case 'rejected':
      return rejection(details.code ?? 'SCRIPT_REJECTED', message, details.fields);
    case 'callError':
      return thrownOn(details.ref ?? '', message, details.stack ?? '', words);
    case 'timeout':
      return new ServiceError(
        'SCRIPT_TIMEOUT',
        `The script of ${words.of} took too long, and nothing of the operation was done.`,
        { cause: error, suspect: details.suspect === true },
      );
    case 'busy':
      return new ServiceError('SERVICE_UNAVAILABLE', 'Too many scripts are waiting to be run. Try again.', {
        retryAfter: 1,
        cause: error,
      });
    case 'cancelled':
      return new ServiceError('SERVICE_UNAVAILABLE', 'The script was given up.', { cause: error });
    default:
      return failed(message, details.stack ?? '', words, details.suspect);
  }
}

/** What a call threw is told as it was, if it is for clients at all. */
function thrownOn(ref: string, message: string, stack: string, words: FailureWords): unknown {
  const thrown = words.thrown(ref);
  return thrown instanceof ServiceError ? thrown : failed(message, stack, words);
}

function rejection(code: string, message: string, fields: CallError['fields']): ServiceError {
  const details = fields ? { fields } : {};
  const known = Object.hasOwn(ERROR_STATUS, code) && !OWN_CODES.includes(code);
  if (known) return new ServiceError(code as ErrorCode, message, details);
  return new ServiceError('SCRIPT_REJECTED', message, { ...details, ownCode: code });
}

function failed(
  message: string,
  stack: string,
  { of, mapStack, development }: FailureWords,
  suspect = false,
): ServiceError {
  const mapped = mapStack(stack);
  const cause = new Error(message);
  if (mapped !== '') cause.stack = mapped;
  const text = `The script of ${of} failed. The request id names it in the log.`;
  return new ServiceError('SCRIPT_FAILED', text, {
    cause,
    suspect,
    ...(development ? { script: placeOf(message, mapped) } : {}),
  });
}

/** The first line of a stack that is in a script. */
function placeOf(message: string, stack: string) {
  const [, file, line, column] = /(scripts\/[^\s():]+):(\d+):(\d+)/.exec(stack) ?? [];
  return { file: file ?? '', line: line ? Number(line) : null, column: column ? Number(column) : null, message };
}
