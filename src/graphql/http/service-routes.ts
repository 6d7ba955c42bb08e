// Every path that the service answers, in the order in which they are asked.

import type { Authenticator } from '../../auth/caller-from-credentials.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Metrics } from '../../platform/metrics.ts';
import { type Graphiql, wantsGraphiql } from '../graphiql/open-graphiql.ts';
import { applyCors } from './cors.ts';
import { type Exchange, HttpRefusal } from './exchange.ts';
import { type GraphqlRouteOptions, graphqlRoute } from './graphql-route.ts';
import { healthRoute, metricsRoute, readyRoute } from './health-routes.ts';
import type { Route } from './open-http-server.ts';

interface Endpoint {
  readonly serverFor: GraphqlRouteOptions['serverFor'];
  readonly graphiql: Graphiql | null;
}

export interface ServiceRoutesOptions {
  readonly authenticator: Authenticator;
  readonly metrics: Metrics;
  /** `/metrics` without the master key. */
  readonly openMetrics: boolean;
  readonly allowsOrigin: (origin: string) => boolean;
  readonly bodyLimit: number;
  readonly clock: Clock;
  /** Bytes of a subscription's answers that may wait for its client. */
  readonly queued: number;
  /** The headers that scripts may read, in lower case. */
  readonly scriptHeaders: readonly string[];
  readonly isDraining: () => boolean;
  /** Resolves when the database answers. */
  readonly probe: () => Promise<void>;
  readonly app: Endpoint;
  readonly admin: Endpoint;
}

/** The routes of a service. */
export function serviceRoutes(options: ServiceRoutesOptions): readonly Route[] {
  return [
    ...graphqlRoutes('/graphql', options.app, options),
    ...graphqlRoutes('/admin/graphql', options.admin, options),
    readOnly('healthz', '/healthz', healthRoute),
    readOnly('readyz', '/readyz', readyRoute(options)),
    readOnly('metrics', '/metrics', metricsRoute({ ...options, open: options.openMetrics })),
    ...(options.app.graphiql ? [readOnly('home', '/', goToGraphiql)] : []),
  ];
}

function graphqlRoutes(path: string, { serverFor, graphiql }: Endpoint, options: ServiceRoutesOptions): Route[] {
  const answer = graphqlRoute({ ...options, serverFor });
  const page: Route[] = graphiql
    ? [
        {
          name: `${path} (GraphiQL)`,
          takes: ({ path: asked, request }) => graphiql.ownsPath(asked) || (asked === path && wantsGraphiql(request)),
          answer: ({ request, response }) => graphiql.handle(request, response),
        },
      ]
    : [];
  return [
    ...page,
    {
      name: path,
      takes: (exchange) => exchange.path === path,
      answer: async (exchange) => {
        if (!applyCors(exchange, options.allowsOrigin)) await answer(exchange);
      },
    },
  ];
}

/** A path that is only read. */
function readOnly(name: string, path: string, answer: Route['answer']): Route {
  return {
    name,
    takes: (exchange) => exchange.path === path,
    answer: async (exchange) => {
      if (!['GET', 'HEAD'].includes(exchange.request.method ?? ''))
        throw new HttpRefusal(405, `${path} is only read, with GET.`, { allow: 'GET, HEAD' });
      await answer(exchange);
    },
  };
}

async function goToGraphiql({ response }: Exchange): Promise<void> {
  response.writeHead(302, { location: '/graphql' }).end();
}
