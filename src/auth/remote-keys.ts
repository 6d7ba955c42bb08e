// The public keys of another issuer, fetched from the one address that the configuration names, and kept. Where a token
// says its key is found (jku, x5u, jwk) is never looked at; its kid only picks among the keys that are here.

import {
  type CryptoKey,
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  type FetchImplementation,
  type JWSHeaderParameters,
} from 'jose';
import type { Clock } from '../platform/clock.ts';

/** Kept keys are used at once; when they are older than this, new ones are fetched beside. */
const FRESH_FOR = 10 * 60_000;
/** And when they are older than this, they are no longer used: a withdrawn key must end some time. */
const USED_FOR = 60 * 60_000;
/** A token with an unknown kid makes the keys be fetched again, but not more often than this. */
const COOLDOWN = 30_000;
/** After a failed fetch none is tried for this long; the same is told to clients as Retry-After. */
export const QUIET_AFTER_FAILURE = 5_000;
const TIMEOUT = 5_000;
const LARGEST_SET = 256 * 1_024;

export interface RemoteKeys {
  /** The key for a token's header. Rejects with jose's own error when there is none, and with another one when the keys cannot be had. */
  keyFor(header: JWSHeaderParameters | undefined): Promise<CryptoKey>;
  /** Ends a fetch under way. */
  close(): void;
}

/** The keys published at `url`. Nothing is fetched before the first token needs it. */
export function openRemoteKeys(url: string, clock: Clock): RemoteKeys {
  const closing = new AbortController();
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let failedAt = Number.NEGATIVE_INFINITY;

  // A clock that was set back must not make old keys young, or a failure last.
  const since = (moment: number) => Math.abs(clock() - moment);

  const fetchKeys: FetchImplementation = async (address, options) => {
    if (since(failedAt) < QUIET_AFTER_FAILURE) throw new Error('the last fetch failed just now');
    try {
      const response = await fetch(address, { ...options, signal: AbortSignal.any([options.signal, closing.signal]) });
      const keys = await readKeySet(response);
      fetchedAt = clock();
      return Response.json(keys);
    } catch (error) {
      failedAt = clock();
      throw error;
    }
  };
  // How old keys may be is decided here, by our clock.
  const keys = createRemoteJWKSet(new URL(url), {
    timeoutDuration: TIMEOUT,
    cooldownDuration: COOLDOWN,
    cacheMaxAge: Number.POSITIVE_INFINITY,
    [customFetch]: fetchKeys,
  });

  return {
    async keyFor(header) {
      const age = since(fetchedAt);
      if (age > USED_FOR) await keys.reload();
      else if (age > FRESH_FOR) void keys.reload().catch(keepTheOld);
      return keys(header);
    },
    close: () => closing.abort(new Error('the service is closing')),
  };
}

/** Whoever answers at the address may not fill our memory, and what is no key set counts as an outage. */
async function readKeySet(response: Response): Promise<Parameters<typeof createLocalJWKSet>[0]> {
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`the keys were answered with HTTP ${response.status}`);
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > LARGEST_SET) throw new Error('the answer is too large to be a key set');
    chunks.push(chunk);
  }
  const keys = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  createLocalJWKSet(keys);
  return keys;
}

function keepTheOld(): void {
  // A fetch beside is a precaution; its failure shows when the kept keys have run out.
}
