// Where credentials stand in a request: in the headers of HTTP, in the payload of a WebSocket's connection_init.
// Whether they are right is caller-from-credentials.ts. Something sent in a form that is not understood is refused
// rather than left out, so that a client's mistake never makes it somebody else.

import { refusal } from './refusal.ts';

/** What a client sent, as it was sent. A missing one was not sent; an empty one was. */
export interface Credentials {
  readonly applicationKey?: string;
  readonly masterKey?: string;
  readonly authorization?: string;
  /** `true`: no script of the app is to run. Only the master key may ask for that. */
  readonly noScript?: string;
}

const FIELDS: Readonly<Record<string, keyof Credentials>> = {
  'x-application-key': 'applicationKey',
  'x-master-key': 'masterKey',
  authorization: 'authorization',
  'x-no-script': 'noScript',
};

/**
 * The credentials of an HTTP request, from `request.headersDistinct`: `request.headers` would hide that `Authorization`
 * came twice. Throws UNAUTHENTICATED when one did.
 */
export function credentialsFromHeaders(headers: Readonly<Record<string, readonly string[] | undefined>>): Credentials {
  return collect((name) => {
    const [value, ...more] = headers[name] ?? [];
    if (more.length > 0) throw refusal(`The header ${name} was sent more than once`, 'send it once.');
    return value;
  });
}

/**
 * The credentials of a WebSocket, from the payload of `connection_init`: the names of the headers in lower case, each
 * with a string. Throws UNAUTHENTICATED on anything else under these names.
 */
export function credentialsFromConnection(payload: unknown): Credentials {
  if (payload === undefined || payload === null) return {};
  if (typeof payload !== 'object' || Array.isArray(payload)) {
    throw refusal('The payload of connection_init is not an object', 'send an object, or leave it out.');
  }
  const sent = new Map(Object.entries(payload));
  for (const name of sent.keys()) {
    const meant = name.toLowerCase();
    if (Object.hasOwn(FIELDS, meant) && meant !== name) {
      throw refusal(`connection_init has ${JSON.stringify(name)}`, `write it in lower case, "${meant}".`);
    }
  }
  return collect((name) => {
    const value: unknown = sent.get(name);
    if (value === undefined || typeof value === 'string') return value;
    throw refusal(`"${name}" of connection_init is not a string`, 'send a string, or leave it out.');
  });
}

function collect(sentAs: (name: string) => string | undefined): Credentials {
  const entries = Object.entries(FIELDS).map(([name, field]) => [field, sentAs(name)]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}
