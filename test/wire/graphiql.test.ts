// GraphiQL's page and its files over real HTTP: what is sent to whom, and with which headers.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { Script } from 'node:vm';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { isLoopbackAddress, isLoopbackHost } from '../../src/graphql/graphiql/from-this-machine.ts';
import { loadGraphiqlAssets } from '../../src/graphql/graphiql/graphiql-assets.ts';
import {
  type GraphiqlIdentity,
  type GraphiqlOptions,
  openGraphiql,
  wantsGraphiql,
} from '../../src/graphql/graphiql/open-graphiql.ts';
import { PAGE_SCRIPT } from '../../src/graphql/graphiql/page-script.ts';

const KEY = 'development-application-key';
const IDENTITIES: readonly GraphiqlIdentity[] = [
  { name: 'public', description: 'Nobody', headers: {} },
  { name: 'app', description: 'The key', headers: { 'X-Application-Key': KEY } },
];

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

interface Asking {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
}

/** GraphiQL behind a real server, on a port or on a socket file; closed with the test. */
async function serve(t: TestContext, options: Partial<GraphiqlOptions> = {}, socketPath?: string) {
  const graphiql = openGraphiql({
    endpoint: '/graphql',
    title: 'Tablecast',
    firstQuery: '{ viewer }',
    identities: () => IDENTITIES,
    ...options,
  });
  const server = createServer((incoming, outgoing) => graphiql.handle(incoming, outgoing));
  t.after(() => {
    server.closeAllConnections();
    return new Promise((closed) => server.close(closed));
  });
  if (socketPath) server.listen(socketPath);
  else server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const where = socketPath ? { socketPath } : { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
  return async function ask(path: string, { method = 'GET', headers = {} }: Asking = {}): Promise<Answer> {
    const sent = request({ ...where, path, method, headers: { host: 'localhost', ...headers }, agent: false });
    sent.end();
    const [answer] = await once(sent, 'response');
    return { status: answer.statusCode, headers: answer.headers, body: await buffer(answer) };
  };
}

function settingsOf(html: string): { identities: GraphiqlIdentity[]; files: string; firstQuery: string } {
  return JSON.parse(/<script type="application\/json" id="settings">(.*?)<\/script>/s.exec(html)?.[1] ?? 'no settings');
}

test('the page is small, never kept, and may load nothing but its own files', async (t) => {
  const ask = await serve(t);
  const page = await ask('/graphql');
  const html = page.body.toString();
  const nonce = /'nonce-([\w+/=]+)'/.exec(String(page.headers['content-security-policy']))?.[1];
  const { files } = settingsOf(html);

  assert.equal(page.status, 200);
  assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
  assert.equal(page.headers['cache-control'], 'no-store');
  assert.equal(page.headers['x-content-type-options'], 'nosniff');
  assert.equal(page.headers['referrer-policy'], 'no-referrer');
  assert.equal(page.headers['cross-origin-opener-policy'], 'same-origin');
  assert.equal(page.headers['cross-origin-resource-policy'], 'same-origin');
  assert.equal(
    page.headers['content-security-policy'],
    [
      "default-src 'none'",
      `script-src 'nonce-${nonce}'`,
      "worker-src 'self'",
      "style-src 'self' 'unsafe-inline'",
      'font-src data:',
      'img-src data:',
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
  );
  assert.ok(page.body.length < 10_000, `${page.body.length} bytes`);
  assert.match(files, /^\/graphql\/graphiql\/[0-9a-f]{16}\/$/);
  const loads = [...html.matchAll(/ (?:src|href)="([^"]*)"/g)].map((found) => String(found[1]).replace(/,.*/, ''));
  assert.deepEqual(loads, [
    'data:image/svg+xml',
    `${files}graphiql.css`,
    `${files}page.css`,
    `${files}graphiql.js`,
    `${files}page.js`,
  ]);
  const scripts = [...html.matchAll(/<script (.*?)>/g)].map((found) => found[1]);
  assert.deepEqual(scripts.slice(1), [
    `nonce="${nonce}" defer src="${files}graphiql.js"`,
    `nonce="${nonce}" type="module" src="${files}page.js"`,
  ]);
});

test('each page has a nonce of its own, and identities made for it', async (t) => {
  let made = 0;
  const ask = await serve(t, {
    identities: () => [{ name: 'alice', description: '', headers: { Authorization: `Bearer ${++made}` } }],
  });
  const pages = [await ask('/graphql'), await ask('/graphql?query=%7Bviewer%7D')];
  const policies = pages.map((page) => page.headers['content-security-policy']);
  assert.notEqual(policies[0], policies[1]);
  const tokens = pages.map((page) => settingsOf(page.body.toString()).identities[0]?.headers['Authorization']);
  assert.deepEqual(tokens, ['Bearer 1', 'Bearer 2']);
});

test('nothing in a name, a header, a title or a query ends its place in the page', async (t) => {
  const nasty = '</script><script>alert(1)</script><!--"\' onload=alert(1) &lt;';
  const identity = { name: nasty, description: nasty, headers: { 'X-Key': nasty } };
  const ask = await serve(t, { title: nasty, firstQuery: nasty, identities: () => [identity] });
  const html = (await ask('/graphql')).body.toString();
  const settings = settingsOf(html);
  assert.deepEqual(settings.identities, [identity]);
  assert.equal(settings.firstQuery, nasty);
  assert.equal(html.match(/<script/g)?.length, 3);
  assert.equal(html.match(/<!--/g), null);
  assert.doesNotMatch(html.replace(/<script type="application\/json".*/, ''), /["'] onload=/);
});

const PLACES: readonly [name: string, headers: OutgoingHttpHeaders, keys: boolean][] = [
  ['localhost', { host: 'localhost:4000' }, true],
  ['a name under localhost', { host: 'app.localhost' }, true],
  ['127.0.0.1', { host: '127.0.0.1:4000' }, true],
  ['another address of this machine', { host: '127.8.0.1' }, true],
  ['::1', { host: '[::1]:4000' }, true],
  ['in capitals', { host: 'LOCALHOST' }, true],
  ['a name that was rebound', { host: 'evil.example:4000' }, false],
  ['a name that ends alike', { host: 'evil-localhost' }, false],
  ['a name that begins alike', { host: 'localhost.evil.example' }, false],
  ['an address in a name', { host: '127.0.0.1.evil.example' }, false],
  ['an address of the network', { host: '192.168.1.5:4000' }, false],
  ['every address', { host: '0.0.0.0' }, false],
  ['through a proxy', { host: 'localhost', 'x-forwarded-for': '203.0.113.9' }, false],
  ['through a standard proxy', { host: 'localhost', forwarded: 'for=203.0.113.9' }, false],
  ['through a tunnel', { host: 'localhost', 'x-forwarded-host': 'abc.tunnel.example' }, false],
];

test('keys are in the page only for a person at this machine', async (t) => {
  const ask = await serve(t);
  for (const [name, headers, keys] of PLACES) {
    await t.test(name, async () => {
      const html = (await ask('/graphql', { headers })).body.toString();
      assert.equal(html.includes(KEY), keys);
      assert.equal(settingsOf(html).identities.length, keys ? IDENTITIES.length : 0);
      assert.deepEqual(
        [...html.matchAll(/type="radio" name="act-as" value="(.*?)"/g)].map((found) => found[1]),
        keys ? ['public', 'app'] : ['public', 'with keys'],
      );
    });
  }
});

test('keys are not made for a connection that has no loopback address', async (t) => {
  const name = `graphiql-${randomUUID()}`;
  const asked: unknown[] = [];
  const identities: GraphiqlOptions['identities'] = (from) => {
    asked.push(from);
    return IDENTITIES;
  };
  const socket = process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), name);
  const html = (await (await serve(t, { identities }, socket))('/graphql')).body.toString();
  assert.doesNotMatch(html, new RegExp(KEY));
  assert.deepEqual(asked, []);

  await (await serve(t, { identities }))('/graphql', { headers: { host: 'localhost:4000' } });
  assert.deepEqual(asked, [{ host: 'localhost:4000', remoteAddress: '127.0.0.1' }]);
});

test('loopback is told from what looks like it', () => {
  const addresses = ['127.0.0.1', '127.1.2.3', '::1', '::ffff:127.0.0.1', '::FFFF:127.0.0.1'];
  const others = ['', '128.0.0.1', '10.0.0.1', '127.evil', '::2', '::ffff:10.0.0.1', '0.0.0.0', '::'];
  assert.deepEqual(addresses.map(isLoopbackAddress), Array(addresses.length).fill(true));
  assert.deepEqual(others.map(isLoopbackAddress), Array(others.length).fill(false));
  const hosts = ['', 'localhost:x', 'localhost:4000:1', '[::1', '::1', '[::2]', 'user@localhost', 'a b.localhost'];
  assert.deepEqual(hosts.map(isLoopbackHost), Array(hosts.length).fill(false));
});

const DECODERS: Record<string, (body: Buffer) => Buffer> = { br: brotliDecompressSync, gzip: gunzipSync };
const ENCODINGS: readonly [accepted: string | undefined, sent: string | undefined][] = [
  ['gzip, deflate, br, zstd', 'br'],
  ['br;q=0, gzip;q=0.5', 'gzip'],
  ['gzip, deflate', 'gzip'],
  ['*', 'br'],
  ['br;q=0, *', 'gzip'],
  ['identity', undefined],
  [undefined, undefined],
];

test('every file is sent whole, as small as the browser takes it, to be kept for good', async (t) => {
  const ask = await serve(t);
  const { hash, files } = await loadGraphiqlAssets();
  for (const [name, { type, body }] of files) {
    const text = await body('identity');
    for (const [accepted, sent] of ENCODINGS) {
      const answer = await ask(`/graphql/graphiql/${hash}/${name}`, {
        headers: accepted === undefined ? {} : { 'accept-encoding': accepted },
      });
      const { headers } = answer;
      assert.equal(answer.status, 200);
      assert.equal(headers['content-encoding'], sent, `${name} for ${accepted}`);
      assert.equal(headers['content-length'], String(answer.body.length));
      assert.ok((sent ? DECODERS[sent]?.(answer.body) : answer.body)?.equals(text), `${name} for ${accepted}`);
      assert.equal(headers['content-type'], type);
      assert.equal(headers['cache-control'], 'public, max-age=31536000, immutable');
      assert.equal(headers['vary'], 'Accept-Encoding');
      assert.equal(headers['etag'], `"${hash}-${sent ?? 'identity'}"`);
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.equal(headers['content-security-policy'], "default-src 'none'; frame-ancestors 'none'");
      assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
    }
  }
});

test('a file is compressed once, however many ask at once', async () => {
  const file = (await loadGraphiqlAssets()).files.get('page.js');
  assert.ok(file);
  for (const encoding of ['br', 'gzip'] as const) assert.equal(file.body(encoding), file.body(encoding));
});

test('a file that the browser has is not sent again', async (t) => {
  const ask = await serve(t);
  const { hash } = await loadGraphiqlAssets();
  const path = `/graphql/graphiql/${hash}/page.css`;
  const cases: readonly [tag: string, status: number][] = [
    [`"${hash}-br"`, 304],
    [`W/"${hash}-br"`, 304],
    [`"other", "${hash}-br"`, 304],
    ['*', 304],
    [`"${hash}-gzip"`, 200],
    [hash, 200],
  ];
  for (const [tag, status] of cases) {
    const answer = await ask(path, { headers: { 'if-none-match': tag, 'accept-encoding': 'br' } });
    assert.equal(answer.status, status, tag);
    assert.equal(answer.headers['etag'], `"${hash}-br"`);
    if (status === 304) assert.equal(answer.body.length, 0);
  }
});

test('HEAD answers as GET does, without the body', async (t) => {
  const ask = await serve(t);
  const { hash } = await loadGraphiqlAssets();
  const headers = { 'accept-encoding': 'br' };
  for (const path of ['/graphql', `/graphql/graphiql/${hash}/graphiql.css`]) {
    const [get, head] = [await ask(path, { headers }), await ask(path, { method: 'HEAD', headers })];
    const comparable = ({ date, 'content-security-policy': policy, ...rest }: IncomingHttpHeaders) => rest;
    assert.equal(head.status, 200);
    assert.equal(head.body.length, 0);
    assert.ok(get.body.length > 0);
    assert.deepEqual(comparable(head.headers), comparable(get.headers));
  }
});

test('there is nothing but the files, and nothing but GET and HEAD', async (t) => {
  const ask = await serve(t);
  const { hash } = await loadGraphiqlAssets();
  const missing = [
    '0000000000000000/page.js',
    `${hash}/other.js`,
    `${hash}/`,
    hash,
    `${hash}/page.js/`,
    `${hash}/toString`,
  ];
  for (const path of missing) {
    const answer = await ask(`/graphql/graphiql/${path}`);
    assert.equal(answer.status, 404, path);
    assert.equal(answer.headers['cache-control'], 'no-store');
    assert.match(answer.body.toString(), /Reload the page/);
  }
  for (const path of ['/graphql', `/graphql/graphiql/${hash}/page.js`]) {
    const answer = await ask(path, { method: 'POST' });
    assert.equal(answer.status, 405);
    assert.equal(answer.headers['allow'], 'GET, HEAD');
  }
});

test('the page of another endpoint has paths of its own', async (t) => {
  const ask = await serve(t, { endpoint: '/admin/graphql' });
  const { files } = settingsOf((await ask('/admin/graphql')).body.toString());
  assert.equal((await ask(`${files}page.js`)).status, 200);

  const { ownsPath } = openGraphiql({ endpoint: '/graphql', title: '', firstQuery: '', identities: () => [] });
  const owned = ['/graphql/graphiql/x/y.js', '/graphql/graphiql/', '/graphql', '/graphql/graphiql', '/graphqlx', files];
  assert.deepEqual(owned.map(ownsPath), [true, true, false, false, false, false]);
});

const FIREFOX = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
const CHROMIUM = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8';
const ASKERS: readonly [method: string, accept: string | undefined, wants: boolean][] = [
  ['GET', FIREFOX, true],
  ['GET', CHROMIUM, true],
  ['HEAD', CHROMIUM, true],
  ['POST', CHROMIUM, false],
  ['OPTIONS', CHROMIUM, false],
  ['GET', 'text/html', true],
  ['GET', 'TEXT/HTML; charset=utf-8', true],
  ['GET', 'text/html, */*', true],
  ['GET', 'text/html;q=0.9, */*', false],
  ['GET', 'text/html;q=0.9, application/json;q=0.8', true],
  ['GET', 'text/html, application/json', false],
  ['GET', 'application/json, text/html;q=0.9', false],
  ['GET', 'text/html;q=0.5, application/*;q=0.6', false],
  ['GET', 'text/html, application/graphql-response+json', false],
  ['GET', 'text/html, application/json;q=0', true],
  ['GET', 'text/html;q=0, */*', false],
  ['GET', 'text/html;q=nonsense', false],
  ['GET', 'application/graphql-response+json, application/json;q=0.9', false],
  ['GET', '*/*', false],
  ['GET', 'text/*', false],
  ['GET', '', false],
  ['GET', undefined, false],
];

test('a browser is told from a program by what it accepts', () => {
  for (const [method, accept, wants] of ASKERS) {
    const headers = accept === undefined ? {} : { accept };
    assert.equal(wantsGraphiql({ method, headers }), wants, `${method} ${accept}`);
  }
});

test('the library is loaded by the first page, not by the start of the service', () => {
  const folder = join(import.meta.dirname, '../../src/graphql/graphiql');
  const sources = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
  const imports = sources.flatMap((text) => text.split('\n').filter((line) => line.includes('@graphql-yoga/')));
  assert.deepEqual(
    imports.map((line) => line.trim()),
    ["const library = await import('@graphql-yoga/render-graphiql/graphiql');"],
  );
});

test('the script of the page is a script', () => {
  assert.doesNotThrow(() => new Script(PAGE_SCRIPT));
});
