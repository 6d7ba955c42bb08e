// One connection that a subscription runs on, by either protocol, written without the product's code or a library of the
// protocol: what is on the wire counts.

import { setTimeout as pass } from 'node:timers/promises';
import { WebSocket } from 'ws';

export interface Subscribing {
  /** Without a path. */
  readonly url: string;
  /** By the names of their headers. */
  readonly credentials: Readonly<Record<string, string>>;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Takes the data of an answer. Nothing is taken after `cut`. */
  readonly take: (data: Readonly<Record<string, unknown>>) => void;
}

export interface Connection {
  /** How it ended, in few words: `cut`, `complete`, `closed <code>`, `error <code of GraphQL>`, `http <status>`, `lost`. */
  readonly ended: Promise<string>;
  /** Ends it without a word, as a network does. */
  cut(): void;
  /** Takes nothing for so many milliseconds; what comes meanwhile waits in the network, and then in the service. */
  pause(milliseconds: number): void;
  /** Ends the pause. */
  resume(): void;
  /** Ends the subscription as a well-behaved client does. */
  leave(): void;
}

export type Transport = (subscribing: Subscribing) => Connection;

interface Payload {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

const codeOf = (errors: Payload['errors']) =>
  `error ${errors?.[0]?.extensions?.code ?? errors?.[0]?.message ?? 'without a reason'}`;

export const overSocket: Transport = ({ url, credentials, query, variables, take }) => {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  const send = (message: object) => socket.readyState === WebSocket.OPEN && socket.send(JSON.stringify(message));
  let resolve: (how: string) => void = () => undefined;
  const ended = new Promise<string>((settle) => {
    resolve = settle;
  });
  let over = false;
  let endPause: NodeJS.Timeout | undefined;
  const end = (how: string) => {
    over = true;
    clearTimeout(endPause);
    resolve(how);
    socket.terminate();
  };
  socket.on('open', () => send({ type: 'connection_init', payload: credentials }));
  socket.on('message', (text) => {
    if (over) return;
    const message = JSON.parse(String(text)) as { type: string; payload?: unknown };
    if (message.type === 'connection_ack') send({ type: 'subscribe', id: '1', payload: { query, variables } });
    else if (message.type === 'ping') send({ type: 'pong' });
    else if (message.type === 'complete') end('complete');
    else if (message.type === 'error') end(codeOf(message.payload as Payload['errors']));
    else if (message.type === 'next') {
      const { data, errors } = message.payload as Payload;
      if (data && !errors) take(data);
      else end(codeOf(errors));
    }
  });
  socket.on('error', () => end('lost'));
  socket.on('unexpected-response', (_request, response) => end(`http ${response.statusCode}`));
  socket.on('close', (code) => end(code === 1006 ? 'lost' : `closed ${code}`));
  return {
    ended,
    cut: () => end('cut'),
    pause(milliseconds) {
      socket.pause();
      endPause = setTimeout(() => socket.resume(), milliseconds);
    },
    resume() {
      clearTimeout(endPause);
      socket.resume();
    },
    leave() {
      send({ type: 'complete', id: '1' });
      over = true;
      resolve('left');
      socket.close(1000);
    },
  };
};

export const overEventStream: Transport = ({ url, credentials, query, variables, take }) => {
  const leaving = new AbortController();
  let how: string | null = null;
  let paused = Promise.resolve();
  let endPause = new AbortController();
  const stop = (why: string) => {
    how ??= why;
    endPause.abort();
    leaving.abort();
  };
  const run = async (): Promise<string> => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...credentials },
      body: JSON.stringify({ query, variables }),
      signal: leaving.signal,
    });
    if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
      const { errors } = JSON.parse(await response.text()) as Payload;
      return errors ? codeOf(errors) : `http ${response.status}`;
    }
    for await (const { event, data } of eventsOf(response)) {
      if (how) break;
      if (event === 'complete') return 'complete';
      const payload = JSON.parse(data) as Payload;
      if (!payload.data || payload.errors) return codeOf(payload.errors);
      take(payload.data);
      await paused;
    }
    return 'lost';
  };
  const ended = run()
    .catch(() => 'lost')
    .then((why) => {
      leaving.abort();
      return how ?? why;
    });
  return {
    ended,
    cut: () => stop('cut'),
    pause(milliseconds) {
      endPause = new AbortController();
      paused = pass(milliseconds, undefined, { signal: endPause.signal }).catch(() => undefined);
    },
    resume: () => endPause.abort(),
    leave: () => stop('left'),
  };
};

/** The events of a stream; comments are left out. */
async function* eventsOf({ body }: Response): AsyncGenerator<{ event: string; data: string }> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    const parts = text.split(/\r?\n\r?\n/);
    text = parts.pop() ?? '';
    for (const part of parts) {
      const fields = part.split(/\r?\n/).map((line) => /^(\w+): ?(.*)$/.exec(line));
      const fieldOf = (name: string) =>
        fields.flatMap((field) => (field?.[1] === name ? [field[2] ?? ''] : [])).join('\n');
      if (fieldOf('event') !== '') yield { event: fieldOf('event'), data: fieldOf('data') };
    }
  }
}
