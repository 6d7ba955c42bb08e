// The two keys a client may send. Only their hashes are kept, and how long a comparison takes says nothing about them.

import { createHash, timingSafeEqual } from 'node:crypto';

/** Tells right keys from wrong ones. */
export class KeyRing {
  readonly #application: Buffer;
  readonly #master: Buffer;

  /** Throws a plain Error when a key is empty or both are one: the configuration does not let that pass. */
  constructor(keys: { readonly application: string; readonly master: string }) {
    if (keys.application === '' || keys.master === '') throw new Error('a key is empty');
    this.#application = hash(keys.application);
    this.#master = hash(keys.master);
    if (timingSafeEqual(this.#application, this.#master)) throw new Error('the application key is the master key');
  }

  isApplicationKey(sent: string): boolean {
    return timingSafeEqual(hash(sent), this.#application);
  }

  isMasterKey(sent: string): boolean {
    return timingSafeEqual(hash(sent), this.#master);
  }
}

function hash(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
