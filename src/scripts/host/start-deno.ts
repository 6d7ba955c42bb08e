// One Deno process: started with no permission at all, spoken to in frames, watched until it has ended.

import { spawn } from 'node:child_process';
import { getPriority, setPriority } from 'node:os';
import { ServiceError } from '../../platform/errors.ts';
import { FrameReader, type FrameReaderLimits } from './frame-reader.ts';
import type { FrameToHost, FrameToService } from './frames.ts';
import type { InstalledRuntime } from './install-runtime.ts';

export interface DenoProcessOptions {
  readonly deno: string;
  readonly runtime: InstalledRuntime;
  readonly heapMb: number;
  readonly limits: FrameReaderLimits;
  /** `host:port` of an inspector to open; left out: none. */
  readonly inspect?: string | undefined;
  readonly onFrame: (frame: FrameToService) => void;
  /** A line of what it wrote to standard error. */
  readonly onErrorLine: (line: string) => void;
}

/** How a process came to its end. */
export interface Death {
  readonly kind: 'timeout' | 'died';
  /** Behind "its host": 'used more than 512 MB of memory'. */
  readonly message: string;
}

export interface DenoProcess {
  /** Undefined when it could not be started. */
  readonly pid: number | undefined;
  /**
   * Frames of one turn leave together, in order. Does nothing once the process has ended. Throws when the frame is over
   * `limit`, about which characters are counted, or is no JSON; then nothing was sent.
   */
  send(frame: FrameToHost, limit?: number): void;
  /** Ends it at once, whatever it does; the first reason that is given is the one that is told. */
  kill(reason: Death): void;
  /** Resolves when it is gone and nothing more of it will be told. */
  readonly ended: Promise<Death>;
}

/** Lines of standard error that are told, and the bytes of one. */
const ERROR_LINES = 100;
const ERROR_LINE = 2_000;

/**
 * By how much a host is nicer than the service (POSIX nice): where processors are short, it has a third of what the service
 * or the database has. Hosts that loop, five of them on two processors, otherwise double everybody's p99 (docs/decisions/0017).
 */
const NICER = 5;
const NICEST = 19;

export function startDeno(options: DenoProcessOptions): DenoProcess {
  const { runtime } = options;
  const flags = [`--max-old-space-size=${options.heapMb}`, '--disallow-code-generation-from-strings'];
  const child = spawn(
    options.deno,
    [
      'run',
      '--no-prompt',
      '--cached-only',
      '--no-config',
      '--no-lock',
      '--no-npm',
      '--no-remote',
      ...(options.inspect === undefined ? [] : [`--inspect=${options.inspect}`]),
      `--import-map=${runtime.importMap}`,
      `--v8-flags=${flags.join(',')}`,
      runtime.main,
    ],
    {
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
      env: { DENO_DIR: runtime.denoDir, DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' },
    },
  );

  if (child.pid !== undefined) yieldToService(child.pid);

  let reason: Death | null = null;
  const kill = (given: Death) => {
    reason ??= given;
    child.kill('SIGKILL');
  };

  const reader = new FrameReader(options.limits, () => performance.now());
  child.stdout.on('data', (chunk: Buffer) => {
    if (reason) return;
    try {
      for (const frame of reader.read(chunk)) options.onFrame(frame as FrameToService);
    } catch (error) {
      const why = error instanceof SyntaxError ? 'it wrote what is no message' : (error as Error).message;
      kill({ kind: 'died', message: `was ended: ${why}` });
    }
  });

  let outOfMemory = false;
  let errorLines = 0;
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    outOfMemory ||= /out of memory/i.test(text);
    for (const line of text.split('\n')) {
      if (line.trim() !== '' && errorLines++ < ERROR_LINES) options.onErrorLine(line.slice(0, ERROR_LINE));
    }
  });

  // What it was told when it was ending already is lost with it; `ended` says so.
  child.stdin.on('error', () => undefined);

  const ended = new Promise<Death>((resolve) => {
    child.once('error', (error) => {
      if (child.pid === undefined) resolve({ kind: 'died', message: `could not be started: ${error.message}` });
    });
    child.once('close', (code, signal) => {
      const how = signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
      const memory = `used more than the ${options.heapMb} MB that JavaScript has in it`;
      resolve(reason ?? { kind: 'died', message: outOfMemory ? memory : how });
    });
  });

  let outgoing: string[] = [];
  const flush = () => {
    const text = outgoing.join('');
    outgoing = [];
    if (child.stdin.writable) child.stdin.write(text);
  };
  return {
    pid: child.pid,
    kill,
    ended,
    send(frame, limit) {
      const text = JSON.stringify(frame);
      if (limit !== undefined && text.length > limit) {
        throw new ServiceError('PAYLOAD_TOO_LARGE', `A script is told at most ${limit} bytes at once: ask for less.`);
      }
      if (outgoing.push(`${text}\n`) === 1) queueMicrotask(flush);
    },
  };
}

function yieldToService(pid: number): void {
  try {
    setPriority(pid, Math.min(getPriority() + NICER, NICEST));
  } catch {
    // It has ended already, or the system has no such thing: it works all the same.
  }
}
