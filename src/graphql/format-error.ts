// The one translation of errors to the wire. What we meant goes out with its code and words; everything else is masked,
// logged once, and tied to its log line by the request id.

import { type ASTNode, GraphQLError } from 'graphql';
import { ERROR_STATUS, ServiceError } from '../platform/errors.ts';
import type { Logger } from '../platform/log.ts';

export interface ErrorPlace {
  readonly requestId: string;
  readonly path?: readonly (string | number)[];
  readonly nodes?: readonly ASTNode[];
}

export type ErrorFormatter = (error: unknown, place: ErrorPlace) => GraphQLError;

/** The words for what is not meant for callers. */
export const MASKED = 'Something went wrong here. The request id names it in the log.';

/** Makes the translation, logging to `log` what it masks and what the database could not do. */
export function errorFormatter(log: Logger): ErrorFormatter {
  return (error, { requestId, path, nodes }) => {
    if (error instanceof GraphQLError) return error;
    logFailure(log, error, { requestId, path });
    const options = { nodes: nodes ?? null, path: path ?? null };
    if (!(error instanceof ServiceError))
      return new GraphQLError(MASKED, { ...options, extensions: { code: 'INTERNAL_SERVER_ERROR', requestId } });
    return new GraphQLError(error.message, {
      ...options,
      originalError: error,
      extensions: extensionsOf(error, requestId),
    });
  };
}

/** Logs what is not the caller's doing: an error that nobody foresaw, or a store that did not answer. Once for each error. */
export function logFailure(
  log: Logger,
  error: unknown,
  place: { readonly requestId: string; readonly path?: readonly (string | number)[] | undefined },
): void {
  if (!(error instanceof ServiceError)) {
    log.error({ ...place, error: stackOf(error) }, 'unexpected error');
  } else if (ERROR_STATUS[error.code] >= 500) {
    log.warn({ ...place, code: error.code, error: stackOf(error.cause ?? error) }, 'the request could not be served');
  }
}

/** The extensions of an error that a caller sees. */
export function extensionsOf(error: ServiceError, requestId: string): Record<string, unknown> {
  const { code, ownCode, fields, limit, current, retryAfter, script } = error;
  return {
    code: ownCode ?? code,
    ...(fields ? { fields } : {}),
    ...(limit ? { limit } : {}),
    ...(current === undefined ? {} : { current }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
    ...(script ? { script } : {}),
    requestId,
  };
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
