// GraphiQL in a real Chromium: that it runs under its policy, asks no other server for anything, and that the switch
// decides whose answers and whose schema are seen.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, type TestContext, test } from 'node:test';
import { type Browser, chromium, type Page } from 'playwright-core';
import { FIRST_QUERY, openGraphiqlServer } from './graphiql-server.ts';

const CHROMIUM = [
  process.env['CHROMIUM_PATH'] ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
].find((path) => path !== '' && existsSync(path));
const skip = CHROMIUM === undefined && 'skipped: no Chromium (set CHROMIUM_PATH)';

let browser: Browser;
before(async () => {
  // Its own sandbox does not start for root, as in a container. The pages here are all our own.
  if (CHROMIUM) browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
});
after(() => browser?.close());

/** A server and a tab on its page. When the test ends, nothing may have gone wrong in the tab. */
async function openTab(t: TestContext, options: { keys: boolean }) {
  const server = await openGraphiqlServer(options);
  const context = await browser.newContext();
  const page = await context.newPage();
  const wrong: string[] = [];
  page.on('pageerror', (error) => wrong.push(`error: ${error.message}`));
  // Here Chromium reports what the page's policy refused. A worker's refusals it keeps to itself.
  page.on('console', (message) => message.type() === 'error' && wrong.push(`console: ${message.text()}`));
  context.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(server.url).origin) wrong.push(`outside: ${request.url()}`);
  });
  t.after(async () => {
    await context.close();
    await server.close();
    // Chromium itself tells of every 401 in the console.
    assert.deepEqual(
      wrong.filter((text) => !text.includes('401 (Unauthorized)')),
      [],
    );
  });
  await page.goto(server.url);
  return { server, page };
}

const editor = (page: Page) => page.locator('.graphiql-query-editor .view-lines');
const answer = (page: Page) => page.locator('.result-window');
const checked = (page: Page) => page.locator('[name=act-as]:checked').inputValue();
const actAs = (page: Page, name: string) => page.locator('.act-as label', { hasText: name }).click();

/** Runs the editor's query with a click. */
async function run(page: Page, expected: string): Promise<void> {
  // Not by the pointer: the editor's suggestions may lie over the button.
  await page.locator('.graphiql-execute-button').dispatchEvent('click');
  await answer(page).getByText(expected).waitFor();
}

/** Replaces the editor's query by one of these fields. The editor closes the brace itself. */
async function write(page: Page, fields: string): Promise<void> {
  await editor(page).click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.insertText(`{ ${fields}`);
  await editor(page).getByText('}').waitFor();
}

/** GraphiQL keeps its tabs a moment after the last key. */
async function untilKept(page: Page, text: string): Promise<void> {
  const isKept = `(localStorage['tablecast /graphql graphiql:tabState'] ?? '').includes('${text}')`;
  while (!(await page.evaluate(isKept))) await page.evaluate('new Promise(requestAnimationFrame)');
}

test('the first query is there, and runs as the app', { skip }, async (t) => {
  const { page, server } = await openTab(t, { keys: true });
  await editor(page).getByText('viewer').waitFor();
  assert.equal(await checked(page), 'app');
  await editor(page).click();
  await page.keyboard.press('ControlOrMeta+Enter');
  await answer(page).getByText('I am app').waitFor();
  assert.deepEqual(
    server.asked.map(({ as, query }) => [as, query.includes('__schema')]),
    [
      ['app', true],
      ['app', false],
    ],
  );
  assert.equal(server.asked[1]?.query, FIRST_QUERY);
});

