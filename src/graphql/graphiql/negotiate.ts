// The two questions that a static file's request asks: which encoding, and whether the browser has it already.

import type { Encoding } from './graphiql-assets.ts';

/** The smallest encoding that `Accept-Encoding` allows. A weight other than zero is not weighed: smaller is better. */
export function preferredEncoding(header: string | string[] | undefined): Encoding {
  const weights = new Map<string, number>();
  for (const part of String(header ?? '')
    .toLowerCase()
    .split(',')) {
    const [name = '', weight = 'q=1'] = part.split(';').map((text) => text.trim());
    weights.set(name, Number(weight.replace('q=', '')));
  }
  const allows = (encoding: Encoding) => (weights.get(encoding) ?? weights.get('*') ?? 0) > 0;
  return allows('br') ? 'br' : allows('gzip') ? 'gzip' : 'identity';
}

/** Whether `If-None-Match` names this tag: a list, `*`, and the weak form count. */
export function matchesEtag(header: string | undefined, etag: string): boolean {
  return (header ?? '').split(',').some((tag) => ['*', etag, `W/${etag}`].includes(tag.trim()));
}
