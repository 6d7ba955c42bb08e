// Where scripts may send requests, and that no spelling of a private address gets past it.

import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { FetchPolicy, isHostPattern, isPrivatePlace } from '../../../../src/scripts/fetch/fetch-policy.ts';
import { type FetchRequest, openScriptFetch } from '../../../../src/scripts/fetch/open-script-fetch.ts';
import { isPrivateAddress } from '../../../../src/scripts/fetch/private-addresses.ts';

const NEVER = new AbortController().signal;
const get = (url: string): FetchRequest => ({ url, method: 'GET', headers: {}, body: null, redirect: 'follow' });

/** Nothing may ever come here. */
let sink: Server;
let connections = 0;
let port = 0;
before(async () => {
  sink = createServer((_, response) => response.end('reached'));
  sink.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((listening) => sink.listen(0, '::', listening));
  ({ port } = sink.address() as AddressInfo);
});
after(() => new Promise((closed) => sink.close(closed)));

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'FETCHED',
    (error: Error & { code?: string }) => error.code ?? error.message,
  );

/** Hosts as they are written, all of this machine or of a private network. */
const SPELLINGS = [
  '127.0.0.1',
  '127.1',
  '127.0.1',
  '2130706433',
  '0x7f000001',
  '0x7f.1',
  '0x7F.0x0.0x0.0x1',
  '017700000001',
  '0177.0.0.1',
  '0177.0.0.01',
  '127.0.0.1.',
  '127。0。0。1',
  '127．0．0．1',
  '１２７.0.0.1',
  '①②⑦.0.0.1',
  '%31%32%37.0.0.1',
  '12\t7.0.0.1',
  '127.0.\n0.1',
  '0',
  '0.0.0.0',
  '0x0',
  '00.0',
  '127.255.255.254',
  '10.0.0.1',
  '10.1',
  '167772161',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.0.1',
  '192.168.1',
  '0xc0a80001',
  '169.254.169.254',
  '2852039166',
  '0xa9fea9fe',
  '100.64.0.1',
  '198.18.0.1',
  '192.0.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '240.0.0.1',
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
  '[0000::0001]',
  '[::]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::FFFF:127.0.0.1]',
  '[::127.0.0.1]',
  '[0:0:0:0:0:ffff:127.0.0.1]',
  '[::ffff:10.0.0.1]',
  '[::ffff:169.254.169.254]',
  '[64:ff9b::127.0.0.1]',
  '[64:ff9b::7f00:1]',
  '[64:ff9b:1::1]',
  '[2002:7f00:1::]',
  '[2001::1]',
  '[2001:db8::1]',
  '[fe80::1]',
  '[fec0::1]',
  '[fc00::1]',
  '[fd12:3456::1]',
  '[ff02::1]',
  '[100::1]',
  'localhost',
  'LOCALHOST',
  'localhost.',
  'ｌocalhost',
  'sub.localhost',
  'private.test',
  'both.test',
  'mapped.test',
];

const NAMES: Readonly<Record<string, readonly string[]>> = {
  localhost: ['127.0.0.1', '::1'],
  'sub.localhost': ['127.0.0.1'],
  'private.test': ['10.1.2.3'],
  'both.test': ['93.184.216.34', '127.0.0.1'],
  'mapped.test': ['::ffff:127.0.0.1'],
};
const resolve = async (host: string) => NAMES[host] ?? [];

test('no spelling of a private address is reached, though every host is allowed', async () => {
  const fetch = openScriptFetch({ allow: ['*', `*:${port}`], allowPrivate: [], resolve });
  const [reached, tried] = [
    [] as string[],
    SPELLINGS.flatMap((host) => [`http://${host}:${port}/`, `https://${host}/`]),
  ];
  for (const url of tried) {
    const code = await codeOf(fetch(get(url), NEVER));
    if (code !== 'FETCH_REFUSED') reached.push(`${url}: ${code}`);
  }
  assert.deepEqual(reached, []);
  assert.equal(connections, 0);
  assert.ok(tried.length >= 120);
});

test('a redirect is checked like a request', async () => {
  const targets = SPELLINGS.map((host) => `http://${host.replace(/[\t\n]/g, '')}:${port}/`);
  const redirecting = createServer((request, response) => {
    const at = Number(request.url?.slice(1));
    response.writeHead(302, { location: encodeURI(targets[at] ?? '').replaceAll('%25', '%') }).end();
  });
  await new Promise<void>((listening) => redirecting.listen(0, '127.0.0.1', listening));
  const own = (redirecting.address() as AddressInfo).port;
  const fetch = openScriptFetch({
    allow: [`start.test:${own}`, '*', `*:${port}`],
    allowPrivate: ['start.test'],
    resolve: async (host) => (host === 'start.test' ? ['127.0.0.1'] : resolve(host)),
  });
  try {
    for (const at of targets.keys()) {
      assert.equal(await codeOf(fetch(get(`http://start.test:${own}/${at}`), NEVER)), 'FETCH_REFUSED', targets[at]);
    }
    assert.equal(connections, 0);
  } finally {
    await new Promise((closed) => redirecting.close(closed));
  }
});

