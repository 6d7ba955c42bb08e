// What a person is told when the embedded PostgreSQL cannot serve. Its message always has two parts: the real reason,
// in the server's own words where it gave some, and what to do.

/** The embedded PostgreSQL cannot be had. `retry` says that the same attempt may succeed a moment later. */
export class EmbeddedPostgresError extends Error {
  readonly retry: boolean;

  constructor(message: string, details: { retry?: boolean; cause?: unknown } = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'EmbeddedPostgresError';
    this.retry = details.retry ?? false;
  }
}

/** The way out that is always open. */
export const OR_USE_A_SERVER = 'or set DATABASE_URL to a PostgreSQL server of your own';

/** The `code` of a system or PostgreSQL error: ENOENT, ECONNREFUSED, 57P03 ... */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
