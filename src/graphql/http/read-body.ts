// The body of a request: bounded, UTF-8, JSON.

import type { IncomingMessage } from 'node:http';
import { ServiceError } from '../../platform/errors.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

/** The JSON value of a request's body; undefined when there is none. Throws ServiceError; reads at most `limit` bytes. */
export async function readJsonBody(request: IncomingMessage, limit: number): Promise<unknown> {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity')
    throw new ServiceError('BAD_REQUEST', `Bodies are taken as they are, not in ${encoding}.`);
  const charset = /charset\s*=\s*"?([^\s;"]+)/i.exec(request.headers['content-type'] ?? '')?.[1];
  if (charset && charset.toLowerCase() !== 'utf-8')
    throw new ServiceError('BAD_REQUEST', `Bodies are UTF-8, not ${charset}.`);
  const bytes = await readBytes(request, limit);
  if (bytes.length === 0) return undefined;
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    throw new ServiceError('BAD_REQUEST', 'The body is not JSON in UTF-8.');
  }
}

async function readBytes(request: IncomingMessage, limit: number): Promise<Buffer> {
  const tooLarge = () => new ServiceError('PAYLOAD_TOO_LARGE', `The body is over ${limit} bytes. Send less at once.`);
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}
