// Transactions and their parts, message by message: nothing is sent for what nothing was done in, and what is begun travels
// with the first statement in it. A part that fails is undone alone, however deep, and whatever was sent of it.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type pg from 'pg';
import { openLog } from '../../src/platform/log.ts';
import type { StoreTransaction } from '../../src/records/store-transaction.ts';
import { openPool } from '../../src/stores/postgres/open-pool.ts';
import { PostgresRecordStore } from '../../src/stores/postgres/postgres-record-store.ts';
import { ownTransaction } from '../../src/stores/postgres/postgres-transaction.ts';
import { RepeatedStatement } from '../../src/stores/postgres/statements/repeated-statement.ts';
import { Statements } from '../../src/stores/postgres/statements/statements.ts';
import { modelOf } from '../support/open-test-service.ts';
import { sentMessages } from '../support/sent-messages.ts';
import { openTestDatabase, type TestDatabase } from '../support/test-database.ts';

let database: TestDatabase;
let pool: pg.Pool;
let sent: string[];
let store: PostgresRecordStore;
const statements = new Statements();

before(async () => {
  database = await openTestDatabase();
  await database.query('CREATE TABLE word (w text PRIMARY KEY)');
  const log = openLog({ level: 'silent', readable: false });
  pool = openPool({ address: { url: database.url }, size: 2, statementTimeout: 10_000, lockTimeout: 2_000, log });
  sent = sentMessages(pool);
  store = new PostgresRecordStore(pool, await modelOf('type Note @table { text: String }'));
  await pool.query('SELECT 1');
});
after(async () => {
  await pool.end();
  await database.close();
});
beforeEach(async () => {
  await database.query('TRUNCATE word');
  sent.length = 0;
});

const INSERT = new RepeatedStatement('INSERT INTO word VALUES ($1)', false);

/** What a test does in one transaction. */
class Doing {
  constructor(private readonly transaction: StoreTransaction) {}

  /** Writes a word as the service does. */
  async write(word: string): Promise<void> {
    await ownTransaction(this.transaction).run((client, ahead) => statements.run(client, INSERT, [word], { ahead }));
  }

  part<T>(work: () => Promise<T>): Promise<T> {
    return store.savepoint(this.transaction, work);
  }

  /** A part that does its work and fails. */
  async failing(work: () => Promise<void>): Promise<void> {
    const failed = this.part(async () => {
      await work();
      throw new Error('on purpose');
    });
    await assert.rejects(failed, /on purpose/);
  }
}

const doing = (work: (does: Doing) => Promise<void>) =>
  store.transaction((transaction) => work(new Doing(transaction)));
const words = async () => (await database.query('SELECT w FROM word ORDER BY w')).map(({ w }) => w).join(' ');
/** The messages with short words: `+` is the insert. */
const messages = () => sent.map((message) => message.replace(INSERT.text, '+').replaceAll('SAVEPOINT ', 'S '));
const nothing = async () => undefined;

interface Case {
  readonly name: string;
  readonly work: (does: Doing) => Promise<void>;
  readonly sends: readonly string[];
  readonly kept: string;
}

