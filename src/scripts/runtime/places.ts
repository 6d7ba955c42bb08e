// Where code stands: stacks name a script's module instead of the URL that it was imported from, so that the service can find
// the line that its author wrote.

/** Lines about the runtime, Deno and the language itself, of which a script's author can make nothing. */
const OF_OTHERS = /^ +at (.*[( ])?(file:|ext:|node:|<anonymous>)/;

const places = new Map<string, string>();

/** Says which module an URL stands for. */
export function setModulePlace(url: string, module: string): void {
  places.set(url, module);
}

/** Characters of a message, and of a stack, that are told. */
const MAX_MESSAGE = 4_000;
const MAX_STACK = 16_000;

/** The stack of anything that was thrown, with `script:<module>` in the place of URLs. */
export function stackOf(error: unknown): string {
  let text = error instanceof Error ? stackText(error) : describe(error);
  for (const [url, module] of places) text = text.replaceAll(url, `script:${module}`);
  return text
    .slice(0, MAX_STACK)
    .split('\n')
    .filter((line) => !OF_OTHERS.test(line))
    .join('\n');
}

function stackText(error: Error): string {
  try {
    return String(error.stack ?? error);
  } catch {
    return 'an error that cannot be read';
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  try {
    return (error instanceof Error ? String(error.message) : describe(error)).slice(0, MAX_MESSAGE);
  } catch {
    return 'an error whose message cannot be read';
  }
}

function describe(value: unknown): string {
  try {
    return typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  } catch {
    return 'something that cannot be shown';
  }
}
