// The kinds of value that are addresses: databases, a JWKS, the origins of browsers.

import { isHostPattern, isPrivatePlace } from '../scripts/fetch/fetch-policy.ts';
import { type CorsOrigins, isLoopbackHost } from './loopback.ts';
import { type Kind, WrongValue } from './value-kinds.ts';

const ENCODE = 'special characters of the password percent-encoded';

/** A PostgreSQL connection URL. */
export const postgresUrl: Kind<string> = {
  form: `a PostgreSQL URL, like postgres://user:password@host:5432/database, ${ENCODE}`,
  parse: (text) => {
    if (!/^postgres(ql)?:\/\//.test(text)) throw new WrongValue('does not begin with postgres:// or postgresql://');
    if (!URL.canParse(text)) throw new WrongValue('is not a URL');
    return text;
  },
};

/** A MongoDB connection string; several hosts may be named, which a plain URL parser would refuse. */
export const mongodbUrl: Kind<string> = {
  form: `a MongoDB URL, like mongodb://user:password@host:27017/database, ${ENCODE}`,
  parse: (text) => {
    if (!/^mongodb(\+srv)?:\/\//.test(text)) throw new WrongValue('does not begin with mongodb:// or mongodb+srv://');
    const [, before, login = '', hosts, after] = /^([^/]+:\/\/)([^@/?#]*@)?([^/?#@]+)(.*)$/s.exec(text) ?? [];
    const each = (hosts ?? '').split(',').map((name) => `${before}${login}${name}${after}`);
    if (!each.every((url) => URL.canParse(url) && new URL(url).hostname !== '')) throw new WrongValue('is not a URL');
    return text;
  },
};

/** Where another issuer publishes its keys. What is fetched there decides who signs in, so only https will do. */
export const jwksUrl: Kind<string> = {
  form: 'an https:// URL (http:// only on this machine), like https://example.eu.auth0.com/.well-known/jwks.json',
  parse: (text) => {
    if (!URL.canParse(text)) throw new WrongValue('is not a URL');
    const url = new URL(text);
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopbackHost(url.hostname))) {
      throw new WrongValue('is not an https:// URL');
    }
    if (url.username !== '' || url.password !== '') throw new WrongValue('has a user name or password in it');
    return url.href;
  },
};

/** A host that scripts may fetch from: a name, `*.` and a name, `*`, each with a port or without. */
export const fetchHost: Kind<string> = {
  form: 'a host, like api.example.com, *.example.com or host:8443',
  parse: (entry) => {
    if (isHostPattern(entry)) return entry;
    throw new WrongValue(
      entry.includes('/') ? 'has an entry that is not a host alone' : 'has an entry that is no host',
    );
  },
};

/** A private host or network that scripts may reach. */
export const privatePlace: Kind<string> = {
  form: 'a host or a network, like localhost or 10.0.0.0/8',
  parse: (entry) => {
    if (isPrivatePlace(entry)) return entry;
    throw new WrongValue('has an entry that is neither a host (without a port) nor a network');
  },
};

/** Browser origins: exact ones, or the words `loopback` (any port of this machine) and `none`. */
export const corsOrigins: Kind<CorsOrigins> = {
  form: 'exact origins with commas between them, like https://app.example.com,capacitor://localhost, the word loopback (any port of this machine), or none',
  parse: (text) => {
    if (text === 'none') return { origins: [], loopback: false };
    const entries = text.split(',').map((entry) => entry.trim());
    const origins = entries.filter((entry) => entry !== 'loopback');
    origins.forEach(assertOrigin);
    return { origins: [...new Set(origins)], loopback: origins.length < entries.length };
  },
};

function assertOrigin(entry: string): void {
  if (entry === '*') throw new WrongValue('has *, which would let every page in the world call as its visitor');
  const written = /^([a-z][a-z\d+.-]*):\/\/[^\s/?#@*]+$/.exec(entry);
  const exact =
    written && URL.canParse(entry) && (!/^https?$/.test(written[1] ?? '') || new URL(entry).origin === entry);
  if (!exact)
    throw new WrongValue('has an entry that is not an exact origin (scheme://host[:port], lower case, no path)');
}