test('the switch changes the answer, the docs and what the editor takes for an error', { skip }, async (t) => {
  const { page } = await openTab(t, { keys: true });
  await page.getByLabel('Show Documentation Explorer').click();
  await page.locator('.graphiql-doc-explorer').getByText('Query', { exact: true }).click();
  const fields = page.locator('.graphiql-doc-explorer-field-name');
  for (const [name, field] of [
    ['app', 'shelf'],
    ['alice', 'diary'],
    ['admin', 'vault'],
    ['public', undefined],
  ] as const) {
    await t.test(name, async () => {
      await actAs(page, name);
      await run(page, `I am ${name}`);
      if (field) await fields.getByText(field).waitFor();
      else await fields.nth(1).waitFor({ state: 'detached' });
      assert.deepEqual(await fields.allTextContents(), field ? ['viewer', field] : ['viewer']);
    });
  }
  await write(page, 'viewer vault');
  await page.locator('.squiggly-error').first().waitFor();
  await actAs(page, 'admin');
  await page.locator('.squiggly-error').first().waitFor({ state: 'detached' });
});

test('the choice and the text outlive a reload, and a new tab starts as the app', { skip }, async (t) => {
  const { page, server } = await openTab(t, { keys: true });
  await editor(page).getByText('viewer').waitFor();
  await actAs(page, 'alice');
  await write(page, '__typename viewer');
  await untilKept(page, '__typename viewer');
  await page.reload();
  await editor(page).getByText('__typename').waitFor();
  await run(page, 'I am alice');
  assert.equal(page.url(), server.url);
  // Another endpoint of this server has other tabs.
  const kept = await page.evaluate<string[]>('Object.keys(localStorage)');
  assert.deepEqual(
    kept.filter((key) => !key.startsWith('tablecast /graphql ')),
    [],
  );

  const other = await page.context().newPage();
  await other.goto(server.url);
  assert.equal(await checked(other), 'app');
});

test('should GraphiQL ignore the wish for another schema, the page is loaded again', { skip }, async (t) => {
  const { page } = await openTab(t, { keys: true });
  await page.addInitScript(`addEventListener('keydown', (event) => event.stopImmediatePropagation())`);
  await page.reload();
  await run(page, 'I am app');
  await Promise.all([page.waitForEvent('load'), actAs(page, 'alice')]);
  await run(page, 'I am alice');
});

test("the headers editor wins over the switch, whatever the letters' case", { skip }, async (t) => {
  const { page } = await openTab(t, { keys: true });
  await run(page, 'I am app');
  await page.getByRole('button', { name: 'Headers' }).click();
  await page.locator('.graphiql-editor:visible .view-lines').last().click();
  await page.keyboard.insertText('{ "x-application-key": "wrong" }');
  await run(page, 'I am public');
  await write(page, 'afterwards: viewer');
  await untilKept(page, 'afterwards');
  assert.equal(await page.evaluate(`JSON.stringify(localStorage).includes('wrong')`), false);
});

test('a token that expires while the page is open is replaced', { skip }, async (t) => {
  const { page, server } = await openTab(t, { keys: true });
  await actAs(page, 'alice');
  await run(page, 'I am alice');
  server.expireTokens();
  await write(page, 'again: viewer');
  await run(page, 'again');
  assert.equal(server.asked.at(-1)?.as, 'alice');
});

test('without keys the page offers fields for them, and keeps them in the tab', { skip }, async (t) => {
  const { page, server } = await openTab(t, { keys: false });
  await run(page, 'I am public');
  assert.equal(await page.locator('.act-as input:not([type=radio]):visible').count(), 0);
  await actAs(page, 'with keys');
  for (const [field, key, name] of [
    ['Application key', ' app-key ', 'app'],
    ['Bearer token', 'alice-1', 'alice'],
    ['Bearer token', 'Bearer alice-1', 'alice'],
    ['Master key', 'master-key', 'admin'],
  ] as const) {
    await page.getByLabel(field).fill(key);
    await page.getByLabel(field).press('Enter');
    await run(page, `I am ${name}`);
  }
  assert.equal(await page.evaluate(`/app-key|alice-1|master-key/.test(JSON.stringify(localStorage))`), false);
  assert.equal(page.url(), server.url);
  await page.reload();
  await run(page, 'I am admin');
  assert.equal(await page.locator('.graphiql-tab').count(), 1);
  await actAs(page, 'public');
  await run(page, 'I am public');

  const other = await page.context().newPage();
  await other.goto(server.url);
  assert.equal(await other.getByLabel('Master key').inputValue(), '');
  assert.equal(await checked(other), 'public');
});
