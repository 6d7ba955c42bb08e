// A bounded store in the form that Apollo asks for.

import { LRUCache } from 'lru-cache';

/** Keeps the `max` entries used last. */
export class BoundedStore<Value extends object | string> {
  readonly #entries: LRUCache<string, Value>;

  constructor(max: number) {
    this.#entries = new LRUCache({ max });
  }

  async get(key: string): Promise<Value | undefined> {
    return this.#entries.get(key);
  }

  /** `ttl` is in seconds; null or none: until it is pushed out. */
  async set(key: string, value: Value, options?: { ttl?: number | null }): Promise<void> {
    this.#entries.set(key, value, options?.ttl ? { ttl: options.ttl * 1_000 } : {});
  }

  async delete(key: string): Promise<boolean> {
    return this.#entries.delete(key);
  }
}