const CASES: readonly Case[] = [
  { name: 'nothing', work: nothing, sends: [], kept: '' },
  { name: 'a part with nothing in it', work: (does) => does.part(nothing), sends: [], kept: '' },
  { name: 'a part that fails with nothing in it', work: (does) => does.failing(nothing), sends: [], kept: '' },
  {
    name: 'two statements',
    work: async (does) => {
      await does.write('a');
      await does.write('b');
    },
    sends: ['BEGIN; +', '+', 'COMMIT'],
    kept: 'a b',
  },
  {
    name: 'a part as all there is',
    work: (does) => does.part(() => does.write('a')),
    sends: ['BEGIN; S part0; +', 'COMMIT'],
    kept: 'a',
  },
  {
    name: 'part after part, one of them with nothing in it',
    work: async (does) => {
      await does.part(() => does.write('a'));
      await does.part(nothing);
      await does.part(() => does.write('b'));
    },
    sends: ['BEGIN; S part0; +', 'RELEASE part0; S part2; +', 'COMMIT'],
    kept: 'a b',
  },
  {
    name: 'a part that fails after one that did not',
    work: async (does) => {
      await does.part(() => does.write('a'));
      await does.failing(() => does.write('b'));
      await does.write('c');
    },
    sends: ['BEGIN; S part0; +', 'RELEASE part0; S part1; +', 'ROLLBACK TO part1; RELEASE part1', '+', 'COMMIT'],
    kept: 'a c',
  },
  {
    name: 'parts in parts, told of with the first statement in any of them',
    work: (does) => does.part(() => does.part(() => does.write('a'))),
    sends: ['BEGIN; S part0; S part1; +', 'COMMIT'],
    kept: 'a',
  },
  {
    name: 'an inner part that fails, and one after it',
    work: (does) =>
      does.part(async () => {
        await does.failing(() => does.write('a'));
        await does.part(() => does.write('b'));
      }),
    sends: ['BEGIN; S part0; S part1; +', 'ROLLBACK TO part1; RELEASE part1', 'S part2; +', 'COMMIT'],
    kept: 'b',
  },
  {
    name: 'an outer part that fails takes along what its inner parts did',
    work: async (does) => {
      await does.failing(async () => {
        await does.part(() => does.write('a'));
        await does.part(() => does.write('b'));
      });
      await does.part(() => does.part(() => does.write('c')));
    },
    sends: [
      'BEGIN; S part0; S part1; +',
      'RELEASE part1; S part2; +',
      'ROLLBACK TO part0; RELEASE part0',
      'S part3; S part4; +',
      'COMMIT',
    ],
    kept: 'c',
  },
  {
    name: 'a statement that fails in a part',
    work: async (does) => {
      await does.write('a');
      await assert.rejects(does.part(() => does.write('a')));
      await does.write('b');
    },
    sends: ['BEGIN; +', 'S part0; +', 'ROLLBACK TO part0; RELEASE part0', '+', 'COMMIT'],
    kept: 'a b',
  },
  {
    name: 'a statement that fails as the first of all, in a part',
    work: async (does) => {
      await assert.rejects(
        does.part(async () => {
          await does.write('a');
          await does.write('a');
        }),
      );
      await assert.rejects(does.part(() => does.write(null as unknown as string)));
      await does.write('b');
    },
    sends: [
      'BEGIN; S part0; +',
      '+',
      'ROLLBACK TO part0; RELEASE part0',
      'S part1; +',
      'ROLLBACK TO part1; RELEASE part1',
      '+',
      'COMMIT',
    ],
    kept: 'b',
  },
];

describe('a transaction sends', () => {
  for (const { name, work, sends, kept } of CASES) {
    test(`for ${name}: ${sends.length} messages`, async () => {
      await doing(work);
      assert.deepEqual(messages(), sends);
      assert.equal(await words(), kept);
      assert.equal(pool.idleCount, pool.totalCount, 'a connection was kept');
    });
  }

  test('nothing of what was begun and fails before any statement', async () => {
    await assert.rejects(
      doing(() => Promise.reject(new Error('on purpose'))),
      /on purpose/,
    );
    assert.deepEqual(messages(), []);
  });

  test('its rollback when it fails, and keeps nothing', async () => {
    const failed = doing(async (does) => {
      await does.part(() => does.write('a'));
      throw new Error('on purpose');
    });
    await assert.rejects(failed, /on purpose/);
    assert.deepEqual(messages(), ['BEGIN; S part0; +', 'ROLLBACK']);
    assert.equal(await words(), '');
  });

  test('its beginning first, when two ask at once', async () => {
    await doing(async (does) => {
      await Promise.all([does.write('a'), does.write('b')]);
    });
    assert.equal(messages()[0], 'BEGIN; +');
    assert.equal(await words(), 'a b');
  });

  test('its beginning after an error that the connection has just told of', async () => {
    for (let at = 0; at < 20; at++) {
      await assert.rejects(pool.query('SELECT 1 / 0'));
      const failed = doing(async (does) => {
        await does.part(() => does.write(`w${at}`));
        throw new Error('on purpose');
      });
      await assert.rejects(failed, /on purpose/);
    }
    assert.equal(await words(), '');
  });
});
