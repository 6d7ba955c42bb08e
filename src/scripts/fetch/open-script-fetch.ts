// `ctx.fetch`: requests of scripts to elsewhere, sent by the service for them. Each host is resolved once, all of its addresses
// are checked, and the connection goes to those; every redirect is a request that is checked anew.

import { lookup } from 'node:dns/promises';
import { type Release, Slots } from '../../platform/slots.ts';
import { FetchError, refused } from './fetch-error.ts';
import { FetchPolicy, type FetchPolicyOptions } from './fetch-policy.ts';
import { ENCODINGS, readAnswer } from './read-answer.ts';
import { failureOf, sendRequest } from './send-request.ts';

/** What a script asks for, as its host tells it. */
export interface FetchRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Base64. */
  readonly body: string | null;
  readonly redirect: 'follow' | 'manual' | 'error';
}

export interface FetchAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Base64. */
  readonly body: string;
  /** Of the last request. */
  readonly url: string;
  readonly redirected: boolean;
}

export interface ScriptFetchOptions extends FetchPolicyOptions {
  /** All addresses of a name. Left out: as the system resolves it. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
  /** Milliseconds for everything, and until there is a connection. */
  readonly timeout?: number;
  readonly connectTimeout?: number;
}

/** Fetches, or rejects with FetchError. */
export type ScriptFetch = (request: FetchRequest, signal: AbortSignal) => Promise<FetchAnswer>;

const METHODS: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
/** What belongs to the connection, or would let a request say that it is another's. */
const OWN_HEADERS =
  /^(?:host|connection|content-length|transfer-encoding|upgrade|te|trailer|expect|keep-alive|http2-settings|proxy-.*)$/;
/** What is for one origin and no other. */
const SECRET_HEADERS = ['authorization', 'cookie'];
const CONTENT_HEADERS = /^content-/;
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

const MOST_SENT = 1_000_000;
const MOST_ANSWERED = 5_000_000;
const MOST_REDIRECTS = 5;
/** Of a service. */
const AT_ONCE = 32;
const TIMEOUT = 10_000;
const CONNECT_TIMEOUT = 3_000;

const everyAddress = async (host: string) => (await lookup(host, { all: true })).map(({ address }) => address);

/** Makes it. It holds nothing between requests. */
export function openScriptFetch(options: ScriptFetchOptions): ScriptFetch {
  const { resolve = everyAddress, timeout = TIMEOUT, connectTimeout = CONNECT_TIMEOUT } = options;
  const policy = new FetchPolicy(options);
  const slots = new Slots(AT_ONCE, timeout);

  const addressesOf = async (url: URL, signal: AbortSignal): Promise<readonly string[]> => {
    const literal = policy.literalOf(url);
    const found = literal === null ? await unlessAborted(resolve(url.hostname), signal) : [literal];
    if (found.length === 0) throw new FetchError('FETCH_FAILED', `${url.hostname} has no address.`);
    policy.check(url, found);
    return found;
  };

  const follow = async (first: FetchRequest, signal: AbortSignal): Promise<FetchAnswer> => {
    let { method } = first;
    let headers = headersOf(first);
    let body = bodyOf(first);
    let url = policy.urlOf(first.url);
    for (let redirects = 0; ; redirects++) {
      try {
        const addresses = await addressesOf(url, signal);
        const answer = await sendRequest({ url, method, headers, body, addresses, signal, connectTimeout });
        const { statusCode: status = 0, statusMessage = '', rawHeaders } = answer;
        const { location } = answer.headers;
        const isRedirect = REDIRECTS.includes(status) && location !== undefined;
        if (!isRedirect || first.redirect === 'manual') {
          const read = await readAnswer(answer, { url, method, most: MOST_ANSWERED, signal });
          return {
            status,
            statusText: statusMessage,
            headers: pairsOf(rawHeaders),
            body: read.toString('base64'),
            url: url.href,
            redirected: redirects > 0,
          };
        }
        answer.destroy();
        if (first.redirect === 'error')
          throw refused(`${url.host} answered with a redirect, which is not to be followed.`);
        if (redirects === MOST_REDIRECTS) throw refused(`${url.host} redirected more than ${MOST_REDIRECTS} times.`);
        const next = policy.urlOf(location, url);
        if (next.origin !== url.origin) headers = without(headers, (name) => SECRET_HEADERS.includes(name));
        const becomesGet = status === 303 ? method !== 'HEAD' : status < 303 && method === 'POST';
        if (becomesGet) {
          method = 'GET';
          body = null;
          headers = without(headers, (name) => CONTENT_HEADERS.test(name));
        }
        url = next;
      } catch (error) {
        throw failureOf(error, url, signal);
      }
    }
  };

  return async (request, signal) => {
    const place: Release | null = await slots.take();
    if (!place) throw new FetchError('FETCH_TIMEOUT', `More than ${AT_ONCE} requests of scripts are under way.`);
    try {
      return await follow(request, AbortSignal.any([signal, AbortSignal.timeout(timeout)]));
    } finally {
      place();
    }
  };
}

function headersOf({ method, headers: given }: FetchRequest): Readonly<Record<string, string>> {
  if (!METHODS.includes(method)) throw refused(`Requests have one of the methods ${METHODS.join(', ')}.`);
  const own = Object.keys(given).find((name) => OWN_HEADERS.test(name.toLowerCase()));
  if (own !== undefined) throw refused(`The header ${own} is not the script's to set.`);
  const headers = Object.fromEntries(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]));
  return { 'accept-encoding': ENCODINGS, accept: '*/*', 'user-agent': 'tablecast', ...headers };
}

function bodyOf({ body, method }: FetchRequest): Buffer | null {
  if (body === null) return null;
  if (method === 'GET' || method === 'HEAD') throw refused(`A ${method} request has no body.`);
  const bytes = Buffer.from(body, 'base64');
  if (bytes.length > MOST_SENT) throw new FetchError('FETCH_TOO_LARGE', `A request has at most ${MOST_SENT} bytes.`);
  return bytes;
}

const without = (headers: Readonly<Record<string, string>>, isOut: (name: string) => boolean) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !isOut(name)));

/** Headers one by one, but for those of the connection and of what was undone. */
function pairsOf(raw: readonly string[]): [string, string][] {
  const pairs = raw.flatMap((name, at): [string, string][] =>
    at % 2 === 0 ? [[name.toLowerCase(), raw[at + 1] ?? '']] : [],
  );
  return pairs.filter(([name]) => !OWN_HEADERS.test(name) && name !== 'content-encoding');
}

/** What cannot be given up is no longer waited for. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const give = () => reject(signal.reason instanceof Error ? signal.reason : new Error('given up'));
    if (signal.aborted) return give();
    signal.addEventListener('abort', give, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', give));
  });
}
