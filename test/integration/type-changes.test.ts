// Types that change: every value is there afterwards and means the same, or nothing is done.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Answer, modelOf, openTestService, type TestService } from '../support/open-test-service.ts';

const tables = (fields: string) => `enum Size { S L } type Thing @table @permission(level: PUBLIC) { ${fields} }`;

/** Before, a value as SQL writes it, after, and the value as the API then answers it. */
const KEPT: readonly (readonly [string, string, string, unknown])[] = [
  ['Int', '2147483647', 'BigInt', '2147483647'],
  ['Int', '-7', 'Float', -7],
  ['Int', '-7', 'Decimal', '-7'],
  ['Int! @default(value: "3") @range(min: 1)', '5', 'Decimal! @default(value: "3") @range(min: 1)', '5'],
  ['Int', '42', 'String', '42'],
  ['BigInt', '9223372036854775807', 'Decimal', '9223372036854775807'],
  ['BigInt', '9223372036854775807', 'String', '9223372036854775807'],
  ['Decimal', '1.50', 'String', '1.50'],
  ['Boolean', 'TRUE', 'String', 'true'],
  ['UUID', `'018f3b6e-8f3a-7c3e-9d0a-2f6b1c4d5e6f'`, 'ID', '018f3b6e-8f3a-7c3e-9d0a-2f6b1c4d5e6f'],
  ['Date', `'2026-03-01'`, 'DateTime', '2026-03-01T00:00:00.000000Z'],
  ['Date', `'0044-03-15'`, 'String', '0044-03-15'],
  ['Size', `'L'`, 'String', 'L'],
  ['ID', `'x'`, 'String', 'x'],
  ['String @index', `'x'`, '[String!]', ['x']],
  ['Int @default(value: "1")', '5', '[Int!] @default(value: "[1]")', [5]],
];

const REFUSED: readonly (readonly [string, string])[] = [
  ['BigInt', 'Int'],
  ['BigInt', 'Float'],
  ['Float', 'Decimal'],
  ['Decimal', 'Int'],
  ['String', 'Int'],
  ['DateTime', 'Date'],
  ['[String!]', 'String'],
  ['JSON', 'String'],
];

describe('a type that changes', () => {
  let app: TestService;
  before(async () => {
    app = await openTestService({ sdl: 'type Nothing @table { x: Int }' });
  });
  after(() => app?.close());

  const begin = async (type: string) => {
    await app.database.query('DROP TABLE IF EXISTS thing');
    await app.service.publish(await modelOf(tables(`x: ${type}`)));
  };
  const read = async (): Promise<Answer['data']> => (await app.ask('{ things { id x } }')).data;

  for (const [type, value, next, answered] of KEPT) {
    test(`${type} to ${next} keeps ${value}, and null`, async () => {
      await begin(type);
      const required = type.includes('!') && !type.startsWith('[');
      await app.database.query(`INSERT INTO thing (id, x) VALUES ('1', ${value})${required ? '' : `, ('2', NULL)`}`);
      const model = await modelOf(tables(`x: ${next}`));
      await app.service.publish(model);
      assert.deepEqual(await read(), {
        things: [{ id: '1', x: answered }, ...(required ? [] : [{ id: '2', x: null }])],
      });
      assert.deepEqual(await app.service.publish(model), [], 'nothing is left to do');
      await app.ask('mutation { insertThing(data: { id: "3" }) { x } }');
    });
  }

  for (const [type, next] of REFUSED) {
    test(`${type} to ${next} is refused`, async () => {
      await begin(type);
      await assert.rejects(app.service.publish(await modelOf(tables(`x: ${next}`))), /Thing\.x is .* in the database/);
      assert.deepEqual(await read(), { things: [] });
    });
  }
});
