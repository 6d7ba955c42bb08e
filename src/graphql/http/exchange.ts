// One HTTP request and its answer, as the routes see them.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { ERROR_STATUS, type ServiceError } from '../../platform/errors.ts';
import { extensionsOf } from '../format-error.ts';

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  /** With its `?`, or empty. */
  readonly search: string;
  readonly requestId: string;
}

/** Ends the answer with JSON text. */
export function sendJson(
  { response }: Exchange,
  status: number,
  body: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
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
  const headers: Record<string, string> = {};
  if (error.retryAfter !== undefined) headers['retry-after'] = String(error.retryAfter);
  if (error.code === 'UNAUTHENTICATED') headers['www-authenticate'] = 'Bearer';
  // What is left of a body that was not wanted would be read as the next request.
  if (!exchange.request.complete) headers['connection'] = 'close';
  sendJson(exchange, ERROR_STATUS[error.code], body, headers);
}
