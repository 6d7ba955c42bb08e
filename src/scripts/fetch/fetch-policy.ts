// Where scripts may send requests: hosts that are named, over http and https, and of private ones only what is named once more.

import { type BlockList, isIP } from 'node:net';
import { refused } from './fetch-error.ts';
import { isIn, isNetwork, isPrivateAddress, networks } from './private-addresses.ts';

export interface FetchPolicyOptions {
  /** `api.example.com`, `*.example.com` (not itself), `host:8443`, or `*`. Without a port: 80 and 443. */
  readonly allow: readonly string[];
  /** Hosts and networks that may be reached though they are private: `localhost`, `10.0.0.0/8`. */
  readonly allowPrivate: readonly string[];
}

const HOST = /^(?:\*|(?:\*\.)?[a-z\d_](?:[a-z\d._-]*[a-z\d_])?|\[[\da-f:.]+\])(?::\d{1,5})?$/i;
/** Characters of a URL. */
const LONGEST = 8_000;

/** Whether a text says where scripts may send requests. */
export function isHostPattern(text: string): boolean {
  return HOST.test(text);
}

/** Whether a text names what is private and may be reached all the same. */
export function isPrivatePlace(text: string): boolean {
  return isNetwork(text) || (HOST.test(text) && !/[*:]/.test(text));
}

export class FetchPolicy {
  readonly #hosts: readonly { readonly host: string; readonly port: string | null }[];
  readonly #privateHosts: ReadonlySet<string>;
  readonly #privateNetworks: BlockList;

  constructor({ allow, allowPrivate }: FetchPolicyOptions) {
    this.#hosts = allow.map((pattern) => {
      const [, host = '', port] = /^(.*?)(?::(\d+))?$/.exec(pattern.toLowerCase()) ?? [];
      return { host, port: port === undefined ? null : String(Number(port)) };
    });
    this.#privateNetworks = networks(allowPrivate.filter(isNetwork));
    this.#privateHosts = new Set(allowPrivate.filter((place) => !isNetwork(place)).map((host) => host.toLowerCase()));
  }

  /** The URL of a request. Throws FETCH_REFUSED for what may not be asked; nothing has been resolved yet. */
  urlOf(text: string, base?: URL): URL {
    if (text.length > LONGEST) throw refused(`The URL has more than ${LONGEST} characters.`);
    const url = URL.canParse(text, base?.href) ? new URL(text, base) : null;
    if (!url) throw refused('The URL cannot be read: give a whole one, like https://api.example.com/path.');
    if (url.protocol !== 'http:' && url.protocol !== 'https:') throw refused('Only http: and https: can be fetched.');
    if (url.username !== '' || url.password !== '') {
      throw refused('The URL has a user name or password in it: send an Authorization header instead.');
    }
    // The dot at the end of a name says that it is whole, which it is.
    if (url.hostname.endsWith('.')) url.hostname = url.hostname.slice(0, -1);
    const { hostname, host, protocol } = url;
    const port = url.port || (protocol === 'https:' ? '443' : '80');
    if (!this.#hosts.some((pattern) => matches(pattern, hostname, port))) {
      throw refused(`Scripts may not fetch from ${host}: add it to TABLECAST_FETCH_HOSTS.`);
    }
    return url;
  }

  /** The literal address that a URL names; null: a name that is to be resolved. */
  literalOf({ hostname }: URL): string | null {
    const bare = hostname.replace(/^\[(.*)\]$/, '$1');
    return isIP(bare) === 0 ? null : bare;
  }

  /** Throws FETCH_REFUSED unless all addresses of a host may be reached: a name that has one private address has only such. */
  check({ hostname }: URL, addresses: readonly string[]): void {
    if (this.#privateHosts.has(hostname)) return;
    const wrong = addresses.find((one) => isPrivateAddress(one) && !isIn(this.#privateNetworks, one));
    if (wrong === undefined) return;
    throw refused(
      `${hostname} has the private address ${wrong}: if scripts are to reach it, add ${hostname} to TABLECAST_FETCH_PRIVATE.`,
    );
  }
}

function matches(
  pattern: { readonly host: string; readonly port: string | null },
  hostname: string,
  port: string,
): boolean {
  if (pattern.port === null ? port !== '80' && port !== '443' : pattern.port !== port) return false;
  if (pattern.host === '*') return true;
  if (!pattern.host.startsWith('*.')) return pattern.host === hostname;
  return isIP(hostname) === 0 && hostname.endsWith(pattern.host.slice(1));
}
