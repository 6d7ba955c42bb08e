// Another issuer for the tests: keys that jose made, published by a real HTTP server on this machine.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

export interface SigningKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly jwk: JWK;
}

export async function newKey(alg: string, kid: string): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, privateKey, publicKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

export function sign(
  key: SigningKey,
  claims: Record<string, unknown>,
  header: Record<string, unknown> = {},
): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'JWT', ...header })
    .sign(key.privateKey);
}

export type Answer = (response: ServerResponse, request: IncomingMessage) => void;

export interface JwksServer {
  readonly url: string;
  /** How it answers; a test may change it. */
  answer: Answer;
  /** How many requests have come. */
  readonly count: number;
}

export const keySet =
  (...keys: SigningKey[]): Answer =>
  (response) =>
    void response
      .setHeader('content-type', 'application/json')
      .end(JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }));

export const text =
  (status: number, body: string, headers: Record<string, string> = {}): Answer =>
  (response) =>
    void response.writeHead(status, headers).end(body);

/** An answer that waits: `asked` gives what lets it go, once a request has come. */
export function held(answer: Answer): { answer: Answer; asked: Promise<() => void> } {
  let come: (release: () => void) => void;
  const asked = new Promise<() => void>((resolve) => {
    come = resolve;
  });
  return { answer: (response, request) => come(() => answer(response, request)), asked };
}

/** A server that is closed, with its connections, when the test ends. */
export async function openJwksServer(t: TestContext, answer: Answer): Promise<JwksServer> {
  let count = 0;
  const server = createServer((request, response) => {
    count++;
    opened.answer(response, request);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const opened = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`,
    answer,
    get count() {
      return count;
    },
  };
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return opened;
}
