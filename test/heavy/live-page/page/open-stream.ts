// Subscriptions as event streams, each a request of its own, that come back whatever happens.

import { type Client, createClient } from 'graphql-sse';
import { untilWorthwhile } from './open-socket.ts';
import { resuming } from './resuming.ts';

/** A line comes every 12 seconds at least: after so many milliseconds without one the network is gone. */
const SILENCE = 25_000;

/** `token` is asked for each request, and so has to answer one that is still good. */
export function openStream(url: string, token: () => Promise<string>): Client {
  const client = createClient({
    url,
    retryAttempts: Number.POSITIVE_INFINITY,
    retry: untilWorthwhile,
    // What fails in here is tried again; what fails in the option `headers` is not.
    async fetchFn(address: string, request: RequestInit & { readonly signal: AbortSignal }) {
      const lost = new AbortController();
      let timer: ReturnType<typeof setTimeout>;
      const heard = () => {
        clearTimeout(timer);
        timer = setTimeout(() => lost.abort(), SILENCE);
      };
      heard();
      const headers = { ...request.headers, authorization: `Bearer ${await token()}` };
      const signal = AbortSignal.any([request.signal, lost.signal]);
      const response = await fetch(address, { ...request, headers, signal });
      const listening = new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, reader) {
          heard();
          reader.enqueue(chunk);
        },
      });
      return new Response(response.body?.pipeThrough(listening), response);
    },
  });
  return resuming(client);
}
