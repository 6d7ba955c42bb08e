// `tablecast sample world`, as a person runs it, on a slice of the data: packages of the same names and shapes, made here,
// lie where npm would have put them. Nothing is fetched: the registry that npm is told of is a closed port.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readRows } from '../../src/commands/sample/read-rows.ts';
import { modelOf } from '../support/model-of.ts';
import { ask, openTestService } from '../support/open-test-service.ts';
import { openTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { writeWorldPackages } from '../support/world-packages.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const COMMAND = join(ROOT, 'bin', 'tablecast.mjs');
/** Milliseconds. */
const PATIENCE = 120_000;

let folder: string;
let database: TestDatabase;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tablecast-sample-'));
  database = await openTestDatabase();
});
after(async () => {
  await database?.close();
  if (folder) await rm(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `tablecast sample` with `args` in the folder. `onOutput` sees all that was printed so far, and the process. */
async function sample(args: readonly string[], onOutput?: (text: string, kill: () => void) => void): Promise<Ended> {
  const { NODE_TEST_CONTEXT: _, NODE_ENV: __, ...rest } = process.env;
  const child = spawn(process.execPath, [COMMAND, 'sample', ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...rest,
      DATABASE_URL: database.url,
      npm_config_registry: 'http://127.0.0.1:9/',
      npm_config_fetch_retries: '0',
      npm_config_cache: join(folder, 'npm-cache'),
    },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
    onOutput?.(stdout, () => child.kill('SIGINT'));
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

describe('tablecast sample world', { timeout: PATIENCE }, () => {
  test('makes the app, and says what to do when the registry cannot be reached', async () => {
    const { code, stderr } = await sample(['world']);
    assert.equal(code, 1);
    assert.match(stderr, /npm registry cannot be reached[\s\S]*run the same command again/);
    assert.deepEqual((await readdir(join(folder, 'world', 'schema'))).sort(), ['directives.graphql', 'world.graphql']);
    assert.match(await readFile(join(folder, 'world', '.gitignore'), 'utf8'), /^node_modules\/$/m);
  });

  test('goes on from there: every row is loaded, and what to do next is said', async () => {
    await writeWorldPackages(join(folder, 'world'));
    const { code, stdout, stderr } = await sample(['world']);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /Country {14,}3\n[\s\S]*Country\.neighbours +4\n[\s\S]*City +5\n/);
    assert.match(stdout, /25 rows, 25 of them new[\s\S]*tablecast start --app world/);
  });

  test('once more, it puts back what is missing and leaves alone what is there', async () => {
    await database.query(`UPDATE city SET name = 'Turicum' WHERE id = '1'; DELETE FROM city WHERE id = '2'`);
    const { code, stdout } = await sample(['world']);
    assert.equal(code, 0);
    assert.match(stdout, /Going on[\s\S]*25 rows, 1 of them new/);
    const rows = await database.query(`SELECT name FROM city WHERE id IN ('1', '2') ORDER BY id`);
    assert.deepEqual(rows, [{ name: 'Turicum' }, { name: 'Bern' }]);
  });

  test('everyone may ask it, and nobody without the master key may write', async () => {
    const sdl = await readFile(join(folder, 'world', 'schema', 'world.graphql'), 'utf8');
    const app = await openTestService({ sdl, database });
    try {
      const { data, errors } = await ask(
        app.url,
        `{ country(by: { alpha3: "CHE" }) {
          id names continent languages(orderBy: [{ name: ASC }]) { name } currencies { id countries(orderBy: [{ id: ASC }]) { id } }
          neighbours(orderBy: [{ id: ASC }]) { id }
          cities(orderBy: [{ population: DESC }]) { name kind population timeZone region { id } } } }`,
      );
      assert.equal(errors, undefined);
      assert.deepEqual(data?.['country'], {
        id: 'CH',
        names: { deu: 'Schweiz', fra: 'Suisse' },
        continent: 'EUROPE',
        languages: [{ name: 'French' }, { name: 'German' }],
        currencies: [{ id: 'CHF', countries: [{ id: 'CH' }, { id: 'LI' }] }],
        neighbours: [{ id: 'AT' }, { id: 'LI' }],
        cities: [
          {
            name: 'Turicum',
            kind: 'REGION_SEAT',
            population: 341730,
            timeZone: 'Europe/Zurich',
            region: { id: 'CH.ZH' },
          },
          { name: 'Bern', kind: 'CAPITAL', population: 121631, timeZone: 'Europe/Zurich', region: { id: 'CH.BE' } },
          { name: 'Nowhere', kind: 'TOWN', population: 0, timeZone: 'Europe/Zurich', region: null },
        ],
      });
      const refused = await ask(app.url, 'mutation { insertLanguage(data: { name: "Klingon" }) { id } }', {
        as: 'app',
      });
      assert.equal(refused.data, undefined);
    } finally {
      await app.service.close();
    }
  });

  test('Ctrl-C ends it between two statements, with what is in kept', async () => {
    await writeWorldPackages(join(folder, 'world'), { moreCities: 60_000 });
    // The last line before the cities.
    const { code, stdout } = await sample(['world'], (text, kill) => {
      if (/ Region /.test(text)) kill();
    });
    assert.equal(code, 130);
    const added = Number(/Stopped\. ([\d,]+) new rows are in/.exec(stdout)?.[1]?.replace(',', ''));
    const rows = await database.query('SELECT count(*)::int - 5 AS added FROM city');
    assert.ok(added < 60_000, 'it stopped early');
    assert.deepEqual(rows, [{ added }]);
  });

  for (const [claim, args, code, words] of [
    [
      'a folder with something else in it is left alone',
      ['world', 'taken'],
      1,
      /taken is not empty\. Name a new folder/,
    ],
    [
      'a sample that there is not is told with those there are',
      ['moon'],
      2,
      /no sample "moon": tablecast sample world \[dir\]/,
    ],
    ['without a name, those there are are told', [], 2, /Say which sample: tablecast sample world \[dir\]/],
  ] as const) {
    test(claim, async () => {
      await mkdir(join(folder, 'taken'), { recursive: true });
      await writeFile(join(folder, 'taken', 'notes.txt'), 'mine');
      const ended = await sample(args);
      assert.equal(ended.code, code);
      assert.match(ended.stderr, words);
    });
  }
});

describe('rows.mjs that does not fit the tables', () => {
  const sdl =
    'type Post @table { title: String! tags: [Tag!]! @manyToMany } type Tag @table { posts: [Post!]! @manyToMany(field: "tags") }';
  for (const [name, answer, words] of [
    ['no-list', '42', /exports no function "rows" that answers a list/],
    ['throws', '(() => { throw new Error("no such package") })()', /failed: no such package/],
    ['no-table', '[{ table: "Poem", rows: [] }]', /rows of Poem, which is no table/],
    ['no-rows', '[{ table: "Post" }]', /no list of rows or pairs for Post/],
    [
      'no-column',
      '[{ table: "Post", rows: [{ id: "1" }, { id: "2", titel: "x" }] }]',
      /Post\.titel, which is no column/,
    ],
    ['no-relation', '[{ table: "Post", relation: "title", pairs: [] }]', /Post\.title, which is no @manyToMany/],
  ] as const) {
    test(name, async () => {
      const place = join(folder, name);
      await mkdir(place);
      await writeFile(join(place, 'rows.mjs'), `export const rows = () => ${answer};\n`);
      await assert.rejects(readRows(place, await modelOf(sdl)), words);
    });
  }
});
