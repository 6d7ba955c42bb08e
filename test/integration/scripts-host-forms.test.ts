// What functions of scripts are given, what they may ask, and what becomes of what they answer.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ScriptLogLine } from '../../src/scripts/host/script-hosts.ts';
import type { ExecuteCall } from '../../src/scripts/script-input.ts';
import { failureOf, openScriptLab, REQUEST, type ScriptLab, storeCalls, writeInput } from '../support/script-lab.ts';

const scripts = {
  'tables/forms': `
    export const settings = { timeout: 300 };
    export const nothing = () => {};
    export const changes = async (ctx) => { ctx.item.text += '!'; const row = await ctx.execute(); return { ...row, more: 1 } };
    export const quiet = async (ctx) => { await ctx.execute() };
    export const answers = (ctx) => ({ id: ctx.id, text: 'without the store' });
    export const hides = async (ctx) => { await ctx.execute(); return null };
    export const sees = ({ table, operation, batch, id, item, previous, user, caller, params, headers, settings, requestId }) =>
      ({ table, operation, batch, id, item, previous, user, caller, params, headers, settings, requestId });
    export const rejects = (ctx) => ctx.reject('TOO_MANY', 'no more', [{ path: ['text'], message: 'long' }]);
    export const conflict = async (ctx) => {
      try { return await ctx.execute() } catch (error) {
        if (error.code !== 'CONFLICT') throw error;
        ctx.item.text = error.current.text + '+';
        return await ctx.execute({ ifVersion: error.current.version });
      }
    };
    export const throwsOn = async (ctx) => { await ctx.execute() };
    export const wraps = async (ctx) => { try { await ctx.execute() } catch (e) { throw new Error('own: ' + e.message) } };
    export const odd = (ctx) => ({ list: [{ when: ctx.params.what === 'nan' ? NaN : 1n }] });
    export const text = () => 'text';
    export const asks = async (ctx) => ({
      read: await ctx.tables.Todo.read({ where: { done: { eq: true } } }),
      mine: await ctx.tables.asUser.Todo.count(),
      plain: await ctx.sql('select $1', [7]),
      bound: await ctx.sql\`select \${1} + \${'b'}\`,
      secret: await ctx.secrets.get('KEY'),
    });
    export const fetches = async (ctx) => {
      const answer = await ctx.fetch('https://a.example/x', { method: 'POST', body: JSON.stringify({ a: 1 }) });
      return { status: answer.status, type: answer.headers.get('x-type'), url: answer.url, ...(await answer.json()) };
    };
    export const uploads = async (ctx) => {
      const answer = await ctx.fetch('https://a.example/', { method: 'POST', body: 'x'.repeat(2 << 20) });
      return { length: (await answer.text()).length };
    };
    let ticks = 0;
    export const intervals = async () => { setInterval(() => { ticks += 1 }, 1); await new Promise((r) => setTimeout(r, 10)); return { ticks } };
    export const ticking = async () => { setInterval(() => { ticks += 1 }, 1); await new Promise(() => {}) };
    export const still = async () => {
      const before = ticks; await new Promise((resolve) => setTimeout(resolve, 30)); return { still: ticks === before };
    };
    export const says = async (ctx) => {
      console.log('said', { deep: { er: [1, 2] } });
      setTimeout(() => console.warn('in a timer'));
      await new Promise((resolve) => setTimeout(resolve, 5));
      ctx.log.error('through ctx');
      for (let i = 0; i < 2000; i++) console.log(i);
    };
    export const effects = async (ctx) => {
      ctx.afterCommit(async () => { await ctx.sql('after') });
      ctx.afterCommit(() => { throw new Error('an effect broke') });
      ctx.afterCommit(() => ctx.log.info('last'));
      return { text: 'answered' };
    };
    export const strays = async () => { Promise.reject(new Error('nobody waits')); await new Promise((r) => setTimeout(r, 5)); return {} };
    export const timer = async () => { setTimeout(() => { throw new Error('from a timer') }); await new Promise(() => {}) };
    export const never = () => new Promise(() => {});
    export const insertMany = async (ctx) => { for (const item of ctx.items) item.n = ctx.items.length; return await ctx.execute() };
    export const each = async (ctx) => {
      if (ctx.item.skip) return { text: 'skipped' };
      if (ctx.item.bad) throw new Error('bad one');
      await ctx.execute();
    };
    export const filter = (ctx) => ctx.params.all ? true : { owner: { eq: ctx.user.id } };
    export const read = async (ctx) => (await ctx.execute()).filter((row) => row.id !== 'b').map((row) => ({ ...row, n: 1 }));
    export default async (ctx) => { await ctx.tables.Todo.read({}) };
    let runs = 0;
    export const counts = () => ({ runs: ++runs });
  `,
  'tables/throws': 'const broken = null;\nbroken.now();',
  'tables/waits': 'await new Promise(() => {});',
  'tables/loops': 'for (;;) {}',
  'tables/odd-settings': 'export const settings = { timeout: 1n };',
};

