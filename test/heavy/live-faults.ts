// The exam of subscriptions under faults: 4,000 reconnects, or as many as the first argument says, while instances and the
// database are killed 24 times, or as often as the second says. The third is the seed: npm run test:live.

import { runLive } from '../integration/live-run.ts';

const [reconnects = 4_000, kills = 24, seed = Date.now() % 1_000_000] = process.argv.slice(2).map(Number);
const SUBSCRIBERS = 60;

const print = (words: string) => process.stdout.write(`${words}\n`);
const began = Date.now();
print(`seed ${seed}: ${reconnects} reconnects of ${SUBSCRIBERS} subscribers, ${kills} kills`);
const { wrong, examples, killed, ...figures } = await runLive({
  subscribers: SUBSCRIBERS,
  reconnects,
  kills,
  sessions: 8,
  clients: 4,
  patience: 2_000,
  pause: 20,
  seed,
  tell: print,
});
const seconds = Math.round((Date.now() - began) / 1_000);
print(JSON.stringify({ ...figures, killed: killed.length, seconds }, null, 2));
const sumOf = (kind: string) =>
  Object.entries(wrong).reduce((sum, [name, many]) => sum + (name.startsWith(kind) ? many : 0), 0);
print(`gaps ${sumOf('gap')}, duplicates ${sumOf('duplicate')}, out of order ${sumOf('order')}`);
if (examples.length > 0) {
  print(`${JSON.stringify(wrong, null, 2)}\n${examples.join('\n')}`);
  process.exitCode = 1;
}
