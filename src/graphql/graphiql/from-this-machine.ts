// Whether a request was made by someone sitting at this machine: the only one who may be shown development keys.

import type { IncomingMessage } from 'node:http';
import { isIPv4, isIPv6 } from 'node:net';

/** What a proxy or a tunnel adds. Behind one, the loopback address is the proxy's and says nothing of the person. */
const PROXY_HEADERS = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'cf-connecting-ip'];

/**
 * True only when the connection comes from the loopback interface, no proxy was in between, and the browser itself
 * believes that it talks to this machine. The last is what stops DNS rebinding: there the address is loopback, but
 * `Host` is the name of the attacker's page.
 */
export function isFromThisMachine(request: IncomingMessage): boolean {
  return (
    isLoopbackAddress(request.socket.remoteAddress ?? '') &&
    isLoopbackHost(request.headers.host ?? '') &&
    PROXY_HEADERS.every((name) => request.headers[name] === undefined)
  );
}

/** 127.0.0.0/8, ::1, and the first as an IPv6 socket reports it. */
export function isLoopbackAddress(address: string): boolean {
  const plain = address.toLowerCase().startsWith('::ffff:') ? address.slice(7) : address;
  return (isIPv4(plain) && plain.startsWith('127.')) || (isIPv6(plain) && plain === '::1');
}

/** A `Host` header that a browser resolves without asking DNS: `localhost`, a name under it, or a loopback address. */
export function isLoopbackHost(host: string): boolean {
  const name = /^(\[[^\]]*\]|[^:]*)(?::\d{1,5})?$/.exec(host.toLowerCase())?.[1];
  if (name === undefined) return false;
  if (name.startsWith('[')) return isLoopbackAddress(name.slice(1, -1));
  return /^([a-z0-9-]+\.)*localhost$/.test(name) || isLoopbackAddress(name);
}
