// GraphiQL's scripts, styles and editor workers as static files: read from the library on first use, compressed once
// each, off the event loop, and kept. Their addresses carry a hash of the content, so that browsers may keep them too.

import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { PAGE_SCRIPT } from './page-script.ts';
import { PAGE_STYLE } from './page-style.ts';

export type Encoding = 'br' | 'gzip' | 'identity';

export interface GraphiqlAsset {
  /** The `Content-Type`. */
  readonly type: string;
  /** The bytes to send. The first call for an encoding compresses; concurrent and later calls share its outcome. */
  body(encoding: Encoding): Promise<Buffer>;
}

export interface GraphiqlAssets {
  /** Changes when any file does. */
  readonly hash: string;
  /** By file name. */
  readonly files: ReadonlyMap<string, GraphiqlAsset>;
}

const JAVASCRIPT = 'text/javascript; charset=utf-8';
const CSS = 'text/css; charset=utf-8';

/**
 * Loads the library (about 9 MB, 0.14 s of the event loop, once) and names its parts. The files `editorWorkerService.js`,
 * `json.js` and `graphql.js` are called as the editor asks for its workers.
 */
export async function loadGraphiqlAssets(): Promise<GraphiqlAssets> {
  const library = await import('@graphql-yoga/render-graphiql/graphiql');
  const texts: readonly [name: string, type: string, text: string][] = [
    ['graphiql.js', JAVASCRIPT, library.js],
    ['graphiql.css', CSS, library.css],
    ['page.js', JAVASCRIPT, PAGE_SCRIPT],
    ['page.css', CSS, PAGE_STYLE],
    ['editorWorkerService.js', JAVASCRIPT, library.editorWorkerService],
    ['json.js', JAVASCRIPT, library.jsonWorker],
    ['graphql.js', JAVASCRIPT, library.graphqlWorker],
  ];
  const hash = createHash('sha256');
  for (const [name, , text] of texts) hash.update(`${name} ${text.length} `).update(text);
  return {
    hash: hash.digest('hex').slice(0, 16),
    files: new Map(texts.map(([name, type, text]) => [name, toAsset(type, text)])),
  };
}

function toAsset(type: string, text: string): GraphiqlAsset {
  // Only the compressed bytes are kept: every browser takes them, and the library keeps its text in memory anyway.
  const kept = new Map<Encoding, Promise<Buffer>>();
  return {
    type,
    body(encoding) {
      if (encoding === 'identity') return Promise.resolve(Buffer.from(text));
      const body = kept.get(encoding) ?? COMPRESS[encoding](text);
      kept.set(encoding, body);
      return body;
    },
  };
}

const brotli = promisify(brotliCompress);
const COMPRESS = {
  gzip: promisify<string, Buffer>(gzip),
  // Level 5: 2.1 MB in 0.4 s. Level 9 saves 4% more and takes 1.3 s of the person's first page load.
  br: (text: string) => brotli(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
};
