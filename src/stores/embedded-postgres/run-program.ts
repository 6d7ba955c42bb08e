// Runs one of PostgreSQL's programs to its end and collects what it said. For programs that end; the server itself is
// started in start-server.ts.

import { spawn } from 'node:child_process';
import type { Deadline } from './deadline.ts';
import { EmbeddedPostgresError, OR_USE_A_SERVER } from './embedded-postgres-error.ts';
import { runAs, type ServerUser } from './server-user.ts';

export interface ProgramRun {
  readonly program: string;
  readonly args: readonly string[];
  readonly user: ServerUser | undefined;
  /** The folder it runs in; `user` must be able to enter it. */
  readonly cwd: string;
  readonly input?: string;
}

/** What every PostgreSQL program gets: no PG* variable of ours, no locale but C. */
export function programEnvironment(): NodeJS.ProcessEnv {
  const { PATH, SystemRoot, SystemDrive, TEMP, TMP } = process.env;
  const windows = { SystemRoot, SystemDrive, TEMP, TMP };
  return { PATH, LC_ALL: 'C', TZ: 'UTC', ...(process.platform === 'win32' ? windows : {}) };
}

/**
 * Resolves with whether it succeeded, and its output (stdout and stderr as they came, at most the last 64 kB). It is
 * killed when the deadline is over; rejects then, when aborted, and when it cannot be run.
 */
export async function runProgram(
  run: ProgramRun,
  deadline: Deadline,
): Promise<{ ok: boolean; output: string; ending: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(run.program, run.args, {
      ...runAs(run.user),
      cwd: run.cwd,
      env: programEnvironment(),
      windowsHide: true,
      signal: AbortSignal.any([deadline.signal, AbortSignal.timeout(deadline.left())]),
      killSignal: 'SIGKILL',
    });
    let output = '';
    const collect = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-65_536);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', (error) => {
      if (deadline.signal.aborted) reject(error);
      else if (error.name === 'AbortError') reject(new EmbeddedPostgresError(`${run.program} did not end in time.`));
      else reject(cannotRun(run.program, error));
    });
    child.once('close', (code, signal) => {
      resolve({ ok: code === 0, output, ending: signal ? `was ended by ${signal}` : `exited with ${code}` });
    });
    // A program that dies before it has read everything says why on stderr; the broken pipe adds nothing.
    child.stdin.on('error', () => undefined);
    child.stdin.end(run.input ?? '');
  });
}

/** For a program that the system would not even start. */
export function cannotRun(program: string, error: Error): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    `${program} cannot be run here (${error.message}). The embedded PostgreSQL needs glibc on Linux (not Alpine's musl), ` +
      `a file system mounted without noexec and, when the service is root, the right to become another user. ` +
      `Use such a system, ${OR_USE_A_SERVER}.`,
    { cause: error },
  );
}
