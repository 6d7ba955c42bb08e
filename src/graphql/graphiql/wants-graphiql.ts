// Tells a person's browser from a program's request at the GraphQL endpoint. Routing itself is the caller's.

import type { IncomingMessage } from 'node:http';

const JSON_TYPES = ['application/json', 'application/graphql-response+json'];

/**
 * Whether a request to the endpoint is a browser's navigation: GET or HEAD, and `Accept` names `text/html` and ranks no
 * JSON type above it. A program that lists HTML and JSON alike, or takes anything, is answered as a program.
 */
export function wantsGraphiql(request: Pick<IncomingMessage, 'method' | 'headers'>): boolean {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false;
  const ranges = parseAccept(request.headers.accept ?? '');
  const html = ranges.get('text/html') ?? 0;
  return html > 0 && JSON_TYPES.every((type) => !outranks(ranges, type, html));
}

/** A JSON type named outright wins a tie; one that only a wildcard covers does not. */
function outranks(ranges: ReadonlyMap<string, number>, type: string, html: number): boolean {
  const named = ranges.get(type);
  if (named !== undefined) return named > 0 && named >= html;
  return (ranges.get('application/*') ?? ranges.get('*/*') ?? 0) > html;
}

function parseAccept(header: string): Map<string, number> {
  const ranges = new Map<string, number>();
  for (const part of header.toLowerCase().split(',')) {
    const [range = '', ...parameters] = part.split(';').map((text) => text.trim());
    const quality = parameters.find((parameter) => parameter.startsWith('q='));
    const weight = quality === undefined ? 1 : Number(quality.slice(2));
    ranges.set(range, Number.isFinite(weight) ? weight : 0);
  }
  return ranges;
}
