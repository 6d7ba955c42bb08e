// Serves the page, bundled, on an origin of its own, and tokens to it as an app's sign-in would.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build } from 'esbuild';

const PAGE = join(import.meta.dirname, 'page');

export interface PageServer {
  readonly origin: string;
  close(): Promise<void>;
}

export async function openPageServer(token: () => string): Promise<PageServer> {
  const bundle = await build({
    entryPoints: [join(PAGE, 'page.ts')],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  const answers: Record<string, () => [type: string, body: string | Uint8Array]> = {
    '/': () => ['text/html', html],
    '/page.js': () => ['text/javascript', bundle.outputFiles[0]?.contents ?? ''],
    '/token': () => ['text/plain', token()],
  };
  const html = await readFile(join(PAGE, 'index.html'), 'utf8');
  const server = createServer(({ url = '/' }, response) => {
    const answer = answers[new URL(url, 'http://page').pathname];
    if (!answer) return void response.writeHead(404).end();
    const [type, body] = answer();
    response.writeHead(200, { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