let lab: ScriptLab;
before(async () => {
  lab = await openScriptLab({ scripts, limits: { hosts: 1, spares: 0, load: 300, silence: 600 } });
});
after(() => lab.close());

const run = (fn: string, given: Parameters<ScriptLab['run']>[2] = {}) => lab.run('tables/forms', fn, given);
const row = (result: unknown) => (result as { results: { row: unknown }[] }).results[0]?.row;

test('what loads is told with its settings, and what does not with its place', () => {
  const [forms, throws, waits, loops, settings] = lab.report.modules;
  assert.deepEqual(forms, { name: 'tables/forms', settings: { timeout: 300 }, failure: null });
  assert.match(throws?.failure?.stack ?? '', /script:tables\/throws:2:8/);
  assert.match(waits?.failure?.message ?? '', /not loaded within 300 ms/);
  assert.match(loops?.failure?.message ?? '', /did not answer for 600 ms/);
  assert.match(settings?.failure?.message ?? '', /plain JSON/);
});

test('a module that is not there, or did not load, is told', async () => {
  assert.equal((await failureOf(lab.run('tables/none', 'insert'))).kind, 'unloaded');
  assert.equal((await failureOf(lab.run('tables/throws', 'insert'))).kind, 'unloaded');
  assert.match((await failureOf(run('none'))).message, /exports no function none/);
});

const ANSWERS: Record<string, unknown> = {
  nothing: { at: 0, row: null, executed: false },
  changes: { at: 0, row: { text: 'milk!', version: 'v1', more: 1 }, executed: true },
  quiet: { at: 0, row: { text: 'milk', version: 'v1' }, executed: true },
  answers: { at: 0, row: { id: 'id-0', text: 'without the store' }, executed: false },
  hides: { at: 0, row: null, executed: true },
  rejects: {
    at: 0,
    failure: { kind: 'rejected', code: 'TOO_MANY', message: 'no more', fields: [{ path: ['text'], message: 'long' }] },
  },
};
for (const [fn, expected] of Object.entries(ANSWERS)) {
  test(`a function that ${fn} has its answer`, async () => {
    assert.deepEqual(await run(fn), { results: [expected] });
  });
}

test('a function sees the request', async () => {
  const { requestId, user, caller, params, headers, settings } = REQUEST;
  const own = {
    table: 'TodoItem',
    operation: 'INSERT',
    batch: false,
    id: 'id-0',
    item: { text: 'milk' },
    previous: null,
  };
  assert.deepEqual(row(await run('sees')), { ...own, user, caller, params, headers, settings, requestId });
});

test('after a conflict it may execute again, with the version that it saw', async () => {
  const asked: ExecuteCall['steps'][] = [];
  const call = async (op: string, args: unknown) => {
    asked.push((args as ExecuteCall).steps);
    const current = { text: 'theirs', version: 'v7' };
    const error = { ref: 'c', code: 'CONFLICT', message: 'changed', current };
    return asked.length === 1 ? { outcomes: [{ at: 0, error }] } : storeCalls(op, args);
  };
  assert.deepEqual(row(await run('conflict', { call })), { text: 'theirs+', version: 'v1' });
  assert.deepEqual(asked[1], [{ at: 0, item: { text: 'theirs+' }, ifVersion: 'v7' }]);
});

