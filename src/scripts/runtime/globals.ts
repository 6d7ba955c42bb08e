// The globals that scripts find: those of the language, and those of the web that do nothing but compute. Everything else of
// Deno's is taken away, also what a later Deno may add.

import { scriptConsole } from './console.ts';
import { natives } from './natives.ts';
import { scriptTimers } from './timers.ts';

const LANGUAGE =
  'AggregateError Array ArrayBuffer AsyncDisposableStack Atomics BigInt BigInt64Array BigUint64Array Boolean DataView Date ' +
  'DisposableStack Error EvalError FinalizationRegistry Float16Array Float32Array Float64Array Function Infinity Int16Array ' +
  'Int32Array Int8Array Intl Iterator JSON Map Math NaN Number Object Promise Proxy RangeError ReferenceError Reflect RegExp ' +
  'Set String SuppressedError Symbol SyntaxError Temporal TypeError URIError Uint16Array Uint32Array Uint8Array ' +
  'Uint8ClampedArray WeakMap WeakRef WeakSet decodeURI decodeURIComponent encodeURI encodeURIComponent escape eval ' +
  'globalThis isFinite isNaN parseFloat parseInt undefined unescape';

const WEB =
  'AbortController AbortSignal Blob Buffer ByteLengthQueuingStrategy CompressionStream CountQueuingStrategy Crypto CryptoKey ' +
  'CustomEvent DOMException DecompressionStream Event EventTarget File FormData Headers ReadableByteStreamController ' +
  'ReadableStream ReadableStreamBYOBReader ReadableStreamBYOBRequest ReadableStreamDefaultController ' +
  'ReadableStreamDefaultReader Request Response SubtleCrypto TextDecoder TextDecoderStream TextEncoder TextEncoderStream ' +
  'TransformStream TransformStreamDefaultController URL URLPattern URLSearchParams WritableStream ' +
  'WritableStreamDefaultController WritableStreamDefaultWriter atob btoa crypto structuredClone';

/** Deno itself calls it at its end, and when something breaks loose; with no listeners but ours it does nothing else. */
const OF_DENO = 'dispatchEvent';

const KEPT = new Set<string | symbol>([...LANGUAGE.split(' '), ...WEB.split(' '), OF_DENO]);

/** Leaves scripts with these globals and `more`. Each becomes a plain value, also where Deno makes it when first asked. */
export function withholdGlobals(more: Readonly<Record<string, unknown>>): void {
  for (const name of Reflect.ownKeys(globalThis)) {
    if (KEPT.has(name) || typeof name === 'symbol') continue;
    Reflect.deleteProperty(globalThis, name);
    if (name in globalThis) Reflect.defineProperty(globalThis, name, { value: undefined });
  }
  for (const name of KEPT) {
    const property = Reflect.getOwnPropertyDescriptor(globalThis, name);
    if (property?.get)
      Reflect.defineProperty(globalThis, name, { value: Reflect.get(globalThis, name), enumerable: false });
  }
  keepListenersOff();
  // Text that was made at run time is no code: neither `eval` nor an import may get at it.
  Reflect.deleteProperty(URL, 'createObjectURL');
  Reflect.deleteProperty(URL, 'revokeObjectURL');
  const own = {
    console: scriptConsole,
    performance: Object.freeze({ now: natives.now, timeOrigin: natives.timeOrigin }),
    global: globalThis,
    ...scriptTimers,
    ...more,
  };
  for (const [name, value] of Object.entries(own)) Reflect.defineProperty(globalThis, name, { value });
}

/** The world tells its own events to us alone: a listener of a script would hear of the runs of others, and stay. */
function keepListenersOff(): void {
  for (const name of ['addEventListener', 'removeEventListener'] as const) {
    const listen = EventTarget.prototype[name];
    const own = function (this: EventTarget | undefined, ...args: Parameters<typeof listen>): void {
      if (this === undefined || this === null || (this as unknown) === globalThis) {
        throw new TypeError('Scripts cannot listen to the events of their host.');
      }
      Reflect.apply(listen, this, args);
    };
    Reflect.defineProperty(EventTarget.prototype, name, { value: own, writable: true, configurable: true });
    Reflect.defineProperty(globalThis, name, { value: undefined });
  }
}
