// What `ctx.sql` may not say. Its statements share the operation's transaction, and a connection that others have afterwards: a
// script must not end the one, nor leave anything behind on the other.

/** First words of statements that are about transactions, sessions, or other connections. */
const REFUSED: readonly string[] = [
  'ABORT',
  'BEGIN',
  'CHECKPOINT',
  'CLOSE',
  'COMMIT',
  'COPY',
  'DEALLOCATE',
  'DECLARE',
  'DISCARD',
  'END',
  'EXECUTE',
  'FETCH',
  'LISTEN',
  'LOAD',
  'MOVE',
  'NOTIFY',
  'PREPARE',
  'RELEASE',
  'RESET',
  'ROLLBACK',
  'SAVEPOINT',
  'START',
  'UNLISTEN',
  'VACUUM',
];

/** What a text is made of, as far as it matters: quotes and comments hide what is in them. */
const PARTS =
  /--[^\n]*|\/\*|[eE]'(?:[^'\\]|''|\\[\s\S])*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$([A-Za-z_]\w*)?\$|[A-Za-z_][\w$]*|;|\s+|[\s\S]/gy;

/** Throws an Error that says what to do for a statement that is not for scripts, or for several. */
export function guardSql(text: string): void {
  const words = [...wordsOf(text)];
  const [first = '', second = ''] = words;
  const end = words.indexOf(';');
  if (end >= 0 && words.slice(end).some((word) => word !== ';')) {
    throw new Error('ctx.sql takes one statement: call it once for each.');
  }
  if (first === '' || first === ';') throw new Error('ctx.sql was given no statement.');
  const isSet = first === 'SET' && second !== 'LOCAL';
  if (!isSet && !REFUSED.includes(first)) return;
  throw new Error(
    `ctx.sql cannot carry out ${isSet ? 'SET (but SET LOCAL)' : first}: a script is part of a transaction that the service begins and ends, on a connection that others use.`,
  );
}

/** The words of a statement in upper case, its semicolons, and a sign for everything else that counts. */
function* wordsOf(text: string): Generator<string> {
  const parts = new RegExp(PARTS);
  for (let found = parts.exec(text); found; found = parts.exec(text)) {
    const [part] = found;
    if (part === '/*') parts.lastIndex = endOfComment(text, parts.lastIndex);
    else if (part.startsWith('$') && part.endsWith('$') && part.length > 1) {
      const end = text.indexOf(part, parts.lastIndex);
      parts.lastIndex = end < 0 ? text.length : end + part.length;
      yield '$';
    } else if (part.startsWith('--') || /^\s+$/.test(part)) continue;
    else yield /^[A-Za-z_][\w$]*$/.test(part) ? part.toUpperCase() : part === ';' ? ';' : '.';
    if (parts.lastIndex >= text.length) return;
  }
}

/** Comments nest. */
function endOfComment(text: string, from: number): number {
  const marks = /\/\*|\*\//g;
  marks.lastIndex = from;
  for (let depth = 1, mark = marks.exec(text); mark; mark = marks.exec(text)) {
    depth += mark[0] === '/*' ? 1 : -1;
    if (depth === 0) return marks.lastIndex;
  }
  return text.length;
}
