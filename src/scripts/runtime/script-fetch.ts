// `ctx.fetch`: the service fetches, and a script gets a Response made of what it got.

import type { Run } from './run.ts';

interface Fetched {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [string, string])[];
  /** Base64. */
  readonly body: string;
  readonly url: string;
  readonly redirected: boolean;
}

/** Statuses whose answers have no body. */
const EMPTY = [101, 103, 204, 205, 304];

export async function scriptFetch(run: Run, input: unknown, init: unknown): Promise<Response> {
  const { method = 'GET', headers, body, redirect = 'follow', ...others } = (init ?? {}) as RequestInit;
  const [other] = Object.keys(others);
  if (other !== undefined)
    throw new TypeError(`ctx.fetch knows no option "${other}": it takes method, headers, body and redirect.`);
  const plain = new Headers(headers);
  const content = body === undefined || body === null ? null : new Response(body);
  const type = content?.headers.get('content-type');
  if (type && !plain.has('content-type')) plain.set('content-type', type);
  const bytes = content && new Uint8Array(await content.arrayBuffer());
  const fetched = (await run.call('fetch', {
    url: String(input),
    method: method.toUpperCase(),
    redirect,
    headers: Object.fromEntries(plain),
    body: bytes && Buffer.from(bytes).toString('base64'),
  })) as Fetched;
  const answer = EMPTY.includes(fetched.status) ? null : Buffer.from(fetched.body, 'base64');
  const response = new Response(answer, {
    status: fetched.status,
    statusText: fetched.statusText,
    headers: fetched.headers.map(([name, value]): [string, string] => [name, value]),
  });
  Object.defineProperties(response, { url: { value: fetched.url }, redirected: { value: fetched.redirected } });
  return response;
}
