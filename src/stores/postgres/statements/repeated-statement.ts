// A statement that is run again and again. From its third use it has a name, under which a server keeps it planned: what is
// asked once or twice is not worth its memory.

import { createHash } from 'node:crypto';

const NAMED_FROM_USE = 3;
/** A server keeps some 150 bytes for each character: the longest would take the room of all the others. */
const LONGEST_NAMED = 20_000;

export class RepeatedStatement {
  #uses = 0;
  #name: string | undefined;

  /**
   * `fitsAnyValues`: one plan of the server is as good as another, whatever the values. After five uses a server may settle on
   * a plan made for none in particular; for a page over what a filter leaves that was measured to be many times slower.
   */
  constructor(
    readonly text: string,
    private readonly fitsAnyValues = true,
  ) {}

  /**
   * Counts a use; its name, or undefined while it has none. Equal names are equal texts, on every service: where a pooler
   * hands out a connection on which another one has named its statements, nothing else can be run by mistake.
   */
  use(): string | undefined {
    if (this.#name !== undefined || !this.fitsAnyValues || this.text.length > LONGEST_NAMED) return this.#name;
    this.#uses += 1;
    if (this.#uses >= NAMED_FROM_USE) this.#name = nameOf(this.text);
    return this.#name;
  }
}

/** Of fewer than 64 bytes, which is what the server tells names apart by. */
function nameOf(text: string): string {
  return `tablecast_${createHash('sha256').update(text).digest('base64url')}`;
}
