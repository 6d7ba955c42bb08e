// The clients of a crash test: each writes on and on over HTTP and writes down what it was told. Half of the writes have an
// Idempotency-Key and are repeated until they are answered; the others are sent once.

import { setTimeout } from 'node:timers/promises';
import { makeWrite, type Write } from './crash-writes.ts';

/** Milliseconds after which a request that has no answer is a fault of the service. */
const PATIENCE = 60_000;
/** Milliseconds, at most, between two tries. */
const PAUSE = 40;
/** How many of the keyed writes that were answered are sent once more. */
const SENT_AGAIN = 0.25;

/** `refused`: the answer said that it was not done. `unknown`: it did not say, or there was none. */
export type Outcome = 'acknowledged' | 'refused' | 'unknown';

export interface WrittenDown {
  readonly write: Write;
  readonly keyed: boolean;
  readonly outcome: Outcome;
  /** How often it was sent. */
  readonly sent: number;
}

export interface Clients {
  readonly notes: readonly WrittenDown[];
  /** What no answer may be, in words. */
  readonly wrong: readonly string[];
  readonly acknowledged: () => number;
  /** Resolves when so many writes are acknowledged; rejects when a client fails. */
  reached(acknowledged: number): Promise<void>;
  /** Lets each client bring its write to an end, and stops. */
  stop(): Promise<void>;
  /** Leaves every write where it is, also those that wait for a service which is no more. */
  abandon(): void;
}

type Heard = { readonly outcome: Outcome; readonly text: string; readonly codes: readonly string[] };

export function startClients(options: {
  readonly count: number;
  readonly random: () => number;
  readonly serving: () => Promise<string>;
}): Clients {
  const { random, serving } = options;
  const notes: WrittenDown[] = [];
  const wrong: string[] = [];
  const waiting = new Set<{ readonly count: number; readonly resolve: () => void }>();
  let acknowledged = 0;
  let stopping = false;
  const abandoned = new AbortController();

  const send = (query: string, variables: object, key?: string) =>
    ask(serving, { query, variables }, { key, signal: abandoned.signal });
  const pause = () => setTimeout(random() * PAUSE);

  async function versionOf(counter: string): Promise<string> {
    for (;;) {
      const { text, outcome } = await send('query ($id: ID!) { counter(by: { id: $id }) { version } }', {
        id: counter,
      });
      if (outcome === 'acknowledged') return (JSON.parse(text) as CounterAnswer).data.counter.version;
      await pause();
    }
  }

  async function write(mark: string): Promise<void> {
    const made = await makeWrite(mark, { random, versionOf });
    const keyed = random() < 0.5;
    const key = keyed ? mark : undefined;
    let heard = await send(made.query, made.variables, key);
    let sent = 1;
    for (; keyed && mayBeRepeated(heard); sent++) {
      await pause();
      heard = await send(made.query, made.variables, key);
    }
    const { outcome, codes } = heard;
    const unexpected = codes.filter((code) => !isExpected(code, made));
    if (unexpected.length > 0) wrong.push(`${made.kind} was answered: ${heard.text}`);
    notes.push({ write: made, keyed, outcome, sent });
    if (outcome !== 'acknowledged') await pause();
    else count();
    if (key !== undefined && outcome === 'acknowledged' && random() < SENT_AGAIN) {
      const again = await send(made.query, made.variables, key);
      if (!mayBeRepeated(again) && again.text !== heard.text)
        wrong.push(`${made.kind} was answered ${heard.text}, and then ${again.text}`);
    }
  }

  function count(): void {
    acknowledged += 1;
    for (const one of waiting) {
      if (one.count > acknowledged) continue;
      waiting.delete(one);
      one.resolve();
    }
  }

  const loops = Array.from({ length: options.count }, async (_, client) => {
    for (let at = 0; !stopping; at++) await write(`w-${client}-${at}`);
  });
  const ended = Promise.all(loops);
  ended.catch(() => {
    stopping = true;
  });
  return {
    notes,
    wrong,
    acknowledged: () => acknowledged,
    async reached(wanted) {
      if (acknowledged >= wanted) return;
      const reached = new Promise<void>((resolve) => waiting.add({ count: wanted, resolve }));
      await Promise.race([reached, ended]);
    },
    async stop() {
      stopping = true;
      await ended;
    },
    abandon() {
      stopping = true;
      abandoned.abort();
    },
  };
}

interface CounterAnswer {
  readonly data: { readonly counter: { readonly version: string } };
}

const PASSING = ['SERVICE_UNAVAILABLE', 'UNKNOWN_RESULT', 'STATEMENT_TIMEOUT'];

function mayBeRepeated({ outcome, codes }: Heard): boolean {
  return outcome === 'unknown' || codes.some((code) => PASSING.includes(code));
}

function isExpected(code: string, write: Write): boolean {
  return PASSING.includes(code) || (code === 'CONFLICT' && write.conditional);
}

/** One request. What never reached the service is sent again, so that the answer is about one that may have. */
async function ask(
  serving: () => Promise<string>,
  body: object,
  { key, signal }: { readonly key: string | undefined; readonly signal: AbortSignal },
): Promise<Heard> {
  for (;;) {
    signal.throwIfAborted();
    const url = await serving();
    const heard = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(key === undefined ? {} : { 'idempotency-key': key }) },
      body: JSON.stringify(body),
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]),
    })
      .then(async (response) => toHeard(await response.text()))
      .catch((error: Error & { cause?: { code?: string } }) => {
        if (error.name === 'TimeoutError') throw new Error(`no answer in ${PATIENCE} ms: ${JSON.stringify(body)}`);
        return error.cause?.code === 'ECONNREFUSED' ? null : { outcome: 'unknown' as const, text: '', codes: [] };
      });
    if (heard) return heard;
    // The port is closed before its successor is known.
    await setTimeout(1);
  }
}

function toHeard(text: string): Heard {
  const { errors = [] } = JSON.parse(text) as { errors?: { extensions?: { code?: string } }[] };
  const codes = errors.map(({ extensions }) => extensions?.code ?? 'no code');
  if (codes.length === 0) return { outcome: 'acknowledged', text, codes };
  return { outcome: codes.includes('UNKNOWN_RESULT') ? 'unknown' : 'refused', text, codes };
}
