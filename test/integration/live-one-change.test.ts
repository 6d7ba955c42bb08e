// One change of a row can be about many: whoever goes on from any of its events is told the others, once, in the same order.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { headersOf, openTestService, type TestService } from '../support/open-test-service.ts';
import { overSocket } from './live-connection.ts';
import type { Batch, ChangeEvent } from './live-fold.ts';

const SDL = `
type Branch @table
  @permission(level: USER, rows: { OR: [{ ownerId: { eq: "$user.id" } }, { parent: { ownerId: { eq: "$user.id" } } }] })
{ ownerId: ID! parent: Branch @belongsTo branches: [Branch!]! @has(field: "parent") }`;

let app: TestService;
before(async () => {
  app = await openTestService({ sdl: SDL });
});
after(() => app?.close());

/** Subscribes as alice, does something at the first answer, and answers what is told until the last row has come. */
function hear(args: string, begun: () => void = () => undefined): Promise<readonly (readonly ChangeEvent[])[]> {
  const batches: (readonly ChangeEvent[])[] = [];
  let answers = 0;
  return new Promise((resolve, reject) => {
    const connection = overSocket({
      url: app.url,
      credentials: headersOf('alice'),
      query: `subscription { branchChanges(${args}) { cursor reset events { op id cursor node { ownerId } } } }`,
      variables: {},
      take(data) {
        const { events, reset } = data['branchChanges'] as Batch;
        if (reset) reject(new Error('it begins anew'));
        if (events.length > 0) batches.push(events);
        answers += 1;
        if (answers === 1) begun();
        if (!events.some(({ id }) => id === LAST)) return;
        connection.cut();
        resolve(batches);
      },
    });
    void connection.ended.then((how) => reject(new Error(how)));
  });
}

const LAST = 'zz';
const INSERT_LAST = `INSERT INTO branch (id, owner_id) VALUES ('${LAST}', 'alice')`;

/** Who owns the row that the others are on, before and after, and what that means to alice. */
const CHANGES: readonly (readonly [from: string, to: string, told: readonly string[]])[] = [
  ['alice', 'bob', ['LEAVE a', 'LEAVE b', 'LEAVE m', 'LEAVE x']],
  ['bob', 'alice', ['ENTER a', 'ENTER b', 'ENTER m', 'ENTER x']],
];

for (const [from, to, told] of CHANGES) {
  for (const size of [1, 2, 3, 100]) {
    test(`from ${from} to ${to}, in batches of ${size}`, async () => {
      await app.database.query(`
        DELETE FROM branch;
        INSERT INTO branch (id, owner_id, parent_id) VALUES ('m', '${from}', NULL), ('a', 'bob', 'm'), ('b', 'bob', 'm'), ('x', 'bob', 'm'),
          ('z', 'alice', 'm'), ('other', 'bob', NULL)`);
      const happen = async () => {
        await app.database.query(`UPDATE branch SET owner_id = '${to}' WHERE id = 'm'`);
        await app.database.query(INSERT_LAST);
      };
      const events = (await hear(`initial: ALL, batchSize: ${size}`, () => void happen())).flat();
      const news = events.filter(({ op }) => op !== 'SNAPSHOT');
      assert.deepEqual(news.map(({ op, id }) => `${op} ${id}`).sort(), [...told, `ENTER ${LAST}`].sort());
      for (const [at, { cursor }] of news.slice(0, -1).entries()) {
        const later = await hear(`since: "${cursor}", batchSize: ${size}`);
        assert.deepEqual(later.flat(), news.slice(at + 1), `after ${at + 1} of ${news.length} events`);
      }
    });
  }
}
