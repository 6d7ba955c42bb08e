// A debugger of scripts: it finds them as their authors wrote them, and stops in them while the request waits.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { openTestService } from '../support/open-test-service.ts';

type Message = {
  readonly id?: number;
  readonly method?: string;
  readonly params: Record<string, unknown>;
  readonly result: Record<string, unknown>;
};

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A debugger that is connected. */
async function openDebugger(address: string) {
  const [target] = (await (await fetch(`http://${address}/json/list`)).json()) as { webSocketDebuggerUrl: string }[];
  const socket = new WebSocket(target?.webSocketDebuggerUrl ?? '');
  await once(socket, 'open');
  const heard: Message[] = [];
  const waiting = new Set<() => void>();
  socket.on('message', (data) => {
    heard.push(JSON.parse(String(data)));
    for (const look of waiting) look();
  });
  const hear = (isWanted: (message: Message) => boolean) =>
    new Promise<Message>((resolve) => {
      const look = () => {
        const found = heard.find(isWanted);
        if (!found) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  let last = 0;
  return {
    hear,
    async ask(method: string, params: Record<string, unknown> = {}) {
      const id = ++last;
      socket.send(JSON.stringify({ id, method, params }));
      return (await hear((message) => message.id === id)).result;
    },
    close: () => socket.terminate(),
  };
}

test('a breakpoint in a script stops it, and the request goes on with it', async () => {
  const address = `127.0.0.1:${await freePort()}`;
  const it = await openTestService({
    sdl: 'type Note @table @permission(level: PUBLIC) { text: String! }',
    given: { inspect: { address, appDir: '/app' } },
    scripts: {
      'scripts/tables/note.ts':
        "interface Row { text: string }\n\nexport const insert = (ctx) => {\n  const item: Row = ctx.item;\n  item.text += '!';\n  return ctx.execute();\n};\n",
    },
  });
  try {
    const inspector = await openDebugger(address);
    await inspector.ask('Debugger.enable');
    const mapOf = ({ params }: Message) => {
      const [, base64 = ''] = /^data:application\/json;base64,(.*)$/.exec(String(params['sourceMapURL'] ?? '')) ?? [];
      return base64 === '' ? null : (JSON.parse(Buffer.from(base64, 'base64').toString()) as Record<string, unknown>);
    };
    const parsed = await inspector.hear((one) => one.method === 'Debugger.scriptParsed' && mapOf(one) !== null);
    const map = mapOf(parsed);
    assert.deepEqual([map?.['sources'], map?.['sourceRoot']], [['tables/note.ts'], 'file:///app/scripts/']);
    const { scriptId } = parsed.params;
    const { scriptSource } = await inspector.ask('Debugger.getScriptSource', { scriptId });
    const lineNumber = String(scriptSource)
      .split('\n')
      .findIndex((line) => line.includes('+='));
    await inspector.ask('Debugger.setBreakpoint', { location: { scriptId, lineNumber } });
    let answered = false;
    const answer = it.ask('mutation { insertNote(data: { text: "x" }) { text } }').finally(() => {
      answered = true;
    });
    const paused = await inspector.hear(({ method }) => method === 'Debugger.paused');
    const [frame] = paused.params['callFrames'] as { callFrameId: string; functionName: string }[];
    assert.equal(frame?.functionName, 'insert');
    const asked = { callFrameId: frame?.callFrameId, expression: 'item.text' };
    const { result } = await inspector.ask('Debugger.evaluateOnCallFrame', asked);
    assert.equal((result as { value: string }).value, 'x');
    assert.equal(answered, false);
    await inspector.ask('Debugger.resume');
    const { data, text } = await answer;
    assert.deepEqual(data, { insertNote: { text: 'x!' } }, text);
    inspector.close();
  } finally {
    await it.close();
  }
});
