// Scripts that do harm, each while others are under way in the same host: the others are answered, whatever becomes of it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ScriptFailureKind } from '../../src/scripts/host/script-failure.ts';
import { openScriptLab, type ScriptLab, storeCalls } from '../support/script-lab.ts';

interface Abuse {
  readonly name: string;
  /** The body of an async function of `ctx`. */
  readonly does: string;
  /** What becomes of the run; several where the machine decides which limit is met first. */
  readonly kinds: readonly (ScriptFailureKind | 'failed row')[];
  readonly says: RegExp;
  /** Whether the host is ended over it, and another one takes its place. */
  readonly endsHost: boolean;
}

const ended = (name: string, does: string, kinds: Abuse['kinds'], says: RegExp): Abuse => ({
  name,
  does,
  kinds,
  says,
  endsHost: true,
});
const refused = (name: string, does: string, says: RegExp): Abuse => ({
  name,
  does,
  kinds: ['failed row'],
  says,
  endsHost: false,
});
const SILENT = /did not answer for/;
const MEMORY = /memory|MB|did not answer/;

const ABUSES: readonly Abuse[] = [
  ended('an endless loop', 'for (;;) {}', ['timeout'], SILENT),
  ended('a regular expression that never ends', '/^(a+)+$/.test("a".repeat(64) + "!")', ['timeout'], SILENT),
  ended('endless microtasks', 'for (;;) await null', ['timeout'], SILENT),
  ended(
    'endless microtasks that call themselves',
    'const again = () => Promise.resolve().then(again); await again()',
    ['died', 'timeout'],
    MEMORY,
  ),
  ended(
    'endless queueMicrotask',
    'const again = () => queueMicrotask(again); again(); await new Promise(() => {})',
    ['timeout'],
    SILENT,
  ),
  ended('a loop in a timer', 'setTimeout(() => { for (;;) {} }); await new Promise(() => {})', ['timeout'], SILENT),
  ended('a loop in a getter of what is answered', 'return { get text() { for (;;) {} } }', ['timeout'], SILENT),
  ended('a loop in toJSON', 'return Object.create({ toJSON() { for (;;) {} } })', ['timeout'], SILENT),
  ended('a loop in what is logged', 'console.log({ get [Symbol.toStringTag]() { for (;;) {} } })', ['timeout'], SILENT),
  ended('an array bomb', 'const a = []; for (;;) a.push(new Array(1e5).fill(1.5))', ['died', 'timeout'], MEMORY),
  ended(
    'a string bomb',
    'const a = []; for (let i = 0; ; i++) a.push(String(i).padEnd(1e5, i))',
    ['died', 'timeout'],
    MEMORY,
  ),
  ended('an object bomb', 'const a = []; for (let i = 0; ; i++) a.push({ i, a: [i] })', ['died', 'timeout'], MEMORY),
  ended(
    'a bomb of typed arrays',
    'const a = []; for (;;) a.push(new Uint8Array(1e7).fill(1))',
    ['died', 'timeout'],
    MEMORY,
  ),
  ended(
    'a slow bomb of buffers',
    'const a = []; for (;;) { a.push(Buffer.alloc(4e6, 1)); await new Promise((r) => setTimeout(r, 1)) }',
    ['died'],
    /used more than 200 MB of memory/,
  ),
  {
    name: 'JSON of a huge array',
    does: 'JSON.stringify(new Array(2e7).fill("0123456789abcdef0123456789"))',
    kinds: ['died', 'timeout', 'failed row'],
    says: /./,
    endsHost: true,
  },
  refused('endless recursion', 'const f = () => f() + 1; f()', /call stack/),
  refused(
    'a thousand timers and one',
    'for (let i = 0; i < 1001; i++) setTimeout(() => {}, 10)',
    /may have 1000 timers/,
  ),
  refused('a million timers', 'for (let i = 0; i < 1e6; i++) setTimeout(() => {}, 1e6)', /may have 1000 timers/),
  refused('a string that is too long', 'return { text: "x".repeat(2 ** 30) }', /string length/),
  refused('a forgotten loop of calls', 'for (;;) await ctx.tables.A.get(1)', /may call the service 10000 times/),
  refused(
    'calls that nobody awaits',
    'let all = []; for (let i = 0; i < 10_001; i++) all.push(ctx.sql("")); await Promise.all(all)',
    /10000 times/,
  ),
  refused('a call that is too large', 'await ctx.sql("x".repeat(2e6))', /cannot be sent/),
  refused('executing twice', 'await ctx.execute(); await ctx.execute()', /called twice/),
  refused('an error with a huge message', 'throw new Error("x".repeat(5e6))', /^x{4000}$/),
  refused(
    'an error that cannot be read',
    'throw new Proxy(new Error("no"), { get() { throw new Error("never") } })',
    /./,
  ),
  refused('null as an error', 'throw null', /null/),
  refused(
    'a rejection that is no JSON',
    'ctx.reject("NO", "no", [{ path: [], message: 1n }])',
    /a bigint, which JSON has not/,
  ),
  refused('a prototype that is patched', 'Array.prototype.map = () => []', /read only|cannot be changed/),
  refused('a prototype that is added to', 'Object.prototype.mine = 1', /not extensible/),
  refused('a global that is made', 'globalThis.mine = 1', /not extensible/),
  refused('a global that is replaced', 'JSON.stringify = () => "{}"', /read only/),
  refused('console that is replaced', 'console.log = () => {}', /read only/),
];

