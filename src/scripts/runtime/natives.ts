// What a host needs of Deno, taken before it is taken away. Deno's types are not ours to install, so that the few that are
// used are declared here.

interface DenoNatives {
  readonly stdin: { read(into: Uint8Array): Promise<number | null> };
  readonly stdout: { writeSync(bytes: Uint8Array): number };
  exit(code: number): never;
}

declare const Deno: DenoNatives;

const { stdin, stdout } = Deno;
const exit = Deno.exit.bind(Deno);
const createUrl = URL.createObjectURL.bind(URL);
const revokeUrl = URL.revokeObjectURL.bind(URL);
// Deno puts its own in place when this is first called, which a frozen world would not let it do.
queueMicrotask(() => undefined);
const { queueMicrotask: soon, setTimeout, clearTimeout, setInterval, performance } = globalThis;
const listen = Reflect.get(globalThis, 'addEventListener') as (name: string, listener: (event: Stray) => void) => void;

/** Of the globals, before scripts get theirs. */
export const natives = Object.freeze({
  stdin,
  stdout,
  exit,
  soon,
  setTimeout,
  clearTimeout,
  setInterval,
  addEventListener: listen,
  now: () => performance.now(),
  timeOrigin: performance.timeOrigin,
  createUrl: (text: string) => createUrl(new Blob([text], { type: 'text/javascript' })),
  revokeUrl,
});

/** Of 'unhandledrejection' and 'error'. */
export interface Stray extends Event {
  readonly reason?: unknown;
  readonly error?: unknown;
}