test('what a call threw is known by its name when it is thrown on, and not when it is wrapped', async () => {
  const call = async () => ({ outcomes: [{ at: 0, error: { ref: 'kept', code: 'FORBIDDEN', message: 'not yours' } }] });
  assert.deepEqual(await run('throwsOn', { call }), {
    results: [
      { at: 0, failure: { kind: 'callError', ref: 'kept', message: 'not yours', stack: 'ServiceError: not yours' } },
    ],
  });
  assert.match(JSON.stringify(await run('wraps', { call })), /"failed","message":"own: not yours"/);
});

test('what JSON cannot hold is refused by its place', async () => {
  assert.match(JSON.stringify(await run('odd')), /has a bigint.*list\.0\.when/);
  const nan = { input: { ...writeInput(), params: { what: 'nan' } } };
  assert.match(JSON.stringify(await run('odd', nan)), /has NaN.*list\.0\.when/);
  assert.match(JSON.stringify(await run('text')), /must be an object/);
});

test('calls reach the service as they are meant', async () => {
  assert.deepEqual(row(await run('asks')), {
    read: {
      op: 'table',
      args: { table: 'Todo', method: 'read', args: [{ where: { done: { eq: true } } }], as: 'service' },
    },
    mine: { op: 'table', args: { table: 'Todo', method: 'count', args: [], as: 'user' } },
    plain: { op: 'sql', args: { text: 'select $1', values: [7] } },
    bound: { op: 'sql', args: { text: 'select $1 + $2', values: [1, 'b'] } },
    secret: { op: 'secret', args: 'KEY' },
  });
});

test('fetch is carried out by the service', async () => {
  const call = async (_: string, args: unknown) => {
    const { body, method, url } = args as Record<string, string>;
    assert.deepEqual([method, Buffer.from(body ?? '', 'base64').toString()], ['POST', '{"a":1}']);
    const told = Buffer.from('{"b":2}').toString('base64');
    return { status: 201, statusText: 'Created', headers: [['x-type', 'y']], body: told, url };
  };
  assert.deepEqual(row(await run('fetches', { call })), { status: 201, type: 'y', url: 'https://a.example/x', b: 2 });
});

test('bodies of requests may be larger than other calls', async () => {
  const call = async (_: string, args: unknown) => {
    const { body } = args as { readonly body: string };
    return { status: 200, statusText: '', headers: [], body, url: '' };
  };
  assert.deepEqual(row(await run('uploads', { call })), { length: 2 << 20 });
});

test('what is said belongs to its run, and is bounded', async () => {
  const lines: ScriptLogLine[] = [];
  await run('says', { log: (line) => lines.push(line) });
  assert.deepEqual(lines.slice(0, 3), [
    { level: 'info', message: 'said { deep: { er: [ 1, 2 ] } }' },
    { level: 'warn', message: 'in a timer' },
    { level: 'error', message: 'through ctx' },
  ]);
  assert.deepEqual([lines.length, lines.at(-1)?.level], [1001, 'warn']);
});

test('effects wait for the commit, and one that breaks is logged', async () => {
  let commit: () => void = () => undefined;
  const asked: string[] = [];
  let last: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    last = resolve;
  });
  const lines: string[] = [];
  const result = await run('effects', {
    call: (op) => {
      asked.push(op);
      return op === 'committed' ? new Promise<void>((resolve) => (commit = resolve)) : Promise.resolve(null);
    },
    log: ({ message }) => {
      lines.push(message.split('\n')[0] ?? '');
      if (message === 'last') last();
    },
  });
  assert.deepEqual([row(result), asked, lines], [{ text: 'answered' }, ['committed'], []]);
  commit();
  await done;
  assert.deepEqual(asked, ['committed', 'sql']);
  assert.deepEqual(lines, ['What waited for the commit failed: Error: an effect broke', 'last']);
});

