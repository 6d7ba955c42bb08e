// What the service measures of itself, in Prometheus' text form.

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** A number that is read when it is asked for. */
export interface GaugeSource {
  readonly name: string;
  readonly help: string;
  readonly read: () => number;
}

/** What ran a GraphQL request: `fast` without Apollo Server, whoever wrote the answer. */
export type Lane = 'fast' | 'apollo';

export interface Metrics {
  /** Records one HTTP request: the route as it is named in the code, never a client's path. */
  request(route: string, status: number, seconds: number): void;
  /** Counts one GraphQL request that HTTP and authentication let pass. */
  graphqlRequest(lane: Lane): void;
  /** Counts one WebSocket that was closed, by its code as the service names it. */
  socketClosed(code: string): void;
  gauge(source: GaugeSource): void;
  /** The text of `/metrics`, and its content type. */
  text(): Promise<{ readonly contentType: string; readonly body: string }>;
}

/** Upper bounds, in seconds. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Metrics of one service; nothing is shared between services of one process. */
export function openMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const labelNames = ['route', 'status'] as const;
  const requests = new Counter({
    name: 'tablecast_http_requests_total',
    help: 'HTTP requests answered.',
    labelNames,
    registers: [registry],
  });
  const seconds = new Histogram({
    name: 'tablecast_http_request_seconds',
    help: 'Time from a request to the end of its answer.',
    labelNames: ['route'],
    buckets: BUCKETS,
    registers: [registry],
  });
  const lanes = new Counter({
    name: 'tablecast_graphql_requests_total',
    help: 'GraphQL requests by what ran them: the fast lane, or Apollo Server.',
    labelNames: ['lane'],
    registers: [registry],
  });
  const closed = new Counter({
    name: 'tablecast_sockets_closed_total',
    help: 'WebSockets closed, by the code that told why.',
    labelNames: ['code'],
    registers: [registry],
  });
  return {
    socketClosed: (code) => closed.inc({ code }),
    graphqlRequest: (lane) => lanes.inc({ lane }),
    request(route, status, duration) {
      requests.inc({ route, status: String(status) });
      seconds.observe({ route }, duration);
    },
    gauge({ name, help, read }) {
      new Gauge({
        name,
        help,
        registers: [registry],
        collect() {
          this.set(read());
        },
      });
    },
    text: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  };
}
