import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { describe, test } from 'node:test';
import { credentialsFromConnection, credentialsFromHeaders } from '../../../src/auth/credentials.ts';

describe('in the headers of a request', () => {
  const requests: [string, string[], object | RegExp][] = [
    ['nothing', [], {}],
    [
      'all three, in any case',
      ['X-Application-Key: a', 'x-MASTER-key: m', 'Authorization: Bearer t'],
      {
        applicationKey: 'a',
        masterKey: 'm',
        authorization: 'Bearer t',
      },
    ],
    ['an empty one counts as sent', ['X-Application-Key:'], { applicationKey: '' }],
    ['space around one is no part of it', ['X-Application-Key:   a  '], { applicationKey: 'a' }],
    [
      'two application keys',
      ['X-Application-Key: a', 'X-Application-Key: a'],
      /x-application-key was sent more than once/,
    ],
    ['two master keys', ['X-Master-Key: a', 'x-master-key: b'], /x-master-key was sent more than once/],
    [
      'two authorizations',
      ['Authorization: Bearer a', 'Authorization: Bearer b'],
      /authorization was sent more than once/,
    ],
    ['other names', ['X-Application-Keys: a', 'Cookie: x-master-key=m', 'Proxy-Authorization: Bearer t'], {}],
  ];
  for (const [name, lines, expected] of requests) {
    test(name, async (t) => {
      const server = createServer((_, response) => response.end()).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
      t.after(() => {
        socket.destroy();
        server.close();
      });
      socket.write(['GET / HTTP/1.1', 'Host: x', ...lines, '', ''].join('\r\n'));
      const [request] = await once(server, 'request');
      const read = () => credentialsFromHeaders(request.headersDistinct);
      if (expected instanceof RegExp) assert.throws(read, { code: 'UNAUTHENTICATED', message: expected });
      else assert.deepEqual(read(), expected);
    });
  }
});

describe('in the payload of connection_init', () => {
  const payloads: [string, unknown, object | RegExp][] = [
    ['none', undefined, {}],
    ['null', null, {}],
    ['an empty one', {}, {}],
    [
      'all three',
      { 'x-application-key': 'a', 'x-master-key': 'm', authorization: 'Bearer t', other: 7 },
      {
        applicationKey: 'a',
        masterKey: 'm',
        authorization: 'Bearer t',
      },
    ],
    ['an empty one counts as sent', { authorization: '' }, { authorization: '' }],
    ['a list', [], /not an object/],
    ['a text', 'Bearer t', /not an object/],
    ['null for a credential', { authorization: null }, /"authorization" of connection_init is not a string/],
    ['a number', { 'x-master-key': 7 }, /not a string/],
    ['a list for a credential', { 'x-application-key': ['a'] }, /not a string/],
    ['false', { authorization: false }, /not a string/],
    ['capitals', { Authorization: 'Bearer t' }, /write it in lower case, "authorization"/],
    ['capitals beside', { 'x-master-key': 'm', 'X-Master-Key': 'm' }, /write it in lower case/],
    ['names of every object', JSON.parse('{"constructor":"a","__proto__":{"x-master-key":"m"}}'), {}],
    ['such names in capitals', { Constructor: 'a' }, {}],
    ['inherited ones', Object.create({ 'x-master-key': 'm' }), {}],
  ];
  for (const [name, payload, expected] of payloads) {
    test(name, () => {
      const read = () => credentialsFromConnection(payload);
      if (expected instanceof RegExp) assert.throws(read, { code: 'UNAUTHENTICATED', message: expected });
      else assert.deepEqual(read(), expected);
    });
  }
});
