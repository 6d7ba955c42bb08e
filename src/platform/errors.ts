// The one error vocabulary. Rooms throw ServiceError and nothing else for what a caller can cause or must know;
// programmer errors stay plain Error. `graphql/format-error.ts` is the only translation to the wire.

/** Every code a caller can meet, and the HTTP status it has when it fails a whole request. */
export const ERROR_STATUS = {
  BAD_REQUEST: 400,
  BAD_USER_INPUT: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  CONSTRAINT_VIOLATION: 422,
  QUERY_TOO_COMPLEX: 400,
  PAYLOAD_TOO_LARGE: 413,
  REQUEST_TIMEOUT: 408,
  RATE_LIMITED: 429,
  STATEMENT_TIMEOUT: 503,
  SERVICE_UNAVAILABLE: 503,
  UNKNOWN_RESULT: 503,
  INTERNAL_SERVER_ERROR: 500,
  /** A script of the app refused; the wire has the code that it gave, where it gave one of its own. */
  SCRIPT_REJECTED: 422,
  SCRIPT_FAILED: 500,
  SCRIPT_TIMEOUT: 503,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

/** One thing wrong with one field of the caller's input. `path` is the client's own, e.g. `['data', 'text']`. */
export interface FieldProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** A limit that a request went over: its name, what is allowed, what was asked, and the first place that is too much. */
export interface ExceededLimit {
  readonly name: string;
  readonly max: number;
  readonly value: number;
  readonly path: readonly string[];
}

export interface ServiceErrorDetails {
  /** The wrong fields, all of them at once. */
  readonly fields?: readonly FieldProblem[];
  readonly limit?: ExceededLimit;
  /** With CONFLICT: the row as it is now, as far as the caller may see it. */
  readonly current?: unknown;
  /** Seconds after which trying again makes sense; becomes `Retry-After`. */
  readonly retryAfter?: number;
  /** With SCRIPT_REJECTED: the code that the script gave. */
  readonly ownCode?: string;
  /** Where a script failed, and how, for its author: set in development only. */
  readonly script?: ScriptPlace;
  /** Something broke that others were using as well: the operation may be done once more, from its start and apart from them. */
  readonly suspect?: boolean;
  /** What really happened. Logged, never sent. */
  readonly cause?: unknown;
}

/** A place in the app's scripts. Lines and columns begin at 1. */
export interface ScriptPlace {
  readonly file: string;
  readonly line: number | null;
  readonly column: number | null;
  readonly message: string;
}

/** An error whose code and message are meant for the caller. The message says what to do. */
export class ServiceError extends Error {
  readonly code: ErrorCode;
  readonly fields: readonly FieldProblem[] | undefined;
  readonly limit: ExceededLimit | undefined;
  readonly current: unknown;
  readonly retryAfter: number | undefined;
  readonly ownCode: string | undefined;
  readonly script: ScriptPlace | undefined;
  readonly suspect: boolean;

  constructor(code: ErrorCode, message: string, details: ServiceErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'ServiceError';
    this.code = code;
    this.fields = details.fields;
    this.limit = details.limit;
    this.current = details.current;
    this.retryAfter = details.retryAfter;
    this.ownCode = details.ownCode;
    this.script = details.script;
    this.suspect = details.suspect === true;
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Closes an exhaustive switch: compiles only when every case was handled. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
