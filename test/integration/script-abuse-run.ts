// A service under load from clients of a table without a script and of a table with a sound one, while scripts of a third do
// harm, one kind after the other. What became of everybody is counted.

import { openTestService, type TestService } from '../support/open-test-service.ts';

const TABLE = '@table @permission(on: [READ, INSERT], level: APPLICATION) { text: String! }';
const SDL = ['Plain', 'Sound', 'Harmful', 'Old', 'Broken'].map((name) => `type ${name} ${TABLE}`).join('\n');

/** What a script of the harmful table does, by the text of the row, and what its caller is told. */
export const HARM: Readonly<Record<string, { readonly does: string; readonly codes: readonly string[] }>> = {
  'an endless loop': { does: 'for (;;) {}', codes: ['SCRIPT_TIMEOUT'] },
  'endless microtasks': { does: 'for (;;) await null;', codes: ['SCRIPT_TIMEOUT'] },
  'a heap bomb': {
    does: 'const a = []; for (;;) a.push(new Array(1e5).fill(1.5));',
    codes: ['SCRIPT_FAILED', 'SCRIPT_TIMEOUT'],
  },
  'a bomb of typed arrays': {
    does: 'const a = []; for (;;) a.push(new Uint8Array(1e7).fill(1));',
    codes: ['SCRIPT_FAILED', 'SCRIPT_TIMEOUT'],
  },
  'a loop after its write': { does: 'await ctx.execute(); for (;;) {}', codes: ['SCRIPT_TIMEOUT'] },
  'an exit': { does: 'process.exit(1);', codes: ['SCRIPT_FAILED'] },
  'an error that nobody catches': {
    does: "setTimeout(() => { throw new Error('loose'); }); await new Promise((resolve) => setTimeout(resolve, 20)); throw new Error('bad');",
    codes: ['SCRIPT_FAILED'],
  },
  'a flood of logs': {
    does: "for (let n = 0; n < 1e5; n++) console.log('x'.repeat(100)); throw new Error('done');",
    codes: ['SCRIPT_FAILED'],
  },
  'a flood of calls': {
    does: 'await Promise.all(Array.from({ length: 20000 }, () => ctx.tables.Plain.count()));',
    codes: ['SCRIPT_FAILED', 'SCRIPT_TIMEOUT'],
  },
  'a forgotten answer': { does: 'await new Promise(() => {});', codes: ['SCRIPT_TIMEOUT'] },
  'executing twice': { does: 'await ctx.execute(); await ctx.execute();', codes: ['SCRIPT_FAILED'] },
  'patching a prototype': {
    does: "Array.prototype.map = () => []; throw new Error('patched');",
    codes: ['SCRIPT_FAILED'],
  },
  'reading a file': {
    does: "process.getBuiltinModule('node:fs').readFileSync('/etc/passwd');",
    codes: ['SCRIPT_FAILED'],
  },
  'the environment': { does: "if (!globalThis.process?.env?.HOME) throw new Error('none');", codes: ['SCRIPT_FAILED'] },
  'the network': { does: "await fetch('http://127.0.0.1:1');", codes: ['SCRIPT_FAILED'] },
  'another process': { does: "new Deno.Command('ls').spawn();", codes: ['SCRIPT_FAILED'] },
};

const kinds = Object.entries(HARM).map(([name, { does }]) => `  ${JSON.stringify(name)}: async (ctx) => { ${does} },`);

const SCRIPTS = {
  'scripts/tables/sound.ts': `export const insert = async (ctx) => {
    const row = await ctx.execute();
    await ctx.tables.Plain.count({ where: { text: { eq: row.text } } });
    return { ...row, text: row.text + '!' };
  };`,
  'scripts/tables/harmful.ts': `const kinds = {\n${kinds.join('\n')}\n};\nexport const insert = (ctx) => kinds[ctx.item.text](ctx);\nexport const settings = { timeout: 1500 };`,
  'scripts/tables/old.js':
    'function insert(item, user, request) { request.respond(200, item); request.respond(200, item); }',
  'scripts/tables/broken.ts': "export const insert = () => {};\nthrow new Error('at load');",
};

/** Milliseconds: until a silent host is ended, and until another one has its place. */
export const REPLACED = 1_100;

/** What the clients of one table were told during one kind of harm. Times in milliseconds. */
export interface Told {
  readonly answers: number;
  readonly wrong: readonly string[];
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
  /** The longest of those that began when harm had been done for as long as a host may be silent. */
  readonly later: number;
}

export interface Harmed {
  readonly kind: string;
  /** What the harmful ones were told. */
  readonly codes: readonly string[];
  readonly plain: Told;
  readonly sound: Told;
}

