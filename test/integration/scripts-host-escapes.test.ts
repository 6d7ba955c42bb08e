// What a script could try to get out of its host, or into those of others: nothing of it works, and no trace is left.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { findDeno } from '../../src/scripts/host/find-deno.ts';
import { GRANTED_MODULES, REFUSED_MODULES } from '../../src/scripts/host/granted-modules.ts';
import { openScriptLab, type ScriptLab, writeInput } from '../support/script-lab.ts';

const WITHHELD =
  'Deno process require module WebAssembly SharedArrayBuffer fetch WebSocket WebSocketStream EventSource XMLHttpRequest Worker ' +
  'SharedWorker BroadcastChannel MessageChannel caches localStorage sessionStorage navigator location alert confirm prompt close ' +
  'onload onerror onunhandledrejection addEventListener removeEventListener reportError self window gc createImageBitmap GPU';

/** Expressions of `file`, `port`, `ctx` and `load` (an import that no bundler sees). Each must throw, or be empty. */
const ESCAPES: readonly string[] = [
  ...WITHHELD.split(' ').map((name) => `typeof ${name} === 'undefined' ? undefined : '${name}'`),
  ...REFUSED_MODULES.map((name) => `load('node:${name}')`),
  "load('fs')",
  "load('npm:left-pad')",
  "load('jsr:@std/fs')",
  "load('https://example.com/x.js')",
  "load('http://127.0.0.1:' + port + '/x.js')",
  "load('file://' + file)",
  "load('file://' + file, { with: { type: 'json' } })",
  "load('file:///proc/self/environ')",
  "load('data:text/javascript,import fs from %22node:fs%22; export default fs.readFileSync(%22/etc/hostname%22)')",
  "load('data:application/typescript,export default Deno.env.toObject()')",
  "eval('1')",
  "(0, eval)('globalThis')",
  "new Function('return this')()",
  "Function('return Deno')()",
  "(async () => {}).constructor('return 1')()",
  '(function* () {}).constructor("yield 1")()',
  "setTimeout('globalThis.mine = 1')",
  "''.constructor.constructor('return Deno')()",
  'ctx.execute.constructor("return Deno")()',
  'ctx.constructor.constructor("return Deno")()',
  'ctx.tables.constructor?.constructor?.("return Deno")()',
  "URL.createObjectURL(new Blob(['export default 1']))",
  "new Response.constructor('return 1')()",
  "globalThis[Symbol.for('Deno.internal')]",
  'Object.getOwnPropertySymbols(globalThis).map((s) => globalThis[s]).find((v) => v?.core ?? v?.ops)',
  'Reflect.ownKeys(globalThis).map((k) => globalThis[k]).find((v) => v && (v.exit || v.readTextFileSync || v.env))',
  'globalThis.__proto__.Deno',
  'globalThis.constructor.Deno',
  'Buffer.constructor("return process")()',
  "load('node:buffer').then((m) => m.default.constructor('return 1')())",
  "load('node:util').then((m) => m.default.process)",
  "load('node:events').then((m) => new m.default.EventEmitterAsyncResource())",
  "load('node:crypto').then((m) => m.default.createPrivateKey(file) && 1)",
  "load('node:url').then((m) => m.default.constructor('return 1')())",
  'Error.prepareStackTrace = (_, calls) => calls, new Error().stack[0]?.getThis?.()',
  'Error.captureStackTrace({}), Error.prepareStackTrace',
  "EventTarget.prototype.addEventListener.call(globalThis, 'unhandledrejection', () => 0) ?? 1",
  "(0, EventTarget.prototype.addEventListener)('error', () => 0) ?? 1",
  '(() => { try { null.x } catch (e) { return e.constructor.constructor("return Deno")() } })()',
  'arguments.callee.caller',
  '(function () { return this })()',
  '(() => { Object.prototype.polluted = 1; return {}.polluted })()',
  '(() => { Array.prototype.push = () => 0 })()',
  '(() => { Promise.prototype.then = () => 0 })()',
  '(() => { JSON.parse = () => 0 })()',
  '(() => { Object.defineProperty(Map.prototype, "get", { value: () => 0 }) })()',
  '(() => { Object.setPrototypeOf(Array.prototype, { own: 1 }) })()',
  '(() => { ({}).__proto__.own = 1 })()',
  '(() => { (async () => {}).constructor.prototype.own = 1 })()',
  '(() => { Object.getPrototypeOf([][Symbol.iterator]()).next = () => ({ done: true }) })()',
  '(() => { Uint8Array.prototype.own = 1 })()',
  '(() => { Symbol.own = 1 })()',
  '(() => { globalThis.own = 1 })()',
  '(() => { globalThis.setTimeout = 1 })()',
  '(() => { delete globalThis.JSON })()',
  '(() => { console.log = 1 })()',
  '(() => { tables.getTable = 1 })()',
  '(() => { statusCodes.OK = 1 })()',
  '(() => { Headers.prototype.get = 1 })()',
  '(() => { Buffer.from = 1 })()',
  "load('node:util').then((m) => { m.default.inspect = 1 })",
  "load('node:events').then((m) => { m.default.prototype.emit = 1 })",
  "load('node:crypto').then((m) => { m.default.createHash = 1 })",
  "load('node:assert').then((m) => { m.default.own = 1 })",
  "load('node:path').then((m) => { m.default.join = 1 })",
  '(() => { ctx.user.id = "root"; return ctx.user.id === "root" ? 1 : undefined })()',
  '(() => { ctx.settings.own = 1 })()',
];

