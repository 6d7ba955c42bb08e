// HTTP requests that a well-behaved client cannot send, and answers as they came: every header, the body as text.

import { type IncomingHttpHeaders, request } from 'node:http';

export interface RawRequest {
  readonly method?: string;
  /** As it goes over the wire, with its query. */
  readonly path?: string;
  /** A list is sent as that many headers. */
  readonly headers?: Readonly<Record<string, string | string[]>>;
  /** A list is sent in chunks, without Content-Length. */
  readonly body?: string | Buffer | readonly (string | Buffer)[];
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The codes of the errors in the body. */
  readonly codes: readonly string[];
}

/** Sends one request on a connection of its own. Rejects when the connection breaks before the answer is complete. */
export function rawRequest(url: string, { method = 'POST', path = '/graphql', headers = {}, body }: RawRequest) {
  return new Promise<RawAnswer>((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const length =
      typeof body === 'string' || Buffer.isBuffer(body) ? { 'content-length': String(Buffer.byteLength(body)) } : {};
    const sending = request({ hostname, port, method, path, agent: false, headers: { ...length, ...headers } });
    sending.once('error', reject);
    sending.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.once('error', reject);
      response.once('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, codes: codesOf(text) });
        sending.destroy();
      });
    });
    for (const chunk of Array.isArray(body) ? body : []) sending.write(chunk);
    sending.end(typeof body === 'string' || Buffer.isBuffer(body) ? body : undefined);
  });
}

function codesOf(text: string): string[] {
  if (!text.startsWith('{"errors":')) return [];
  const { errors } = JSON.parse(text) as { errors: { extensions: { code: string } }[] };
  return errors.map(({ extensions }) => extensions.code);
}
