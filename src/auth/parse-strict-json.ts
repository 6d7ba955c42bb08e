// JSON as a token may have it: one meaning to every reader. JSON.parse keeps the last of two equal keys where others
// keep the first, and makes `__proto__` an own property that turns into a prototype when somebody copies it.

/** Refuses what is not UTF-8; a byte order mark stays, and is then no JSON. */
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const PIECES = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;

/** The value of a JSON text in UTF-8. Throws on anything else, on a key that comes twice, and on the key `__proto__`. */
export function parseStrictJson(bytes: Uint8Array): unknown {
  const text = UTF8.decode(bytes);
  const value: unknown = JSON.parse(text);
  assertPlainKeys(text);
  return value;
}

/** Walks a text that is known to be JSON: a string before a colon is a key of the innermost open object. */
function assertPlainKeys(text: string): void {
  const open: Set<string>[] = [];
  let last = '';
  for (const [piece] of text.matchAll(PIECES)) {
    if (piece === '{' || piece === '[') open.push(new Set());
    else if (piece === '}' || piece === ']') open.pop();
    else if (piece === ':') {
      const key = String(JSON.parse(last));
      const keys = open.at(-1);
      if (key === '__proto__' || keys?.has(key)) throw new SyntaxError('a key comes twice, or must not be there');
      keys?.add(key);
    }
    last = piece;
  }
}