export interface AbuseReport {
  /** Before any harm. */
  readonly calm: { readonly plain: Told; readonly sound: Told };
  readonly harmed: readonly Harmed[];
  /** Rows that sound scripts wrote and nobody was told of, or the reverse. */
  readonly lost: number;
  /** Rows of harmful scripts that are there. */
  readonly kept: number;
}

export interface AbuseOptions {
  readonly clients: number;
  /** Milliseconds of calm at first, and of each kind at least. */
  readonly span: number;
  /** Harmful requests at a time. */
  readonly harmful: number;
  readonly tell?: (line: string) => void;
}

/** Runs all of it. */
export async function runAbuse({ clients, span, harmful, tell }: AbuseOptions): Promise<AbuseReport> {
  const it = await openTestService({
    sdl: SDL,
    scripts: SCRIPTS,
    production: true,
    given: { hosts: 2 },
    pool: { size: 16, statementTimeout: 10_000, lockTimeout: 2_000 },
  });
  try {
    const broken = it.service.scriptProblems.map(({ file }) => file);
    if (broken.join() !== 'scripts/tables/broken.ts') throw new Error(`not what is broken: ${broken.join()}`);
    let soundAnswers = 0;
    const during = async (work: Promise<unknown>): Promise<{ plain: Told; sound: Told }> => {
      let goesOn = true;
      const start = performance.now();
      const ended = Promise.all([work, new Promise((resolve) => setTimeout(resolve, span))]).finally(() => {
        goesOn = false;
      });
      const load = async (table: 'Plain' | 'Sound', expected: (text: string) => string) => {
        const times: { readonly took: number; readonly began: number }[] = [];
        const wrong: string[] = [];
        await Promise.all(
          Array.from({ length: clients }, async (_, client) => {
            for (let n = 0; goesOn; n++) {
              const text = `${client}-${n}`;
              const began = performance.now();
              const answer = await it.ask(`mutation { insert${table}(data: { text: "${text}" }) { text } }`, {
                as: 'app',
              });
              times.push({ took: performance.now() - began, began: began - start });
              const told = answer.data?.[`insert${table}`] as { text: string } | null | undefined;
              if (told?.text !== expected(text)) wrong.push(answer.text);
              else if (table === 'Sound') soundAnswers += 1;
            }
          }),
        );
        return toldIn(times, wrong);
      };
      const [plain, sound] = await Promise.all([
        load('Plain', (text) => text),
        load('Sound', (text) => `${text}!`),
        ended,
      ]);
      return { plain, sound };
    };
    await during(Promise.resolve()); // Everything is warm then.
    const calm = await during(Promise.resolve());
    tell?.(lineOf('calm', [], calm));
    const harmed: Harmed[] = [];
    const kindsOfHarm = [
      ...Object.keys(HARM).map((kind) => ({ kind, table: 'Harmful' })),
      { kind: 'responding twice', table: 'Old' },
      { kind: 'throwing at load', table: 'Broken' },
    ];
    for (const { kind, table } of kindsOfHarm) {
      const codes: string[] = [];
      const harm = Promise.all(
        Array.from({ length: harmful }, async () => {
          const { errors, data } = await it.ask(`mutation { insert${table}(data: { text: "${kind}" }) { text } }`, {
            as: 'app',
          });
          codes.push(String(errors?.[0]?.extensions['code'] ?? JSON.stringify(data)));
        }),
      );
      harmed.push({ kind, codes, ...(await during(harm)) });
      tell?.(lineOf(kind, codes, harmed.at(-1) as Harmed));
    }
    const countOf = async (table: string) =>
      Number((await it.database.query(`SELECT count(*) AS n FROM ${table}`))[0]?.['n']);
    return { calm, harmed, lost: Math.abs((await countOf('sound')) - soundAnswers), kept: await countOf('harmful') };
  } finally {
    await (it satisfies TestService).close();
  }
}

function toldIn(times: readonly { readonly took: number; readonly began: number }[], wrong: readonly string[]): Told {
  const took = times.map((one) => one.took).sort((a, b) => a - b);
  const at = (share: number) => took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? 0;
  const later = Math.max(0, ...times.filter(({ began }) => began > REPLACED).map((one) => one.took));
  return { answers: took.length, wrong, p50: at(0.5), p99: at(0.99), longest: at(1), later };
}

function lineOf(kind: string, codes: readonly string[], { plain, sound }: { plain: Told; sound: Told }): string {
  const told = ({ answers, wrong, p50, p99, longest, later }: Told) =>
    `${String(answers).padStart(5)} answers, ${wrong.length} wrong, p50 ${p50.toFixed(0)} p99 ${p99.toFixed(0)} longest ${longest.toFixed(0)} (later ${later.toFixed(0)}) ms`;
  return `${kind.padEnd(30)} plain ${told(plain)} | sound ${told(sound)} | ${[...new Set(codes)].join()}`;
}