test('of what is undone no effect is seen', async () => {
  const asked: string[] = [];
  const call = async (op: string) => {
    asked.push(op);
    throw new Error('rolled back');
  };
  await run('effects', { call });
  await run('nothing');
  assert.deepEqual(asked, ['committed']);
});

test('a rejection that nobody handles is logged, and what a timer throws fails the run', async () => {
  const lines: string[] = [];
  await run('strays', { log: ({ message }) => lines.push(message) });
  assert.match(lines.join(), /nobody waits[\s\S]*script:tables\/forms/);
  const failure = await failureOf(run('timer'));
  assert.deepEqual([failure.kind, failure.message], ['failed', 'from a timer']);
  assert.match(failure.details.stack ?? '', /script:tables\/forms:\d+:\d+/);
});

test('a run that never answers is given up, and so is one that nobody waits for', async () => {
  assert.equal((await failureOf(run('never', { timeout: 100 }))).kind, 'timeout');
  const giveUp = new AbortController();
  const failure = failureOf(run('never', { signal: giveUp.signal }));
  giveUp.abort(new Error('the client left'));
  assert.deepEqual(
    [(await failure).kind, (await failure).message],
    ['cancelled', 'The script was given up: the client left'],
  );
  assert.equal((await failureOf(run('never', { signal: AbortSignal.abort() }))).kind, 'cancelled');
});

test('no interval goes on when its run has answered, or was given up', async () => {
  assert.ok((row(await run('intervals')) as { ticks: number }).ticks > 0);
  assert.deepEqual(row(await run('still')), { still: true });
  assert.equal((await failureOf(run('ticking', { timeout: 50 }))).kind, 'timeout');
  assert.deepEqual(row(await run('still')), { still: true });
});

test('functions of a batch ask together, once each has asked or ended', async () => {
  const calls: ExecuteCall[] = [];
  const input = writeInput([{}, { item: { skip: true } }, { item: { bad: true } }, {}]);
  const result = await run('each', {
    input,
    call: (op, args) => {
      calls.push(args as ExecuteCall);
      return storeCalls(op, args);
    },
  });
  assert.deepEqual(
    calls.map(({ steps, ended }) => [steps.map(({ at }) => at), ended.map(({ at }) => at).sort()]),
    [
      [
        [0, 3],
        [1, 2],
      ],
    ],
  );
  const kinds = (result as { results: object[] }).results.map((one) => Object.keys(one).join());
  assert.deepEqual(kinds, ['at,row,executed', 'at,row,executed', 'at,failure', 'at,row,executed']);
});

test('a function of a whole batch is called once', async () => {
  const result = await run('insertMany', { input: writeInput([{}, {}]) });
  const expected = { text: 'milk', n: 2, version: 'v1' };
  assert.deepEqual(result, { results: [0, 1].map((at) => ({ at, row: expected, executed: true })) });
});

test('filters, reads and the start have their own answers', async () => {
  const about = { ...REQUEST, table: 'TodoItem' };
  const filter = (params: object) => run('filter', { input: { ...about, kind: 'filter', params } });
  assert.deepEqual(await filter({}), { where: { owner: { eq: 'ann' } } });
  assert.deepEqual(await filter({ all: true }), { where: true });
  const rows = [{ id: 'a' }, { id: 'b' }];
  assert.deepEqual(await run('read', { input: { ...about, kind: 'read', rows } }), { rows: [{ id: 'a', n: 1 }] });
  assert.equal(await run('default', { input: { ...REQUEST, kind: 'startup' } }), null);
});

test('module variables stay between runs', async () => {
  assert.deepEqual([row(await run('counts')), row(await run('counts'))], [{ runs: 1 }, { runs: 2 }]);
});

test('an answer of the service that is too large is thrown to the script', async () => {
  const call = async () => ({ text: 'x'.repeat(2 << 20) });
  assert.match(JSON.stringify(await run('asks', { call })), /"kind":"callError"/);
});