const bodies = ABUSES.map(({ does }, at) => `export const abuse${at} = async (ctx) => { ${does} };`);
const scripts = {
  'tables/bad': bodies.join('\n'),
  'tables/good': `
    export const insert = async (ctx) => {
      const seen = await ctx.tables.Gate.get(1);
      const row = await ctx.execute();
      return { ...row, seen: seen.args.table, sum: [1, 2, 3].map((n) => n * 2).join(), text: JSON.stringify({ a: 1 }) };
    };`,
};

let lab: ScriptLab;
before(async () => {
  lab = await openScriptLab({ scripts, limits: { hosts: 1, silence: 500, heapMb: 64, memoryMb: 200 } });
});
after(() => lab.close());

const EXPECTED = [{ at: 0, row: { text: '{"a":1}', version: 'v1', seen: 'Gate', sum: '2,4,6' }, executed: true }];

for (const [at, { name, does, kinds, says, endsHost }] of ABUSES.entries()) {
  test(`${name} harms nobody else`, async () => {
    lab.log.take();
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    let begun = 0;
    let allBegun: () => void = () => undefined;
    const underWay = new Promise<void>((resolve) => {
      allBegun = resolve;
    });
    const bystanders = Array.from({ length: 5 }, () =>
      lab.run('tables/good', 'insert', {
        call: async (op, args) => {
          if (op === 'table' && ++begun === 5) allBegun();
          if (op === 'table' && begun <= 5) await gate;
          return storeCalls(op, args);
        },
      }),
    );
    await underWay;
    const outcome = await lab.run('tables/bad', `abuse${at}`, { timeout: 30_000 }).then(told, thrown);
    open();
    for (const answer of await Promise.all(bystanders)) assert.deepEqual(answer, { results: EXPECTED });

    assert.ok(
      kinds.some((kind) => kind === outcome.kind),
      `${does}: ${outcome.kind} ${outcome.message}`,
    );
    assert.match(outcome.message, says);
    const deaths = lab.log.take().filter(({ msg }) => msg.startsWith('a script host'));
    if (!endsHost) assert.deepEqual([deaths, begun], [[], 5]);
    else if (outcome.kind !== 'failed row')
      assert.equal(deaths.length, 2, `where it was, and in quarantine: ${JSON.stringify(deaths)}`);
    // Whoever comes next finds a host.
    assert.deepEqual(await lab.run('tables/good', 'insert', {}), { results: EXPECTED });
  });
}

interface Outcome {
  readonly kind: string;
  readonly message: string;
}

function told(result: unknown): Outcome {
  const [first] = (result as { readonly results: readonly { readonly failure?: { readonly message: string } }[] })
    .results;
  return first?.failure
    ? { kind: 'failed row', message: first.failure.message }
    : { kind: 'answered', message: JSON.stringify(result) };
}

function thrown(error: unknown): Outcome {
  return error as Outcome;
}
