// The body of a request: JSON and nothing else, in UTF-8, as it is, and no larger than the limit.

import type { IncomingMessage } from 'node:http';
import { ServiceError } from '../../platform/errors.ts';
import { HttpRefusal } from './exchange.ts';
import { isJson } from './media-types.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });
const UTF8_NAMES = ['utf-8', 'utf8'];

/**
 * The JSON value of a request's body; undefined when there is none. Throws ServiceError; keeps at most `limit` bytes.
 * A page of another site can send a form or plain text without asking: what is not called JSON is not read as JSON.
 */
export async function readJsonBody(request: IncomingMessage, limit: number): Promise<unknown> {
  const type = request.headers['content-type'];
  if (!isJson(type)) throw new HttpRefusal(415, 'Send the body as JSON, with "Content-Type: application/json".');
  const charset = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(type ?? '')?.[1]?.toLowerCase();
  if (charset !== undefined && !UTF8_NAMES.includes(charset))
    throw new HttpRefusal(415, `Bodies are UTF-8, not ${charset}.`);
  const encoding = request.headers['content-encoding']?.toLowerCase() ?? 'identity';
  if (encoding !== 'identity') throw new HttpRefusal(415, `Send the body as it is, not in ${encoding}.`);
  const bytes = await readBytes(request, limit);
  if (bytes.length === 0) return undefined;
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    throw new ServiceError('BAD_REQUEST', 'The body is not JSON in UTF-8.');
  }
}

function readBytes(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const tooLarge = () =>
      reject(new ServiceError('PAYLOAD_TOO_LARGE', `The body is over ${limit} bytes. Send less at once.`));
    if (Number(request.headers['content-length'] ?? 0) > limit) return tooLarge();
    let chunks: Buffer[] = [];
    let size = 0;
    // Past the limit the body is still read, and dropped: a connection that is cut while the client sends would lose the
    // answer that says why. The server's request timeout ends a body that does not end.
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) {
        chunks.push(chunk);
        return;
      }
      chunks = [];
      tooLarge();
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', reject);
  });
}

/** The operation of a GET: the members of a body as parameters, those that are objects as JSON. Throws BAD_REQUEST. */
export function bodyOfSearch(search: string): Record<string, unknown> {
  const parameters = new URLSearchParams(search);
  const texts = ['query', 'operationName'].map((name) => [name, parameters.get(name)] as const);
  const objects = ['variables', 'extensions'].map((name) => [name, jsonOf(name, parameters.get(name))] as const);
  return Object.fromEntries([...texts, ...objects].filter(([, value]) => value !== null));
}

function jsonOf(name: string, text: string | null): unknown {
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch {
    throw new ServiceError('BAD_REQUEST', `${name} is not JSON.`);
  }
}
