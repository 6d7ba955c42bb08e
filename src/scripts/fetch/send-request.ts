// One request to addresses that were checked: the connection goes to one of those and to nothing else, whatever the name
// resolves to by then.

import { type IncomingMessage, request as overHttp, type RequestOptions } from 'node:http';
import { request as overHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import { isIP } from 'node:net';
import { FetchError } from './fetch-error.ts';

export interface Sending {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | null;
  /** Where the host is; not empty. */
  readonly addresses: readonly string[];
  readonly signal: AbortSignal;
  /** Milliseconds until there is a connection. */
  readonly connectTimeout: number;
}

/** Sends it, and resolves to the answer's head; whoever has it reads or destroys it. Rejects with FetchError. */
export function sendRequest(sending: Sending): Promise<IncomingMessage> {
  const { url, method, headers, body, addresses, signal, connectTimeout } = sending;
  const options: RequestOptions = {
    method,
    headers: { ...headers, ...(body ? { 'content-length': String(body.length) } : {}) },
    // A connection of its own, that ends with the answer.
    agent: false,
    lookup: lookupOf(addresses),
    signal,
    maxHeaderSize: 64 << 10,
  };
  return new Promise((resolve, reject) => {
    const sent = (url.protocol === 'https:' ? overHttps : overHttp)(url, options, resolve);
    const late = setTimeout(() => {
      sent.destroy(new FetchError('FETCH_TIMEOUT', `${url.host} took no connection within ${connectTimeout} ms.`));
    }, connectTimeout);
    sent.on('socket', (socket) => {
      socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => clearTimeout(late));
      socket.once('close', () => clearTimeout(late));
    });
    sent.on('error', (error) => {
      clearTimeout(late);
      reject(failureOf(error, url, signal));
    });
    sent.end(body);
  });
}

/** What a request or an answer that broke off failed with, for the script. */
export function failureOf(error: unknown, { host }: URL, signal: AbortSignal): FetchError {
  if (error instanceof FetchError) return error;
  // However the connection was told of it.
  if (signal.aborted) return new FetchError('FETCH_TIMEOUT', `${host} did not answer in time.`, { cause: error });
  const { code, message } = error as Error & { readonly code?: string };
  return new FetchError('FETCH_FAILED', `${host} could not be fetched from: ${code ?? message}.`, { cause: error });
}

function lookupOf(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_, options, callback) => {
    const [first] = all;
    if (options.all) callback(null, all);
    else callback(null, first?.address ?? '', first?.family);
  };
}
