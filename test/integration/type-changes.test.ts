// Types that change: every value is there afterwards and means the same, or nothing is done unless it is allowed by name.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { applyTables } from '../support/apply-tables.ts';
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
  ['Float', '0.1', 'Decimal', '0.1'],
  ['Float', '1e300', 'String', '1e+300'],
  ['DateTime', `'2024-02-29T01:02:03.000004+01:00'`, 'String', '2024-02-29T00:02:03.000004Z'],
  ['Time', `'01:02'`, 'String', '01:02:00.000000'],
  ['Bytes', `'\\x00ff'`, 'String', 'AP8='],
  ['JSON', `'{"a": [1]}'`, 'String', '{"a": [1]}'],
  ['String', `'{"a'`, 'JSON', '{"a'],
  ['Int', '7', 'JSON', 7],
  ['Boolean', 'TRUE', 'Int', 1],
  ['[Int!]', `'{1,2}'`, '[BigInt!]', ['1', '2']],
  ['String @unique', `'7'`, 'Int @unique', 7],
  ['String @index', `'x'`, '[String!]', ['x']],
  ['Int @default(value: "1")', '5', '[Int!] @default(value: "[1]")', [5]],
];

/** Before, values that are kept with what the API answers then, values that are not, and after. */
const NARROWED: readonly (readonly [string, readonly (readonly [string, unknown])[], readonly string[], string])[] = [
  [
    'BigInt',
    [
      ['-2147483648', -2147483648],
      ['2147483647', 2147483647],
    ],
    ['2147483648', '-2147483649'],
    'Int',
  ],
  ['BigInt', [['9007199254740992', 9007199254740992]], ['9007199254740993', '-9223372036854775808'], 'Float'],
  [
    'Float',
    [
      ['5', 5],
      ['-0.0', 0],
    ],
    ['5.5', '1e300'],
    'Int',
  ],
  ['Float', [['9007199254740992', '9007199254740992']], ['9223372036854775808', '0.5'], 'BigInt'],
  [
    'Decimal',
    [
      ['7', 7],
      ['7.00', 7],
    ],
    ['7.5', '99999999999'],
    'Int',
  ],
  ['Decimal', [['9223372036854775807', '9223372036854775807']], ['9223372036854775808', '0.1'], 'BigInt'],
  [
    'Decimal',
    [
      ['0.1', 0.1],
      ['1e20', 1e20],
    ],
    ['0.10000000000000000000001', '1e400'],
    'Float',
  ],
  [
    'Int',
    [
      ['0', false],
      ['1', true],
    ],
    ['2'],
    'Boolean',
  ],
  [
    'String',
    [
      [`'0'`, 0],
      [`'-2147483648'`, -2147483648],
    ],
    [`'007'`, `'2147483648'`, `''`, `' 1'`, `'99999999999999999999'`],
    'Int',
  ],
  ['String', [[`'9223372036854775807'`, '9223372036854775807']], [`'9223372036854775808'`, `'1e3'`], 'BigInt'],
  ['String', [[`'1.50'`, '1.50']], [`'NaN'`, `'1,5'`], 'Decimal'],
  ['String', [[`'-0.25'`, -0.25]], [`'Infinity'`, `'x'`], 'Float'],
  ['String', [[`'true'`, true]], [`'yes'`], 'Boolean'],
  [
    'String',
    [[`'018f3b6e-8f3a-7c3e-9d0a-2f6b1c4d5e6f'`, '018f3b6e-8f3a-7c3e-9d0a-2f6b1c4d5e6f']],
    [`'018F3B6E'`],
    'UUID',
  ],
  ['String', [[`'2024-02-29'`, '2024-02-29']], [`'2023-02-29'`, `'0000-01-01'`, `'2024-13-01'`, `'2024-1-1'`], 'Date'],
  [
    'String',
    [
      [`'2024-02-29T23:59:59.999999Z'`, '2024-02-29T23:59:59.999999Z'],
      [`'2024-01-01 00:30+01:00'`, '2023-12-31T23:30:00.000000Z'],
    ],
    [`'2024-02-30T00:00Z'`, `'2024-01-01T00:00'`, `'2024-01-01T24:00Z'`, `'now'`],
    'DateTime',
  ],
  ['String', [[`'23:59:59.5'`, '23:59:59.500000']], [`'24:00'`, `'noon'`], 'Time'],
  ['String', [[`'S'`, 'S']], [`'M'`, `'s'`], 'Size'],
  ['DateTime', [[`'2024-02-29T00:00Z'`, '2024-02-29']], [`'2024-02-29T00:00:00.000001Z'`], 'Date'],
  ['[String!]', [[`'{a}'`, 'a']], [`'{}'`, `'{a,b}'`], 'String'],
  ['JSON', [], [`'1'`, `'{}'`], 'Int'],
  ['[Int!]', [], [`'{1}'`], '[Boolean!]'],
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

  for (const [type, kept, lost, next] of NARROWED) {
    test(`${type} to ${next} keeps what means the same, and counts what does not`, async () => {
      await begin(type);
      const all = [...kept.map(([value]) => value), ...lost];
      for (const [at, value] of all.entries())
        await app.database.query(`INSERT INTO thing (id, x) VALUES ('${at}', ${value})`);
      await app.database.query(`INSERT INTO thing (id, x) VALUES ('null', NULL)`);
      const model = await modelOf(tables(`x: ${next}`));
      const words = next === 'Size' ? 'is none of S, L in' : '(would lose the value)?';
      await assert.rejects(app.service.publish(model), new RegExp(`Thing\\.x .*${words}.*--allow narrow:Thing\\.x`));
      await assert.rejects(app.service.publish(model), new RegExp(`\\b${lost.length} rows?\\b`));
      await applyTables(app.database, model, ['narrow:Thing.x']);
      await app.service.publish(model);
      assert.deepEqual(await read(), {
        things: [
          ...kept.map(([, answered], at) => ({ id: String(at), x: answered })),
          ...lost.map((_, at) => ({ id: String(kept.length + at), x: null })),
          { id: 'null', x: null },
        ],
      });
    });
  }

  test('a type that no value has a way to changes where there is none', async () => {
    await begin('JSON!');
    assert.deepEqual(await app.service.publish(await modelOf(tables('x: Bytes!'))), [
      'change Thing.x from jsonb to bytea',
    ]);
  });

  test('a required column takes its default for what is lost, and without one is refused whatever is allowed', async () => {
    await begin('String!');
    await app.database.query(`INSERT INTO thing (id, x) VALUES ('1', 'x'), ('2', '2')`);
    const bare = await modelOf(tables('x: Int!'));
    await assert.rejects(applyTables(app.database, bare, ['narrow:Thing.x']), /1 row would lose the value$/);
    await applyTables(app.database, await modelOf(tables('x: Int! @default(value: "9")')), ['narrow:Thing.x']);
    await app.service.publish(await modelOf(tables('x: Int! @default(value: "9")')));
    assert.deepEqual(await read(), {
      things: [
        { id: '1', x: 9 },
        { id: '2', x: 2 },
      ],
    });
  });
});
