// The body of an answer, with what was done to it for the way undone, and never more of it than is allowed.

import type { IncomingMessage } from 'node:http';
import { Transform, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { FetchError } from './fetch-error.ts';
import { failureOf } from './send-request.ts';

const DECODERS = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
} as const;
/** Each is undone; more than these nobody needs. */
const MOST_ENCODINGS = 2;

/** What may be asked for. */
export const ENCODINGS = 'gzip, deflate, br';

/** Reads it whole; `most` bytes, before and after it is undone. Rejects with FetchError. */
export async function readAnswer(
  answer: IncomingMessage,
  {
    url,
    method,
    most,
    signal,
  }: { readonly url: URL; readonly method: string; readonly most: number; readonly signal: AbortSignal },
): Promise<Buffer> {
  const hasNone = method === 'HEAD' || answer.statusCode === 204 || answer.statusCode === 304;
  const encodings = (answer.headers['content-encoding'] ?? '')
    .toLowerCase()
    .split(',')
    .map((one) => one.trim());
  const coded = hasNone ? [] : encodings.filter((one) => one !== '' && one !== 'identity').reverse();
  const unknown = coded.find((one) => !Object.hasOwn(DECODERS, one));
  if (unknown !== undefined || coded.length > MOST_ENCODINGS) {
    answer.destroy();
    throw new FetchError('FETCH_FAILED', `${url.host} answered in an encoding that is not known: ${coded.join(', ')}.`);
  }
  const decoders = coded.map((one) => DECODERS[one as keyof typeof DECODERS]());
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    const steps: NodeJS.ReadWriteStream[] = [limited(most, url), ...decoders, limited(most, url)];
    const keep = new Writable({
      write(chunk: Buffer, _, done) {
        size += chunk.length;
        chunks.push(chunk);
        done();
      },
    });
    await pipeline([answer, ...steps, keep]);
  } catch (error) {
    throw failureOf(error, url, signal);
  }
  return Buffer.concat(chunks, size);
}

function limited(most: number, { host }: URL): Transform {
  let size = 0;
  return new Transform({
    transform(chunk: Buffer, _, done) {
      size += chunk.length;
      if (size > most) done(new FetchError('FETCH_TOO_LARGE', `${host} answered with more than ${most} bytes.`));
      else done(null, chunk);
    },
  });
}
