// The HTTP server: request ids, routes, errors, and an end that lets running requests finish.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { messageOf, ServiceError } from '../../platform/errors.ts';
import { newRequestId } from '../../platform/ids.ts';
import type { Logger } from '../../platform/log.ts';
import type { Metrics } from '../../platform/metrics.ts';
import { logFailure, MASKED } from '../format-error.ts';
import { closeHttpServer } from './close-http-server.ts';
import { type Exchange, sendError } from './exchange.ts';

/** A route: the name that metrics know it by, which requests it takes, and how it answers. The first that takes, answers. */
export interface Route {
  readonly name: string;
  readonly takes: (exchange: Exchange) => boolean;
  readonly answer: (exchange: Exchange) => Promise<void>;
}

export interface HttpServerOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Milliseconds in which a request has to arrive. */
  readonly requestTimeout: number;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly routes: readonly Route[];
  readonly isDraining: () => boolean;
}

export interface HttpServer {
  readonly url: string;
  readonly server: Server;
  /** Takes no new connections, lets running requests finish within `deadline` milliseconds, then cuts the rest. */
  close(deadline: number): Promise<void>;
}

const HEADERS_TIMEOUT = 10_000;
/** Milliseconds between looks at who is over a timeout. */
const CHECK_EVERY = 5_000;
const KEEP_ALIVE = 65_000;
const MAX_HEADER_BYTES = 16_384;
/** A request id from outside, if it cannot hurt a log. */
const REQUEST_ID = /^[\w.:-]{1,128}$/;
/** What stands before the path when a request comes as it was sent to a proxy. */
const ORIGIN = /^https?:\/\/[^/?#]*/i;

/** Listens. Rejects with an Error that says what is in the way. */
export async function openHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const server = createServer(
    { maxHeaderSize: MAX_HEADER_BYTES, connectionsCheckingInterval: Math.min(CHECK_EVERY, options.requestTimeout) },
    (request, response) => void answer(request, response, options),
  );
  server.requestTimeout = options.requestTimeout;
  server.headersTimeout = Math.min(HEADERS_TIMEOUT, options.requestTimeout);
  server.keepAliveTimeout = KEEP_ALIVE;
  const close = closeHttpServer(server, options.log);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, options)));
    server.listen(options.port, options.host, resolve);
  });
  server.on('error', (error) => options.log.error({ error: messageOf(error) }, 'HTTP server'));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : options.port;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return { url: `http://${host}:${port}`, server, close };
}

async function answer(request: IncomingMessage, response: ServerResponse, options: HttpServerOptions): Promise<void> {
  const started = performance.now();
  const target = (request.url ?? '/').replace(ORIGIN, '') || '/';
  const query = target.indexOf('?');
  const path = query < 0 ? target : target.slice(0, query);
  const given = request.headers['x-request-id'];
  const requestId = typeof given === 'string' && REQUEST_ID.test(given) ? given : newRequestId();
  const exchange: Exchange = { request, response, path, search: query < 0 ? '' : target.slice(query), requestId };
  const route = options.routes.find((candidate) => candidate.takes(exchange));
  response.setHeader('x-request-id', requestId);
  response.setHeader('x-content-type-options', 'nosniff');
  if (options.isDraining()) response.setHeader('connection', 'close');
  response.once('close', () => {
    const seconds = (performance.now() - started) / 1_000;
    options.metrics.request(route?.name ?? 'none', response.statusCode, seconds);
    options.log.debug({ requestId, route: route?.name, status: response.statusCode, seconds }, 'request');
  });
  try {
    if (!route) throw new ServiceError('NOT_FOUND', `There is nothing at ${path.slice(0, 200)}.`);
    await route.answer(exchange);
  } catch (error) {
    const failure = toAnswer(error, requestId, options.log);
    if (response.headersSent || response.destroyed) response.destroy();
    else sendError(exchange, failure);
  }
}

function toAnswer(error: unknown, requestId: string, log: Logger): ServiceError {
  // A client that went away while its body was read.
  if ((error as NodeJS.ErrnoException).code === 'ECONNRESET')
    return new ServiceError('BAD_REQUEST', 'The request was cut off.');
  logFailure(log, error, { requestId });
  return error instanceof ServiceError ? error : new ServiceError('INTERNAL_SERVER_ERROR', MASKED);
}

function listenError(error: NodeJS.ErrnoException, { host, port }: HttpServerOptions): Error {
  const reasons: Record<string, string> = {
    EADDRINUSE: `Port ${port} on ${host} is taken. Stop what listens there, or set PORT (0 for any free one).`,
    EACCES: `Port ${port} may not be opened by this user. Choose one above 1023 with PORT.`,
    EADDRNOTAVAIL: `${host} is no address of this machine. Set HOST to 127.0.0.1, or to 0.0.0.0 for all of them.`,
    ENOTFOUND: `HOST ${host} is no name that resolves.`,
  };
  return new Error(reasons[error.code ?? ''] ?? error.message, { cause: error });
}
