// `/healthz`: the process answers. `/readyz`: it can do its work. `/metrics`: what it measured.

import type { Authenticator } from '../../auth/caller-from-credentials.ts';
import { credentialsFromHeaders } from '../../auth/credentials.ts';
import type { Clock } from '../../platform/clock.ts';
import { ServiceError } from '../../platform/errors.ts';
import type { Metrics } from '../../platform/metrics.ts';
import { type Exchange, sendJson } from './exchange.ts';

/** Milliseconds that an answer of the database is believed, so that probes cannot become load. */
const READY_FOR = 1_000;

export async function healthRoute(exchange: Exchange): Promise<void> {
  sendJson(exchange, 200, '{"status":"ok"}');
}

/** 200 while `probe` succeeds and nothing is draining; else 503. */
export function readyRoute(options: {
  readonly probe: () => Promise<void>;
  readonly isDraining: () => boolean;
  readonly clock: Clock;
}) {
  let probed = { at: -Infinity, ready: Promise.resolve(false) };
  return async (exchange: Exchange): Promise<void> => {
    const now = options.clock();
    if (now - probed.at >= READY_FOR) {
      const ready = options.probe().then(
        () => true,
        () => false,
      );
      probed = { at: now, ready };
    }
    if (options.isDraining()) sendJson(exchange, 503, '{"status":"draining"}');
    else if (await probed.ready) sendJson(exchange, 200, '{"status":"ready"}');
    else sendJson(exchange, 503, '{"status":"database unreachable"}', { 'retry-after': '1' });
  };
}

/** Open in development; elsewhere the master key is asked for. */
export function metricsRoute(options: {
  readonly metrics: Metrics;
  readonly authenticator: Authenticator;
  readonly open: boolean;
}) {
  return async (exchange: Exchange): Promise<void> => {
    if (!options.open) {
      const caller = await options.authenticator.callerFrom(credentialsFromHeaders(exchange.request.headersDistinct));
      if (caller.kind !== 'admin')
        throw new ServiceError('UNAUTHENTICATED', 'Metrics need the master key in X-Master-Key.');
    }
    const { contentType, body } = await options.metrics.text();
    sendJson(exchange, 200, body, { 'content-type': contentType });
  };
}