test('the connection goes to the address that was checked, whatever the name resolves to by then', async () => {
  let asked = 0;
  const rebinding = async () => (asked++ === 0 ? ['192.0.2.1'] : ['127.0.0.1']);
  const fetch = openScriptFetch({
    allow: [`*:${port}`],
    allowPrivate: ['192.0.2.0/24'],
    resolve: rebinding,
    connectTimeout: 50,
  });
  await codeOf(fetch(get(`http://rebinding.test:${port}/`), NEVER));
  assert.deepEqual([asked, connections], [1, 0]);
});

test('what may be fetched from', () => {
  const policy = new FetchPolicy({
    allow: ['api.test', '*.wild.test', 'port.test:8443', '[2606:4700::1]'],
    allowPrivate: [],
  });
  const cases: [url: string, refusal: RegExp | null][] = [
    ['https://api.test/x?y#z', null],
    ['http://API.TEST./', null],
    ['https://api.test:443/', null],
    ['https://a.wild.test/', null],
    ['https://a.b.wild.test/', null],
    ['https://port.test:8443/', null],
    ['https://[2606:4700::1]/', null],
    ['https://api.test:8443/', /add it to TABLECAST_FETCH_HOSTS/],
    ['https://port.test/', /port\.test/],
    ['https://wild.test/', /wild\.test/],
    ['https://evilwild.test/', /evilwild/],
    ['https://api.test.evil.test/', /evil/],
    ['https://other.test/', /other\.test/],
    ['https://user:secret@api.test/', /user name or password/],
    ['https://user@api.test/', /user name or password/],
    ['https://api.test\\@evil.test/', null],
    ['ftp://api.test/', /Only http: and https:/],
    ['file:///etc/passwd', /Only http/],
    ['data:text/plain,x', /Only http/],
    ['blob:https://api.test/x', /Only http/],
    ['/path', /cannot be read/],
    ['//api.test/', /cannot be read/],
    ['https://', /cannot be read/],
    [`https://api.test/${'x'.repeat(9_000)}`, /characters/],
  ];
  for (const [url, refusal] of cases) {
    if (refusal) assert.throws(() => policy.urlOf(url), { code: 'FETCH_REFUSED', message: refusal }, url);
    else assert.match(policy.urlOf(url).hostname, /^(api\.test|.*\.wild\.test|port\.test|\[2606:4700::1\])$/, url);
  }
  assert.throws(() => new FetchPolicy({ allow: [], allowPrivate: [] }).urlOf('https://api.test/'), {
    code: 'FETCH_REFUSED',
  });
});

test('private places that are named, and only those', () => {
  const policy = new FetchPolicy({ allow: ['*'], allowPrivate: ['inside.test', '10.1.0.0/16', '::1'] });
  const cases: [url: string, addresses: readonly string[], isAllowed: boolean][] = [
    ['https://inside.test/', ['127.0.0.1'], true],
    ['https://other.test/', ['10.1.2.3'], true],
    ['https://other.test/', ['10.2.2.3'], false],
    ['https://other.test/', ['10.1.2.3', '10.2.2.3'], false],
    ['https://other.test/', ['::ffff:10.1.2.3'], false],
    ['https://other.test/', ['::1'], true],
    ['https://other.test/', ['127.0.0.1'], false],
    ['https://other.test/', ['93.184.216.34', '2606:2800::1'], true],
  ];
  for (const [url, addresses, isAllowed] of cases) {
    const check = () => policy.check(new URL(url), addresses);
    if (isAllowed) check();
    else assert.throws(check, { code: 'FETCH_REFUSED', message: /TABLECAST_FETCH_PRIVATE/ }, `${url} ${addresses}`);
  }
});

test('addresses that are public, and what is none', () => {
  for (const address of ['1.1.1.1', '93.184.216.34', '172.32.0.1', '192.169.0.1', '2606:4700::1111', '2a00::1'])
    assert.equal(isPrivateAddress(address), false, address);
  for (const address of ['fe80::1%eth0', '', 'localhost', '1.2.3', '2001:20::1', '3fff::1', '4000::1'])
    assert.equal(isPrivateAddress(address), true, address);
});

test('the words of the settings', () => {
  for (const pattern of ['*', 'a.test', '*.a.test', 'a.test:80', '*:8080', '[::1]:80', 'localhost:3000'])
    assert.ok(isHostPattern(pattern), pattern);
  for (const pattern of ['', 'https://a.test', 'a.test/', 'a*.test', '**', 'a.test:', 'a test', '*.*', '.a.test'])
    assert.ok(!isHostPattern(pattern), pattern);
  for (const place of ['localhost', '10.0.0.0/8', '::1', 'fd00::/8']) assert.ok(isPrivatePlace(place), place);
  for (const place of ['*', 'localhost:80', '10.0.0.0/33', '*.a.test', '10.0.0.0/'])
    assert.ok(!isPrivatePlace(place), place);
});
