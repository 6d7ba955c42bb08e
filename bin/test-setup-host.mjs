// The process that test-setup.mjs starts: holds what the setup opened for as long as the test run is there, and closes
// it then, also when the run was killed and could say nothing.

import { pathToFileURL } from 'node:url';

const over = new Promise((resolve) => {
  process.once('disconnect', resolve);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, resolve);
});

const { default: setUp } = await import(pathToFileURL(process.argv[2]).href);
const { env, close } = await setUp();
if (process.connected) process.send({ env });
await over;
await close();
if (process.connected) process.disconnect();
