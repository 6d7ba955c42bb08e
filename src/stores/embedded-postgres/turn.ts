// One at a time: whoever creates, starts, joins or stops the server of a folder has the turn. The kernel releases it
// when its holder dies, however it dies, so no file can claim a turn that nobody has.

import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type Deadline, pause } from './deadline.ts';
import { codeOf, EmbeddedPostgresError } from './embedded-postgres-error.ts';

/** Gives the turn back. */
export type Release = () => Promise<void>;

/** Waits for the turn over the server called `id`, whose files lie in `folder`. Rejects at the deadline, or when aborted. */
export async function takeTurn(id: string, folder: string, deadline: Deadline): Promise<Release> {
  for (;;) {
    const release = await tryTurn(id, folder);
    if (release) return release;
    if (deadline.isOver()) {
      throw new EmbeddedPostgresError(
        `Another process has been starting or stopping the embedded PostgreSQL in ${folder} for too long. ` +
          'Look for a service that hangs, and end it.',
        { retry: true },
      );
    }
    await pause(10 + Math.random() * 20, deadline.signal);
  }
}

async function tryTurn(id: string, folder: string): Promise<Release | undefined> {
  switch (process.platform) {
    case 'linux':
      return tryName(`\0tablecast-${id}`);
    case 'win32':
      return tryName(`\\\\.\\pipe\\tablecast-${id}`);
    default:
      return tryFile(join(folder, 'turn'));
  }
}

/** A socket name without a file (an abstract one, or a pipe's): one process can hold it, and only while it lives. */
function tryName(path: string): Promise<Release | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error) => (codeOf(error) === 'EADDRINUSE' ? resolve(undefined) : reject(error)));
    // `exclusive`: the workers of a node:cluster would otherwise share one listener, and all have the turn at once.
    server.listen({ path, exclusive: true }, () => resolve(() => new Promise((done) => server.close(() => done()))));
  });
}

/** macOS and the BSDs: opening a file can take a lock on it. Node has no name for the flag. */
async function tryFile(path: string): Promise<Release | undefined> {
  const O_EXLOCK = 0x20;
  try {
    const file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_NONBLOCK | O_EXLOCK, 0o600);
    return () => file.close();
  } catch (error) {
    if (codeOf(error) === 'EAGAIN') return undefined;
    throw error;
  }
}
