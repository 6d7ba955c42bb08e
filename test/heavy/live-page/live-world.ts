// The service with the sample app, the network before it, the page in Chromium, and what alice sees there.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { signToken } from '../../../src/auth/own-token.ts';
import { openCrashService } from '../../integration/crash-service.ts';
import { sampleTables } from '../../support/model-of.ts';
import { openTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { type NetworkLine, openNetworkLine } from './network-line.ts';
import type { Item } from './page/documents.ts';
import type { Seen } from './page/show.ts';
import { openPageServer } from './page-server.ts';

export const CLIENTS = ['graphql-ws', 'Apollo Client', 'urql', 'graphql-sse'] as const;

/** Milliseconds until the lists of the page have to be right: a lost network is noticed after 25 s, and a token is good for 30. */
const PATIENCE = 60_000;
const TOKEN_LIFETIME = 30_000;
const SECRET = 'live-page-token-secret-0123456789abcdef-0123';

const CHROMIUM = [
  process.env['CHROMIUM_PATH'] ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

export interface LiveWorld {
  readonly page: Page;
  readonly line: NetworkLine;
  readonly database: TestDatabase;
  /** SIGKILLs the service and starts it again, with other tables when they are given. */
  restart(tables?: string): Promise<void>;
  /** Past the line, so that it works while the page is offline. Throws when something is wrong. */
  ask<Data>(query: string, variables?: Record<string, unknown>, user?: string): Promise<Data>;
  seen(): Promise<Seen>;
  /** Resolves when all lists of all clients are what a query answers now. Nothing may have gone wrong until then. */
  settled(): Promise<number>;
  /** A page of the service itself. */
  openServicePage(): Promise<Page>;
  close(): Promise<void>;
}

export function tokenOf(id: string, lifetime = TOKEN_LIFETIME): string {
  const issuer = { secret: SECRET, issuer: 'tablecast', audience: 'tablecast' };
  return signToken({ ...issuer, now: Date.now(), lifetime, user: { id, roles: [], claims: {} } });
}

/** Opens it, with one thing closed after the other in the reverse order. */
export async function openLiveWorld(): Promise<LiveWorld> {
  const executablePath = CHROMIUM.find((path) => path !== '' && existsSync(path));
  if (!executablePath) throw new Error('There is no Chromium here: set CHROMIUM_PATH.');
  const closing: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const one of closing.splice(0).reverse()) await one();
  };
  try {
    const pages = await openPageServer(() => tokenOf('alice'));
    closing.push(pages.close);
    const database = await openTestDatabase();
    closing.push(database.close);
    const service = await openCrashService(await sampleTables(), {
      NODE_ENV: 'development',
      DATABASE_URL: database.url,
      TABLECAST_TOKEN_SECRET: SECRET,
      TABLECAST_CORS_ORIGINS: pages.origin,
    });
    closing.push(async () => {
      await service.close();
      await service.remove();
    });
    let url = await service.serving();
    const line = await openNetworkLine(() => url);
    closing.push(line.close);
    // Its own sandbox does not start for root, as in a container. The pages here are all our own.
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    closing.push(() => browser.close());
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    const page = await context.newPage();
    const broken: string[] = [];
    page.on('pageerror', (error) => broken.push(`error in the page: ${error.message}`));

    const ask: LiveWorld['ask'] = async (query, variables = {}, user = 'alice') => {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${tokenOf(user)}` },
        body: JSON.stringify({ query, variables }),
      });
      const { data, errors } = (await response.json()) as { data: unknown; errors?: unknown };
      if (errors) throw new Error(JSON.stringify(errors));
      return data as never;
    };
    const seen = () => page.evaluate(() => globalThis.seen);
    const world: LiveWorld = {
      page,
      line,
      database,
      ask,
      seen,
      async restart(tables) {
        if (tables) await writeFile(join(service.app, 'schema', 'crash.graphql'), tables);
        await service.kill('service');
        url = await service.serving();
      },
      async settled() {
        const { todoItems } = await ask<{ todoItems: Item[] }>(
          '{ todoItems(orderBy: [{ id: ASC }], first: 1000) { id text complete } }',
        );
        const names = CLIENTS.flatMap((name) => [`${name} changes`, `${name} list`]);
        const expected = Object.fromEntries(names.map((name) => [name, todoItems]));
        await page
          .waitForFunction(
            ([wanted, keys]) => keys.every((key) => JSON.stringify(globalThis.seen.lists[key]) === wanted),
            [JSON.stringify(todoItems), names] as const,
            { timeout: PATIENCE, polling: 50 },
          )
          // What is missing is told below, in full.
          .catch(() => undefined);
        const { lists, wrong } = await seen();
        assert.deepEqual([...wrong, ...broken], []);
        assert.deepEqual(Object.fromEntries(names.map((name) => [name, lists[name]])), expected);
        return todoItems.length;
      },
      async openServicePage() {
        const other = await context.newPage();
        await other.goto(`${url}/graphql`);
        return other;
      },
      close,
    };
    await page.goto(`${pages.origin}/?service=${line.url}`);
    return world;
  } catch (error) {
    await close();
    throw error;
  }
}
