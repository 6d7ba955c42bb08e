// Which pages may call from a browser. No cookie is ever used, so that no credentials are allowed along.

import type { Exchange } from './exchange.ts';

const ALLOWED_HEADERS =
  'authorization, content-type, x-application-key, x-master-key, x-no-script, x-request-id, apollo-require-preflight, idempotency-key';
const EXPOSED_HEADERS = 'x-request-id, retry-after';
const PREFLIGHT_SECONDS = '86400';

/** Sets the headers for an allowed origin; answers a preflight, and then returns true. */
export function applyCors({ request, response }: Exchange, allows: (origin: string) => boolean): boolean {
  response.setHeader('vary', 'Origin');
  const { origin } = request.headers;
  const allowed = origin !== undefined && allows(origin);
  if (allowed) {
    response.setHeader('access-control-allow-origin', origin);
    response.setHeader('access-control-expose-headers', EXPOSED_HEADERS);
  }
  if (request.method !== 'OPTIONS') return false;
  if (allowed) {
    response.setHeader('access-control-allow-methods', 'GET, POST, OPTIONS');
    response.setHeader('access-control-allow-headers', ALLOWED_HEADERS);
    response.setHeader('access-control-max-age', PREFLIGHT_SECONDS);
  }
  response.writeHead(204, { allow: 'GET, POST, OPTIONS' }).end();
  return true;
}
