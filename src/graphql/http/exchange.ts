// One HTTP request and its answer, as the routes see them.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { ERROR_STATUS, ServiceError } from '../../platform/errors.ts';
import { extensionsOf } from '../format-error.ts';
import { answerTypeFor, JSON_TYPE } from './media-types.ts';

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  /** With its `?`, or empty. */
  readonly search: string;
  readonly requestId: string;
}

/** A request that HTTP has a status of its own for: 405, 406, 415. Its code is that of every request in a wrong form. */
export class HttpRefusal extends ServiceError {
  constructor(
    readonly status: number,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super('BAD_REQUEST', message);
    this.name = 'HttpRefusal';
  }
}

/** The headers that come with an error, whichever way it is answered. */
export function errorHeaders({ code, retryAfter }: Pick<ServiceError, 'code' | 'retryAfter'>): Record<string, string> {
  return {
    ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
    ...(code === 'UNAUTHENTICATED' ? { 'www-authenticate': 'Bearer' } : {}),
  };
}

/** Ends the answer with JSON text. */
export function sendJson(
  { response }: Exchange,
  status: number,
  body: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, {
    'content-type': `${JSON_TYPE}; charset=utf-8`,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(body);
}

/** Ends the answer with a failure, in the form of a GraphQL result, which GraphQL clients understand. */
export function sendError(exchange: Exchange, error: ServiceError): void {
  const body = JSON.stringify({
    errors: [{ message: error.message, extensions: extensionsOf(error, exchange.requestId) }],
  });
  const type = answerTypeFor(exchange.request.headers.accept) ?? JSON_TYPE;
  const refusal = error instanceof HttpRefusal ? error : null;
  sendJson(exchange, refusal?.status ?? ERROR_STATUS[error.code], body, {
    'content-type': `${type}; charset=utf-8`,
    ...errorHeaders(error),
    ...refusal?.headers,
  });
}
