// Tokens that were found right a moment ago: a client sends the same one with every request, and checking it again
// costs more than many a query. Only right tokens are remembered, under a hash, and never past their expiry.

import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../platform/clock.ts';
import type { VerifiedToken } from './token-claims.ts';

/** For so long a token is believed without its signature: a key that its issuer withdrew ends it not much later. */
const REMEMBERED_FOR = 5 * 60_000;
const MOST_REMEMBERED = 2_000;

export interface TokenVerifier {
  /** The user of a token. Rejects with UNAUTHENTICATED, or SERVICE_UNAVAILABLE when it cannot be checked now. */
  verify(token: string): Promise<VerifiedToken>;
  close(): void;
}

/** A verifier that asks another one about each token once in five minutes. Closing it closes the other one. */
export function rememberTokens(verifier: TokenVerifier, clock: Clock): TokenVerifier {
  const known = new LRUCache<string, { readonly token: VerifiedToken; readonly until: number }>({
    max: MOST_REMEMBERED,
  });
  return {
    async verify(token) {
      const name = createHash('sha256').update(token).digest('base64url');
      const found = known.get(name);
      if (found && clock() < found.until) return found.token;
      const verified = await verifier.verify(token);
      known.set(name, { token: verified, until: Math.min(verified.expiresAt, clock() + REMEMBERED_FOR) });
      return verified;
    },
    close() {
      known.clear();
      verifier.close();
    },
  };
}
