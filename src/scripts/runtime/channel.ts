// Frames between the host and the service: one JSON text a line. What is sent in one turn goes out together.

import type { FrameToHost, FrameToService } from '../host/frames.ts';
import { natives } from './natives.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const { parse, stringify } = JSON;

/** Characters that are not kept until the end of a turn. */
const FULL = 65_536;

let waiting = '';

/** Sends a frame. Throws when it is no JSON, or over `limit`, about which characters are counted; then nothing was sent. */
export function send(frame: FrameToService, limit = Number.POSITIVE_INFINITY): void {
  const text = stringify(frame);
  if (text.length > limit) throw new RangeError(`it is ${text.length} characters long, and may be ${limit}`);
  if (waiting === '') natives.soon(flush);
  waiting += `${text}\n`;
  if (waiting.length > FULL) flush();
}

function flush(): void {
  if (waiting === '') return;
  let bytes = encoder.encode(waiting);
  waiting = '';
  while (bytes.length > 0) bytes = bytes.subarray(natives.stdout.writeSync(bytes));
}

/** Calls back with each frame of the service, until there are no more. */
export async function receive(take: (frame: FrameToHost) => void): Promise<void> {
  const chunk = new Uint8Array(FULL);
  let parts: string[] = [];
  for (;;) {
    const length = await natives.stdin.read(chunk);
    if (length === null) return;
    const text = decoder.decode(chunk.subarray(0, length), { stream: true });
    const end = text.lastIndexOf('\n');
    if (end === -1) {
      parts.push(text);
      continue;
    }
    // Looked through once: a frame of many chunks is put together only when its end has come.
    const whole = parts.join('') + text.slice(0, end);
    parts = [text.slice(end + 1)];
    for (const line of whole.split('\n')) take(parse(line));
  }
}
