import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FloodError, FrameReader } from '../../../../src/scripts/host/frame-reader.ts';

const open = (limits: Partial<{ frame: number; bytesPerSecond: number }> = {}, now = () => 0) =>
  new FrameReader({ frame: 100, bytesPerSecond: 1_000, ...limits }, now);

test('frames are read however they are cut', () => {
  const frames = fc.array(fc.jsonValue(), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(frames, fc.infiniteStream(fc.integer({ min: 1, max: 9 })), (said, sizes) => {
      const bytes = Buffer.from(said.map((frame) => `${JSON.stringify(frame)}\n`).join(''));
      const reader = open({ frame: 1e6, bytesPerSecond: 1e9 });
      const read: unknown[] = [];
      for (let at = 0; at < bytes.length; ) {
        const size = sizes.next().value;
        read.push(...reader.read(bytes.subarray(at, at + size)));
        at += size;
      }
      assert.deepEqual(read, JSON.parse(JSON.stringify(said)));
    }),
    { numRuns: 200 },
  );
});

test('a frame that is too large is a flood, whether it ends or not', () => {
  assert.throws(() => open().read(Buffer.alloc(101, 0x20)), FloodError);
  const reader = open();
  reader.read(Buffer.alloc(60, 0x20));
  assert.throws(() => reader.read(Buffer.from(`${' '.repeat(60)}1\n`)), FloodError);
});

test('more bytes than a second may have are a flood, and the next second begins anew', () => {
  let now = 0;
  const reader = open({ bytesPerSecond: 10 }, () => now);
  reader.read(Buffer.from('1234567\n'));
  now = 1_000;
  assert.deepEqual(reader.read(Buffer.from('1234567\n')), [1234567]);
  assert.throws(() => reader.read(Buffer.from('1234567\n')), FloodError);
});

test('what is no JSON is refused', () => {
  assert.throws(() => open().read(Buffer.from('Debugger listening\n')), SyntaxError);
});
