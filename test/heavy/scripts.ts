// `npm run test:scripts`: scripts that do harm under load, with the times of everybody else. Fails when somebody else was told
// anything wrong, when requests without scripts took more than twice as long, or when a host was not replaced soon.

import { REPLACED, runAbuse } from '../integration/script-abuse-run.ts';
import setup from '../support/global-setup.ts';

/** Milliseconds of p99 that are within the noise of a machine. */
const NOISE = 20;

const server = await setup();
Object.assign(process.env, server.env);
const problems: string[] = [];
try {
  const tell = (line: string) => void process.stdout.write(`${line}\n`);
  const { calm, harmed, lost, kept } = await runAbuse({ clients: 10, span: 3_000, harmful: 4, tell });
  const most = Math.max(2 * calm.plain.p99, calm.plain.p99 + NOISE);
  for (const { kind, plain, sound } of harmed) {
    if (plain.wrong.length + sound.wrong.length > 0) problems.push(`${kind}: ${[...plain.wrong, ...sound.wrong][0]}`);
    if (plain.p99 > most)
      problems.push(
        `${kind}: p99 of a table without scripts was ${plain.p99.toFixed(0)} ms, calm ${calm.plain.p99.toFixed(0)}`,
      );
    if (sound.later > REPLACED)
      problems.push(`${kind}: a sound script waited ${sound.later.toFixed(0)} ms when the host was to be replaced`);
  }
  if (lost > 0 || kept > 0) problems.push(`${lost} rows lost or doubled, ${kept} of harmful scripts kept`);
} finally {
  await server.close();
}
for (const problem of problems) process.stdout.write(`FAIL ${problem}\n`);
process.exitCode = problems.length > 0 ? 1 : 0;
