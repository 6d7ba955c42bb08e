// The statuses that classic scripts answer with, by the names that they had, and the codes that clients are told instead.

import { Rejection } from '../errors.ts';

export const statusCodes = Object.freeze({
  OK: 200,
  CREATED: 201,
  ACCEPTED: 202,
  NO_CONTENT: 204,
  MOVED_PERMANENTLY: 301,
  /** As it was spelled. */
  MOVED_PERMANANTLY: 301,
  FOUND: 302,
  NOT_MODIFIED: 304,
  BAD_REQUEST: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  CONFLICT: 409,
  GONE: 410,
  PRECONDITION_FAILED: 412,
  REQUEST_ENTITY_TOO_LARGE: 413,
  INTERNAL_SERVER_ERROR: 500,
  BAD_GATEWAY: 502,
  SERVICE_UNAVAILABLE: 503,
});

const CODES: Readonly<Record<number, string>> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  412: 'CONFLICT',
};

/** What a script said that answers with a status of failure. */
export function rejectionOf(status: number, body: unknown): Rejection {
  const said = typeof body === 'object' && body !== null ? Reflect.get(body, 'message') : body;
  const message = said === undefined || said === null ? `The script answered with status ${status}.` : String(said);
  return new Rejection(CODES[status] ?? 'SCRIPT_FAILED', message, undefined, status);
}
