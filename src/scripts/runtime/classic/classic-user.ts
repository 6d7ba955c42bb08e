// The user as classic scripts know one.

import type { Context } from '../context.ts';

interface Identities {
  readonly success?: (identities: unknown) => unknown;
}

export function classicUser({ user, caller }: Context): object {
  const known = user as { readonly id: string; readonly claims: unknown } | null;
  const identities = known?.claims ?? {};
  return {
    userId: known?.id,
    level: levelOf(String(caller)),
    getIdentities(options: Identities = {}): unknown {
      options.success?.(identities);
      return identities;
    },
  };
}

function levelOf(caller: string): 'admin' | 'authenticated' | 'anonymous' {
  if (caller === 'admin' || caller === 'service') return 'admin';
  return caller === 'user' ? 'authenticated' : 'anonymous';
}
