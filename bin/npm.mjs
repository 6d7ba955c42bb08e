// The npm that belongs to the running Node, quiet when it succeeds and quoted when it fails.

import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { startChild } from './child-process.mjs';
import { Refusal } from './refusal.mjs';

/** What to do about the failures that are not npm's or ours, by what npm prints about them. */
const ADVICE = [
  [/spawn npm ENOENT/, 'npm was not found. It comes with Node: reinstall Node, or put npm on the PATH.'],
  [
    /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT)\b/,
    'The npm registry cannot be reached. Check the network (behind a proxy: npm config set proxy ...), then try again.',
  ],
  [/\b(EACCES|EPERM|EROFS)\b/, 'npm may not write there. Run the command as the owner of the folder, not with sudo.'],
  [/\bENOSPC\b/, 'The disk is full. Make room, then try again.'],
  [/\bEUSAGE\b.*in sync/s, 'package.json was edited without its lock file. Run `npm install`, and commit both.'],
];
const OTHERWISE = 'Try again; if it stays, delete node_modules and try once more. Nothing of yours is in there.';

/** Runs npm in `root`. A Refusal with npm's own words and what to do about them when it fails. */
export async function runNpm(root, args, { seconds }) {
  const [command, ...before] = npmCommand();
  const quiet = ['--loglevel=error', '--no-progress', '--no-update-notifier'];
  const run = startChild(command, [...before, ...args, ...quiet], { cwd: root, seconds });
  const { code, output, ended } = await run.done;
  if (code === 0) return;
  const advice = ADVICE.find(([pattern]) => pattern.test(output))?.[1] ?? OTHERWISE;
  const how = ended || (code === null ? 'it could not finish' : `it ended with code ${code}`);
  throw new Refusal(`\`npm ${args.join(' ')}\` failed: ${how}. It said:\n\n${output.trim()}\n\n${advice}`);
}

/** Through `npm start` npm names itself; otherwise it lies beside Node, or at least on the path. */
function npmCommand() {
  const beside = dirname(process.execPath);
  const script = [
    process.env.npm_execpath ?? '',
    join(beside, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(beside, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ].find((path) => basename(path) === 'npm-cli.js' && existsSync(path));
  return script ? [process.execPath, script] : ['npm'];
}
