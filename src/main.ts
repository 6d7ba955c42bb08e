// The process: its arguments become a command, and what a command cannot do becomes words and an exit code.

import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { helpText } from './commands/help.ts';
import { productVersion } from './commands/product.ts';
import { messageOf } from './platform/errors.ts';

const USAGE_ERROR = 2;
const INSPECTOR = '127.0.0.1:9229';

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    // A debugger has an address that nobody needs to say.
    args: process.argv.slice(2).map((arg) => (arg === '--inspect' ? `--inspect=${INSPECTOR}` : arg)),
    allowPositionals: true,
    options: {
      app: { type: 'string', default: '.' },
      allow: { type: 'string', multiple: true, default: [] },
      role: { type: 'string', multiple: true, default: [] },
      inspect: { type: 'string' },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
      version: { type: 'boolean', short: 'v', default: false },
    },
  });
  const [command, ...rest] = positionals;
  const app = resolve(values.app);
  if (values.version) return print(productVersion());
  if (values.help || command === undefined || command === 'help') return print(helpText());
  // Each command loads what it needs, and no more.
  switch (command) {
    case 'start':
      await (await import('./commands/start.ts')).start(app, values.allow, values.inspect);
      return;
    case 'init':
      return print(await (await import('./commands/init.ts')).init(rest[0]));
    case 'sample':
      return print(await (await import('./commands/sample/sample.ts')).sample(rest[0], rest[1]));
    case 'plan':
      return print(await (await import('./commands/print-plan.ts')).printPlan(app, values.allow));
    case 'apply':
      return print(await (await import('./commands/apply-tables.ts')).applyTables(app, values.allow));
    case 'types': {
      const { text, isFine } = await (await import('./commands/types.ts')).writeTypes(app);
      print(text);
      if (!isFine) process.exitCode = 1;
      return;
    }
    case 'token':
      return print(await (await import('./commands/print-token.ts')).printToken(app, rest[0], values.role));
    case 'schema':
      return print(await (await import('./commands/print-schema.ts')).printSchema(app, values.write));
    default:
      throw new TypeError(`There is no command "${command}". See tablecast --help.`);
  }
}

function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`tablecast: ${messageOf(error)}\n`);
  process.exitCode = error instanceof TypeError ? USAGE_ERROR : 1;
});
