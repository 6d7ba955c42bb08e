// Loaded into the service before its program (`--expose-gc --import`): tells whoever asks at the socket BENCH_PROBE what memory
// is in use after a collection, and records where the time goes.

import { rmSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { createServer } from 'node:net';

const place = process.env.BENCH_PROBE;
const session = new Session();

const commands = {
  memory() {
    // Weak references are let go in the second.
    globalThis.gc?.();
    globalThis.gc?.();
    return process.memoryUsage();
  },
  async record() {
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: 500 });
    await session.post('Profiler.start');
  },
  async stop(file) {
    const { profile } = await session.post('Profiler.stop');
    session.disconnect();
    writeFileSync(file, JSON.stringify(profile));
  },
};

if (place) {
  rmSync(place, { force: true });
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.once('data', async (line) => {
      const [name, argument] = String(line).split(' ');
      socket.end(JSON.stringify((await commands[name](argument)) ?? null));
    });
  });
  server.listen(place);
  server.unref();
}