const bodies = ESCAPES.map(
  (attempt, at) => `export const escape${at} = async (ctx) => {
    const { file, port } = ctx.params;
    let got;
    try { got = await (${attempt.includes('arguments') ? `function () { return ${attempt} }` : `() => (${attempt})`})(); }
    catch (error) { return { refused: String(error.message).slice(0, 200) } }
    return got === undefined || got === null ? { refused: 'nothing' } : { got: String(got).slice(0, 200) };
  };`,
);
const scripts = {
  'tables/escapes': `const load = (name, options) => import(name, options);\n${bodies.join('\n')}`,
  'tables/libraries': `
    import { EventEmitter } from 'node:events';
    import { createHash, createHmac, randomBytes, randomUUID } from 'node:crypto';
    import * as util from 'node:util';
    import assert from 'node:assert';
    import path from 'node:path';
    export const use = async () => {
      class Old { } // Inheritance as it was written before classes.
      function Failure() {} Failure.prototype = Object.create(Error.prototype); Failure.prototype.constructor = Failure;
      Failure.prototype.name = 'Failure'; Failure.prototype.toString = () => 'failed';
      function Bus() { EventEmitter.call(this) } util.inherits(Bus, EventEmitter); Bus.prototype.emit2 = 1;
      const bus = new Bus(); let heard = 0; bus.on('x', () => heard++); bus.emit('x');
      const plain = {}; plain.toString = () => 'plain'; plain.constructor = 1; plain.hasOwnProperty = 2;
      Error.stackTraceLimit = 50; const error = new TypeError('t'); error.name = 'Own'; error.message = 'own';
      class Own extends Map { get() { return 'mine' } } const map = new Own([[1, 2]]);
      assert.deepEqual({ a: [1] }, { a: [1] });
      const stream = new Response('streamed').body.pipeThrough(new TextDecoderStream());
      let text = ''; for await (const part of stream) text += part;
      return {
        hash: createHash('sha256').update('a').digest('hex').slice(0, 8), hmac: createHmac('sha1', 'k').update('a').digest('base64').length,
        random: randomBytes(4).length, id: randomUUID().length, heard, failed: String(new Failure()), plain: String(plain), map: map.get(1),
        error: error.name + error.message, path: path.join('a', '..', 'b'), subtle: (await crypto.subtle.digest('SHA-256', new Uint8Array(1))).byteLength,
        text, clone: structuredClone({ a: new Date(0) }).a.toISOString(), url: new URL('/x', 'https://a.b').href, old: typeof new Old(),
        format: new Intl.NumberFormat('de').format(1234.5), aborted: AbortSignal.abort().aborted, inspect: util.inspect({ a: 1 }),
      };
    };`,
};

let lab: ScriptLab;
let folder: string;
let sink: Server;
let connections = 0;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tablecast-escapes-'));
  await writeFile(join(folder, 'canary.json'), '{"canary":"sings"}');
  sink = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
  lab = await openScriptLab({ scripts, limits: { hosts: 1 } });
});
after(async () => {
  await lab.close();
  await new Promise((resolve) => sink.close(resolve));
  await rm(folder, { recursive: true, force: true });
});

async function answer(fn: string, params: object): Promise<{ readonly refused?: string; readonly got?: string }> {
  const run = lab.run('tables/escapes', fn, { input: { ...writeInput(), params } });
  const { results } = (await run) as { readonly results: readonly { readonly row: object }[] };
  return results[0]?.row ?? {};
}

test('nothing that a script tries gets it out', async () => {
  const { port } = sink.address() as { readonly port: number };
  const params = { file: join(folder, 'canary.json'), port };
  const out: unknown[] = [];
  for (const [at, attempt] of ESCAPES.entries()) {
    const { got } = await answer(`escape${at}`, params);
    if (got !== undefined) out.push({ attempt, got });
  }
  assert.deepEqual(out, []);
  assert.equal(connections, 0);
  assert.deepEqual(await readdir(folder), ['canary.json']);
  assert.deepEqual(lab.log.take(), [], 'no host ended, and none said anything');
});

test('libraries find what they need', async () => {
  const { results } = (await lab.run('tables/libraries', 'use')) as { results: { row?: object; failure?: unknown }[] };
  assert.equal(results[0]?.failure, undefined);
  assert.deepEqual(results[0]?.row, {
    hash: 'ca978112',
    hmac: 28,
    random: 4,
    id: 36,
    heard: 1,
    failed: 'failed',
    plain: 'plain',
    map: 'mine',
    error: 'Ownown',
    path: 'b',
    subtle: 32,
    text: 'streamed',
    clone: '1970-01-01T00:00:00.000Z',
    url: 'https://a.b/x',
    old: 'object',
    format: '1.234,5',
    aborted: true,
    inspect: '{ a: 1 }',
  });
});

test('every module of Deno is granted or refused', () => {
  const code = "import { builtinModules } from 'node:module'; console.log(JSON.stringify(builtinModules))";
  const { stdout } = spawnSync(findDeno(), ['run', '--no-prompt', `data:text/javascript,${encodeURIComponent(code)}`], {
    encoding: 'utf8',
    env: { DENO_DIR: folder, NO_COLOR: '1' },
  });
  const known = new Set([...GRANTED_MODULES, ...REFUSED_MODULES]);
  const names = (JSON.parse(stdout) as string[]).map((name) => name.replace(/^node:/, ''));
  assert.ok(names.length > 50);
  assert.deepEqual(
    names.filter((name) => !known.has(name)),
    [],
  );
});
