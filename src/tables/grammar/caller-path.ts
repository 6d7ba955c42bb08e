// `$user...` in rules and presets. What a path leads to in a request is `access/caller-value.ts`.

/** `$user.claims.tenantId` to `['claims', 'tenantId']`; null when it is no path over the caller. */
export function toCallerPath(text: string): readonly string[] | null {
  const path = text.split('.').slice(1);
  if (!text.startsWith('$user.') || path.some((step) => step === '')) return null;
  if (path.length === 1 && (path[0] === 'id' || path[0] === 'roles')) return path;
  return path.length > 1 && path[0] === 'claims' ? path : null;
}
