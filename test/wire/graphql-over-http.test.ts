// GraphQL over HTTP, as its own audit suite asks for it: what must and should be is, and what may be and is not, is here.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { serverAudits } from 'graphql-http';
import { openTestService, type TestService } from '../support/open-test-service.ts';

let app: TestService;
before(async () => {
  app = await openTestService();
});
after(() => app?.close());

/** Of what a server may do, what this one does not, and why. */
const DECLINED: Readonly<Record<string, string>> = {
  '5A70': 'a GET that any page may send without being asked is refused, against cross-site request forgery',
  D6D5: 'the same',
  '6A70': 'the same',
};

const audits = serverAudits({ url: () => `${app.url}/graphql` });

describe('GraphQL over HTTP', () => {
  for (const { id, name, fn } of audits) {
    test(`${id} ${name}`, async () => {
      const result = await fn();
      if (DECLINED[id] !== undefined) {
        assert.match(name, /^MAY /, 'only what is optional may be declined');
        assert.equal(result.status, 'notice', 'it is done after all: take it off the list');
        return;
      }
      assert.equal(result.status, 'ok', 'reason' in result ? result.reason : '');
    });
  }

  test('the suite is the one that was read', () => {
    const count = (word: string) => audits.filter(({ name }) => name.startsWith(word)).length;
    assert.deepEqual([count('MUST'), count('SHOULD'), count('MAY')], [13, 23, 25]);
    assert.deepEqual(
      Object.keys(DECLINED).filter((id) => !audits.some((audit) => audit.id === id)),
      [],
    );
  });
});
