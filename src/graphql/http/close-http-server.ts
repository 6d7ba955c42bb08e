// How an HTTP server ends: what runs is answered, and every connection goes with its last answer.

import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from '../../platform/log.ts';
import { EVENT_STREAM_TYPE } from '../sse/event-stream.ts';

/**
 * Watches a server that does not listen yet, and returns its end: it takes no new connections, lets running requests
 * finish within `deadline` milliseconds, then cuts the rest.
 */
export function closeHttpServer(server: Server, log: Logger): (deadline: number) => Promise<void> {
  const sockets = new Set<Socket>();
  const running = new Set<ServerResponse>();
  let closing = false;
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('request', (_request, response) => {
    running.add(response);
    response.once('close', () => {
      running.delete(response);
      if (closing) setImmediate(() => server.closeIdleConnections());
    });
  });
  return (deadline) =>
    new Promise((resolve) => {
      closing = true;
      const timer = setTimeout(() => {
        log.warn({ deadline, requests: running.size }, 'requests were still running, and are cut off');
        server.closeAllConnections();
      }, deadline);
      server.close(() => {
        clearTimeout(timer);
        resolve();
      });
      // Kept alive, a connection would wait for a next request, and the server for it.
      for (const response of running) {
        if (!response.headersSent) response.setHeader('connection', 'close');
        // It would go on for ever: the client comes back to another process.
        else if (isEventStream(response)) response.end();
      }
      // Browsers open connections that they may need; Node takes one that has said nothing for a busy one.
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
    });
}

function isEventStream(response: ServerResponse): boolean {
  return String(response.getHeader('content-type')).startsWith(EVENT_STREAM_TYPE);
}
