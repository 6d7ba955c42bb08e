// A new token on the open socket.

import type { Client } from 'graphql-ws';

/** Milliseconds that a token is still good for when the next one is sent. */
const AHEAD = 10_000;

/** Renews the token of the client's socket again and again, so that subscriptions go on without a break. */
export function staySignedIn(client: Client, token: () => Promise<string>): void {
  let socket: WebSocket | null = null;
  let timer: ReturnType<typeof setTimeout>;
  const renew = async () => {
    const payload = { authorization: `Bearer ${await token()}` };
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ type: 'ping', payload }));
  };
  // Without a token the socket is closed in time, and opened again.
  const tryToRenew = () => void renew().catch(() => undefined);
  client.on('connected', (opened) => {
    socket = opened as WebSocket;
    tryToRenew();
  });
  client.on('pong', (received, payload) => {
    const expiresAt = received ? payload?.['expiresAt'] : null;
    if (typeof expiresAt !== 'number') return;
    clearTimeout(timer);
    timer = setTimeout(tryToRenew, Math.max(1_000, expiresAt - Date.now() - AHEAD));
  });
}
