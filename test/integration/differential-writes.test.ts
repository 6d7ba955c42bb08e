// The write engine against loops over rows: random mutations by several callers over tables with every kind of relation,
// rules, soft delete and unique values. After each, the answer and every row of every table must be as the loops say.
//
// A failure names its seed; TABLECAST_TEST_SEED=<seed> does the same again.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestService, type TestService } from '../support/open-test-service.ts';
import { Dice } from './differential-world.ts';
import { type Caller, NaiveWrites, Refused, SDL } from './naive-writes.ts';
import { RandomWrites } from './random-writes.ts';

const SEED = Number(process.env['TABLECAST_TEST_SEED'] ?? Date.now() % 2 ** 31);
const ROUNDS = Number(process.env['ROUNDS'] ?? 8);
const WRITES = 150;

const CALLERS: readonly { readonly as: string; readonly by: Caller }[] = [
  { as: 'alice', by: { admin: false, user: 'alice' } },
  { as: 'bob', by: { admin: false, user: 'bob' } },
  { as: 'admin+alice', by: { admin: true, user: 'alice' } },
];

let app: TestService;
before(async () => {
  app = await openTestService({ sdl: SDL });
});
after(() => app?.close());

const COLUMNS = {
  Team: 'id, owner_id AS "ownerId", name, size, deleted',
  Member: 'id, code, score, notes, team_id AS "teamId", boss_id AS "bossId", deleted',
  Badge: 'id, text, team_id AS "teamId", FALSE AS deleted',
  Label: 'id, text, FALSE AS deleted',
} as const;

async function stored(): Promise<unknown> {
  const rows: Record<string, unknown> = {};
  for (const [table, columns] of Object.entries(COLUMNS)) {
    rows[table] = await app.database.query(`SELECT ${columns} FROM ${table.toLowerCase()} ORDER BY id`);
  }
  const link = app.model.tables.get('Team')?.relations.get('labels')?.link;
  const links = await app.database.query<{ pair: string }>(
    `SELECT "${link?.ownerColumn}" || ' ' || "${link?.targetColumn}" AS pair FROM "${link?.sqlName}" ORDER BY 1`,
  );
  return { rows, links: links.map(({ pair }) => pair) };
}

function expected({ tables, links }: NaiveWrites): unknown {
  const rows = Object.entries(tables).map(([table, known]) => [
    table,
    [...known.values()].sort((a, b) => (a.id < b.id ? -1 : 1)).map((row) => ({ ...row })),
  ]);
  return { rows: Object.fromEntries(rows), links: [...links].sort() };
}

for (let round = 0; round < ROUNDS; round++) {
  test(`random writes ${round + 1}`, async (context) => {
    const seed = SEED + round;
    const dice = new Dice(seed);
    const writes = new RandomWrites(dice);
    const naive = new NaiveWrites();
    await app.database.query('TRUNCATE team, member, badge, label CASCADE');
    let done = 0;
    const history: string[] = [];
    for (let at = 0; at < WRITES; at++) {
      const write = writes.next();
      const { as, by } = dice.pick(CALLERS);
      const text = `mutation { write: ${write.text} }`;
      history.push(`${as}: ${write.text}`);
      const told = () => `seed ${seed}, write ${at}\n${history.slice(-4).join('\n')}\n${answer.text}`;
      const answer = await app.ask(text, { as });
      let should: unknown;
      let refused: string | null = null;
      try {
        should = naive.attempt((state) => write.naive(state, by));
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        refused = error.message;
      }
      if (refused === null) {
        assert.equal(answer.errors, undefined, `should have been done: ${told()}`);
        const value = write.answerOf(answer.data?.['write']);
        // Who may not read what was written is told null.
        if (value !== undefined) assert.deepEqual(value, should, told());
        done += 1;
      } else {
        const codes = answer.errors?.map(({ extensions }) => extensions['code']) ?? [];
        assert.equal(codes.length, 1, `should have been refused (${refused}): ${told()}`);
        assert.ok(
          ['NOT_FOUND', 'FORBIDDEN', 'CONSTRAINT_VIOLATION', 'CONFLICT', 'BAD_USER_INPUT'].includes(String(codes[0])),
          told(),
        );
      }
      assert.deepEqual(await stored(), expected(naive), told());
    }
    context.diagnostic(`${done} of ${WRITES} writes were done, the others refused`);
  });
}
