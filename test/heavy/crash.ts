// The exam of writes under crashes: 20,000 acknowledged writes, or as many as the first argument says, while the service and
// its PostgreSQL are killed 24 times, or as often as the second says. The third is the seed of the writes: npm run test:crash.

import { runCrash } from '../integration/crash-run.ts';

const [writes = 20_000, kills = 24, seed = Date.now() % 1_000_000] = process.argv.slice(2).map(Number);
const CLIENTS = 16;

const print = (words: string) => process.stdout.write(`${words}\n`);
const began = Date.now();
print(`seed ${seed}: ${writes} writes by ${CLIENTS} clients, ${kills} kills`);
const { problems, kills: killed, ...figures } = await runCrash({ writes, kills, clients: CLIENTS, seed, tell: print });
print(
  JSON.stringify({ ...figures, killed: killed.length, seconds: Math.round((Date.now() - began) / 1_000) }, null, 2),
);
print(problems.length === 0 ? 'nothing wrong' : `${problems.length} problems:\n${problems.slice(0, 30).join('\n')}`);
if (problems.length > 0 || figures.exitCode !== 0) process.exitCode = 1;
