// One socket for all subscriptions of a page, that comes back whatever happens.

import { type Client, createClient } from 'graphql-ws';
import { resuming } from './resuming.ts';

/** The service pings every 12 seconds: after so many milliseconds without a word the network is gone. */
const SILENCE = 25_000;

/** `token` is asked each time that the socket is opened, and so has to answer one that is still good. */
export function openSocket(url: string, token: () => Promise<string>): Client {
  let lost: ReturnType<typeof setTimeout>;
  const heard = () => {
    clearTimeout(lost);
    lost = setTimeout(() => client.terminate(), SILENCE);
  };
  const client = createClient({
    url,
    connectionParams: async () => ({ authorization: `Bearer ${await token()}` }),
    shouldRetry: () => true,
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: untilWorthwhile,
    on: { connecting: heard, message: heard, closed: () => clearTimeout(lost) },
  });
  return resuming(client);
}

/** Half a second at first, half a minute at most, each time a bit different; less when the network is back. */
export function untilWorthwhile(retries: number): Promise<void> {
  const milliseconds = Math.min(30_000, 500 * 2 ** retries) * (0.5 + Math.random() / 2);
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    const online = () => {
      clearTimeout(timer);
      resolve();
    };
    addEventListener('online', online, { once: true });
  });
}
