// A subscription in the service's own GraphiQL.

import assert from 'node:assert/strict';
import { type LiveWorld, tokenOf } from './live-world.ts';

/** Milliseconds. */
const PATIENCE = 10_000;
const SUBSCRIPTION = 'subscription { todoItemChanges { reset events { op node { text } } }';

/** Starts one there as alice, writes a row, and waits until it is shown. */
export async function tryGraphiql({ openServicePage, ask }: LiveWorld, screenshot: string): Promise<void> {
  const page = await openServicePage();
  try {
    const editor = page.locator('.graphiql-query-editor .view-lines');
    await page.locator('.act-as label', { hasText: 'with keys' }).click();
    await page.getByLabel('Bearer token').fill(tokenOf('alice'));
    await page.getByLabel('Bearer token').press('Enter');
    await editor.click();
    await page.keyboard.press('ControlOrMeta+a');
    // The editor closes the last brace itself.
    await page.keyboard.insertText(SUBSCRIPTION);
    await page.locator('.graphiql-execute-button').dispatchEvent('click');
    const answer = page.locator('.result-window');
    const begun = await answer
      .getByText('"reset"')
      .waitFor({ timeout: PATIENCE })
      .then(
        () => true,
        () => false,
      );
    assert.ok(begun, `GraphiQL answers a subscription with ${await answer.innerText()}`);
    await ask('mutation { insertTodoItem(data: { text: "for GraphiQL", tags: [], listId: "home" }) { id } }');
    await answer.getByText('for GraphiQL').waitFor();
  } finally {
    await page.screenshot({ path: screenshot });
    await page.close();
  }
}
