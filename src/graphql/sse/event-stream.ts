// GraphQL over server-sent events, one request for one operation
// (https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md, distinct connections): for clients and proxies that take
// no WebSocket.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GraphQLError } from 'graphql';
import type { Clock } from '../../platform/clock.ts';
import type { Answer, OpenStream, Sink } from '../live/stream.ts';

export const EVENT_STREAM_TYPE = 'text/event-stream';

/** Milliseconds between two signs of life, for what stands between and closes what is quiet. */
const ALIVE_EVERY = 12_000;
/** The longest that a timer can be set for. */
const LONGEST_TIMER = 2 ** 31 - 1;
const NEXT = Buffer.from('event: next\ndata: ');
const END = Buffer.from('\n\n');
const COMPLETE = 'event: complete\ndata: \n\n';

/** Whether a request asks for events, by name. */
export function wantsEvents({ headers }: IncomingMessage): boolean {
  const types = (headers.accept ?? '').split(',').map((range) => (range.split(';')[0] ?? '').trim().toLowerCase());
  return types.includes(EVENT_STREAM_TYPE);
}

/** Answers with one event, and completes. */
export function sendOneEvent(response: ServerResponse, text: string): void {
  begin(response);
  response.write(event(Buffer.from(text)));
  response.end(COMPLETE);
}

/**
 * Answers with what a subscription says, until it or its client ends. When the caller's token expires the answer breaks off
 * without `complete`, so that the client comes back with another one.
 */
export function streamEvents(
  response: ServerResponse,
  open: OpenStream,
  {
    expiresAt,
    clock,
    queued,
  }: {
    readonly expiresAt: number | null;
    readonly clock: Clock;
    /** Bytes that may wait for the client before it is left alone. */
    readonly queued: number;
  },
): void {
  begin(response);
  let waiting: (() => void) | null = null;
  // A service that closes ends the answer, and what was said before may still wait for the client.
  const write = (data: string | Buffer) => response.writableEnded || response.write(data);
  const sink: Sink = {
    next: (answer) => void write(event(answer)),
    end(errors) {
      if (errors) write(event(Buffer.from(JSON.stringify({ errors: errors satisfies readonly GraphQLError[] }))));
      write(COMPLETE);
      response.end();
    },
    get isFull() {
      return response.writableLength > queued;
    },
    onceDrained(callback) {
      if (response.writableLength === 0) queueMicrotask(callback);
      else waiting = callback;
    },
  };
  response.on('drain', () => {
    const callback = waiting;
    waiting = null;
    callback?.();
  });
  const stream = open(sink);
  const alive = setInterval(() => response.writableLength === 0 && write(':\n\n'), ALIVE_EVERY);
  const expiry =
    expiresAt === null
      ? null
      : setTimeout(() => response.destroy(), Math.min(Math.max(0, expiresAt - clock()), LONGEST_TIMER));
  response.once('close', () => {
    clearInterval(alive);
    if (expiry) clearTimeout(expiry);
    stream.close();
  });
}

function begin(response: ServerResponse): void {
  response.writeHead(200, {
    'content-type': `${EVENT_STREAM_TYPE}; charset=utf-8`,
    'cache-control': 'no-store, no-transform',
    // Proxies of nginx's kind hold answers back until they are whole.
    'x-accel-buffering': 'no',
  });
  // So that the client knows at once that it was let in.
  response.flushHeaders();
}

const LINE_FEED = 10;

/** JSON has line feeds only between its parts, and an event ends at one. */
function event(answer: Answer): Buffer {
  const line = answer.includes(LINE_FEED) ? Buffer.from(answer.toString('utf8').replaceAll('\n', ' ')) : answer;
  return Buffer.concat([NEXT, line, END]);
}
