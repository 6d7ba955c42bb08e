// GraphiQL in a browser: a small page made anew for each load, and the large files behind it, which never change.
// When a request is one for this page is decided by the router, with `wantsGraphiql` and `ownsPath`; who the identities
// are, and that there are none outside development, is decided by the caller.

import { randomBytes } from 'node:crypto';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { isFromThisMachine } from './from-this-machine.ts';
import { type GraphiqlAssets, loadGraphiqlAssets } from './graphiql-assets.ts';
import { matchesEtag, preferredEncoding } from './negotiate.ts';
import { contentSecurityPolicy, type GraphiqlIdentity, renderPage } from './render-page.ts';

export type { GraphiqlIdentity } from './render-page.ts';
export { wantsGraphiql } from './wants-graphiql.ts';

export interface GraphiqlOptions {
  /** The path of the GraphQL endpoint that the page is for, and is served at: `/graphql`. */
  readonly endpoint: string;
  readonly title: string;
  /** What the editor shows to someone who was never here. */
  readonly firstQuery: string;
  /**
   * Who the page may act as, in the order of its switch; it starts as the second. Called for each load of the page, but
   * only for a person at this machine, since what it returns is written into the page. With none, the page offers
   * `public` and fields for keys instead.
   */
  readonly identities: (request: {
    host: string | undefined;
    remoteAddress: string | undefined;
  }) => readonly GraphiqlIdentity[];
}

export interface Graphiql {
  /** Whether a path is one of the page's own files, whatever the request accepts. */
  ownsPath(pathname: string): boolean;
  /** Answers the request: a file for a path that `ownsPath`, else the page. Rejects only if the library fails to load. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

const FOR_EVERYTHING = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** Opens GraphiQL for one endpoint. Costs nothing until the first request; holds nothing that needs closing. */
export function openGraphiql(options: GraphiqlOptions): Graphiql {
  const prefix = `${options.endpoint}/graphiql/`;
  let loading: Promise<GraphiqlAssets> | undefined;
  const assets = () => {
    loading ??= loadGraphiqlAssets();
    return loading;
  };

  async function sendPage(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const nonce = randomBytes(16).toString('base64');
    const { host } = request.headers;
    const { remoteAddress } = request.socket;
    const html = renderPage({
      ...options,
      identities: isFromThisMachine(request) ? options.identities({ host, remoteAddress }) : [],
      files: `${prefix}${(await assets()).hash}/`,
      nonce,
    });
    send(response, 200, Buffer.from(html), {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': contentSecurityPolicy(nonce),
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cache-Control': 'no-store',
      Vary: 'Accept',
    });
  }

  async function sendFile(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const { hash, files } = await assets();
    const [version, name = '', ...rest] = path.slice(prefix.length).split('/');
    const file = version === hash && rest.length === 0 ? files.get(name) : undefined;
    if (!file) {
      const reload = Buffer.from('No such file. Reload the page: it may be of an older version of the service.\n');
      send(response, 404, reload, {
        'Content-Type': 'text/plain; charset=utf-8',
        'Cache-Control': 'no-store',
      });
      return;
    }
    const encoding = preferredEncoding(request.headers['accept-encoding']);
    const etag = `"${hash}-${encoding}"`;
    const headers = {
      // A worker does not inherit the page's policy: without its own it could call out.
      'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
      'Cache-Control': 'public, max-age=31536000, immutable',
      ETag: etag,
      Vary: 'Accept-Encoding',
    };
    if (matchesEtag(request.headers['if-none-match'], etag)) {
      response.writeHead(304, { ...FOR_EVERYTHING, ...headers }).end();
      return;
    }
    send(response, 200, await file.body(encoding), {
      ...headers,
      'Content-Type': file.type,
      ...(encoding !== 'identity' && { 'Content-Encoding': encoding }),
    });
  }

  return {
    ownsPath: (pathname) => pathname.startsWith(prefix),
    async handle(request, response) {
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        const hint = Buffer.from('This address answers GET and HEAD.\n');
        send(response, 405, hint, { 'Content-Type': 'text/plain; charset=utf-8', Allow: 'GET, HEAD' });
        return;
      }
      const [path = ''] = (request.url ?? '').split('?', 1);
      await (path.startsWith(prefix) ? sendFile(request, response, path) : sendPage(request, response));
    },
  };
}

/** Node itself leaves the body out for HEAD. */
function send(response: ServerResponse, status: number, body: Buffer, headers: OutgoingHttpHeaders): void {
  response.writeHead(status, { ...FOR_EVERYTHING, ...headers, 'Content-Length': body.length });
  response.end(body);
}
