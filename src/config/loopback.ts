// Which hosts and origins are this machine, and which origins a browser may call from.

import { isIPv4 } from 'node:net';

/** Whether a host name or address, with or without brackets, can only be this machine. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || (isIPv4(host) && host.startsWith('127.'));
}

/** The origins that browsers may call from: those listed, and any loopback origin when `loopback` is set. */
export interface CorsOrigins {
  readonly origins: readonly string[];
  readonly loopback: boolean;
}

/** Whether the `Origin` header that a browser sent is one of those allowed. Exact: no pattern, no sub-domain. */
export function isAllowedOrigin(cors: CorsOrigins, origin: string): boolean {
  if (cors.origins.includes(origin)) return true;
  if (!cors.loopback || !URL.canParse(origin)) return false;
  const { protocol, hostname, origin: normal } = new URL(origin);
  return (protocol === 'http:' || protocol === 'https:') && normal === origin && isLoopbackHost(hostname);
}
