// The frames in a stream of bytes. A host that says too much is not read any further.

export interface FrameReaderLimits {
  /** Bytes of one frame. */
  readonly frame: number;
  readonly bytesPerSecond: number;
}

/** Said of a host whose output is not what the runtime would write. */
export class FloodError extends Error {}

const NEWLINE = 0x0a;

export class FrameReader {
  readonly #parts: Buffer[] = [];
  #partBytes = 0;
  #second = 0;
  #bytesOfSecond = 0;

  constructor(
    private readonly limits: FrameReaderLimits,
    /** Milliseconds that only go forward. */
    private readonly now: () => number,
  ) {}

  /** The frames that end in this chunk. Throws a FloodError, or the SyntaxError of what is no JSON; then nothing more may be read. */
  read(chunk: Buffer): unknown[] {
    this.#count(chunk.length);
    const end = chunk.lastIndexOf(NEWLINE);
    if (end === -1) {
      this.#keep(chunk);
      return [];
    }
    const first = chunk.indexOf(NEWLINE);
    if (this.#partBytes + first > this.limits.frame) this.#refuse();
    const text = this.#take(chunk.subarray(0, end));
    if (end + 1 < chunk.length) this.#keep(chunk.subarray(end + 1));
    return text.split('\n').map((line) => JSON.parse(line));
  }

  #keep(part: Buffer): void {
    this.#parts.push(part);
    this.#partBytes += part.length;
    if (this.#partBytes > this.limits.frame) this.#refuse();
  }

  #take(last: Buffer): string {
    if (this.#partBytes === 0) return last.toString('utf8');
    const whole = Buffer.concat([...this.#parts, last]).toString('utf8');
    this.#parts.length = 0;
    this.#partBytes = 0;
    return whole;
  }

  #count(bytes: number): void {
    const second = Math.floor(this.now() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#bytesOfSecond = 0;
    }
    this.#bytesOfSecond += bytes;
    if (this.#bytesOfSecond > this.limits.bytesPerSecond) {
      throw new FloodError(`it wrote more than ${this.limits.bytesPerSecond} bytes in a second`);
    }
  }

  #refuse(): never {
    throw new FloodError(`it wrote a message of more than ${this.limits.frame} bytes`);
  }
}
