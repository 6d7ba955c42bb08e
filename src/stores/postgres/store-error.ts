// What PostgreSQL refuses becomes our code and words. SQL text, names of constraints and the driver's messages stay in
// `cause`, for the log.

import { ServiceError } from '../../platform/errors.ts';
import { ColumnViolation } from '../../records/column-violation.ts';
import type { Model, TableModel } from '../../tables/model.ts';
import { brokenConstraint } from './broken-constraint.ts';
import { tooManyGroups } from './compile/group-limit.ts';

/** The fields of a driver error that are used; `code` is an SQLSTATE, or Node's name of a socket error. */
export interface DriverError extends Error {
  readonly code?: string;
  readonly constraint?: string;
  readonly column?: string;
  /** The table of the constraint. */
  readonly table?: string;
}

const SOCKET_ERRORS = [
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
];
/**
 * What a server says that ends the connection, having rolled back what ran on it: it is stopping, has crashed, is starting,
 * has dropped the database (class 57); the transaction idled for too long (25P03, 25P04); it has no connection left
 * (53300); it is a standby now, so that the primary is elsewhere (25006).
 */
const SERVER_GONE = ['57P01', '57P02', '57P03', '57P04', '57P05', '25P03', '25P04', '53300', '25006'];
/** The driver's words before a statement is sent. */
const NOT_SENT = /not queryable|when trying to connect|due to connection timeout|timeout expired|Cannot use a pool/i;
/** The driver's words for a statement that was sent and has no answer. */
const NOT_ANSWERED = /Connection terminated|Query read timeout/i;
const RETRY_AFTER = 1;

/** Whether the error is the connection's, so that the statement may succeed on another one. */
export function isConnectionLoss(error: unknown): boolean {
  const { code = '', message = '' } = (error ?? {}) as Partial<DriverError>;
  return (
    SOCKET_ERRORS.includes(code) ||
    SERVER_GONE.includes(code) ||
    code.startsWith('08') ||
    NOT_SENT.test(message) ||
    NOT_ANSWERED.test(message)
  );
}

/** Another transaction was in the way: a lock was not to be had in time, a deadlock, a conflict of snapshots. */
const BUSY = ['55P03', '40P01', '40001'];

/** Whether another transaction was in the way, so that the same may succeed when it has ended. */
export function isBusy(error: unknown): boolean {
  return BUSY.includes((error as Partial<DriverError> | null)?.code ?? '');
}

/** A deadlock or a conflict of snapshots: PostgreSQL chose one transaction to be undone, which may be done again at once. */
const LOST = ['40P01', '40001'];

/** Whether the transaction lost against another one. A lock that was not to be had in time is none: its wait was long already. */
export function isLost(error: unknown): boolean {
  return LOST.includes((error as Partial<DriverError> | null)?.code ?? '');
}

/** Whether the server let the whole time of a statement pass in silence: another try would take as long. */
export function isSilence(error: unknown): boolean {
  return error instanceof Error && error.message === 'Query read timeout';
}

/** The database cannot be reached: nothing was done. */
export function unavailable(cause: unknown): ServiceError {
  return new ServiceError('SERVICE_UNAVAILABLE', 'The database cannot be reached. Try again in a moment.', {
    retryAfter: RETRY_AFTER,
    cause,
  });
}

/** Whether a value was not one of its type: PostgreSQL says so for the whole statement. */
export function isUnfitValue(error: unknown): boolean {
  return ((error as Partial<DriverError> | null)?.code ?? '').startsWith('22');
}

/** What a statement was about. */
export interface StatementPlace {
  /** Of a write: the table that it is about, whose constraints become the client's own fields. */
  readonly table?: TableModel;
  /** All tables, for what a deletion meets in them. */
  readonly model?: Model;
  /** A connection that broke while the statement ran leaves its result unknown. */
  readonly write?: boolean;
  /** A number that is too large was computed. */
  readonly reading?: boolean;
}

/** The ServiceError for what a statement threw; what nobody foresaw stays as it is. */
export function toServiceError(error: unknown, at: StatementPlace = {}): unknown {
  if (error instanceof ServiceError) return error;
  if (isConnectionLoss(error)) {
    const { code = '', message } = error as DriverError;
    const undone = SERVER_GONE.includes(code) || NOT_SENT.test(message);
    if (!at.write || undone) return unavailable(error);
    // No time after which to try again: what repeats by itself would write twice.
    return new ServiceError(
      'UNKNOWN_RESULT',
      'The connection broke before the answer came: the write may or may not have happened. Read before you repeat it.',
      { cause: error },
    );
  }
  const { code = '' } = error as DriverError;
  switch (code) {
    case '23505':
    case '23503':
    case '23001':
    case '23502':
    case '23514':
      return brokenConstraint(error as DriverError, at);
    case '22P02':
      return tooManyGroups((error as DriverError).message, error) ?? error;
    case '22003':
      if (at.reading) {
        return new ServiceError(
          'BAD_USER_INPUT',
          'A sum or an average is too large for its type. Ask for it over fewer rows, with where or groupBy.',
          { cause: error },
        );
      }
      return new ColumnViolation('CONSTRAINT_VIOLATION', [], error, 'A number is too large for its column.');
    case '54000':
      return new ServiceError('BAD_USER_INPUT', 'A value is too long for the index of its column.', { cause: error });
    case '57014':
      return new ServiceError(
        'STATEMENT_TIMEOUT',
        'The operation took too long and was stopped. Ask for less at once.',
        { cause: error },
      );
    case '55P03':
    case '40P01':
    case '40001':
      return new ServiceError('SERVICE_UNAVAILABLE', 'The rows are busy. Try again.', {
        retryAfter: RETRY_AFTER,
        cause: error,
      });
    default:
      return error;
  }
}
