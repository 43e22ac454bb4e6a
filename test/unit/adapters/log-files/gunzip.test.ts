import { crc32, gzipSync } from 'node:zlib';
import { gunzipped } from '../../../../shared/adapters/log-files/gunzip';

const text = Buffer.from(Array.from({ length: 400 }, (_, at) => `line ${at} ${(at * 7919) % 104729}\n`).join(''));
const gzip = gzipSync(text);

async function* inChunks(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function run(bytes: Uint8Array, size = 1000) {
  const parts: Buffer[] = [];
  try {
    for await (const part of gunzipped(inChunks(bytes, size))) parts.push(part);
    return { output: Buffer.concat(parts) };
  } catch (error) {
    return { output: Buffer.concat(parts), error };
  }
}

test('gzip is decompressed, however its bytes arrive', async () => {
  for (const size of [1, 100, gzip.length]) expect((await run(gzip, size)).output.equals(text)).toBe(true);
});

test('members one after the other are one text', async () => {
  const { output, error } = await run(Buffer.concat([gzip, gzip, gzip]));

  expect(error).toBeUndefined();
  expect(output.equals(Buffer.concat([text, text, text]))).toBe(true);
});

test('of gzip that was cut anywhere, what came before the cut is kept and the cut is told', async () => {
  for (let length = 1; length < gzip.length; length += length < 30 || length > gzip.length - 30 ? 1 : 211) {
    const { output, error } = await run(gzip.subarray(0, length));
    expect(error).toMatchObject({ code: 'Z_BUF_ERROR' });
    expect(output.equals(text.subarray(0, output.length))).toBe(true);
    if (length > gzip.length - 8) expect(output.length).toBe(text.length);
  }
});

test('gzip whose checksum does not fit is told, after its text', async () => {
  const spoiled = Buffer.from(gzip);
  spoiled[spoiled.length - 6] = (spoiled[spoiled.length - 6] ?? 0) ^ 1;
  const { output, error } = await run(spoiled);

  expect(error).toMatchObject({ code: 'Z_DATA_ERROR' });
  expect(output.length).toBeGreaterThan(0);
});

test('what pads a file behind its members is ignored, and another member behind it is read', async () => {
  for (const padding of [Buffer.from('\r\n'), Buffer.alloc(5000)]) {
    for (const size of [1, 1000, 100_000]) {
      const { output, error } = await run(Buffer.concat([gzip, padding, gzip, padding]), size);
      expect(error).toBeUndefined();
      expect(output.equals(Buffer.concat([text, text]))).toBe(true);
    }
  }
});

test.each([
  ['a comment', '# this is no gzip', 0],
  ['one byte', 'x', 0],
  ['padding and a byte', '\r\n\0x', 3],
  ['more than a chunk', 'no gzip '.repeat(50_000), 0],
])(
  'what trails a member and is no gzip is told with its place, after all of the text: %s',
  async (_, trail, padding) => {
    for (const size of [1, 1000, 100_000]) {
      const { output, error } = await run(Buffer.concat([gzip, Buffer.from(trail)]), size);
      const message = `what follows the gzip data from byte ${gzip.length + padding} of the file on is no gzip`;
      expect(error).toMatchObject({ name: 'GzipTrailed', message });
      expect(output.equals(text)).toBe(true);
    }
  },
);

test('damage is told with its place in the file', async () => {
  const spoiled = Buffer.concat([gzip, gzip.subarray(0, 3)]);
  const { error } = await run(spoiled);

  expect(error).toMatchObject({ message: `unexpected end of file at byte ${spoiled.length} of the file` });
});

test('a member with a name, a comment and extra fields is read', async () => {
  const header = Buffer.from(gzip.subarray(0, 10));
  header[3] = 2 | 4 | 8 | 16;
  const extra = Buffer.concat([Buffer.from([3, 0]), Buffer.from('abc')]);
  const whole = Buffer.concat([header, extra, Buffer.from('name\0comment\0')]);
  const headerCrc = Buffer.alloc(2);
  headerCrc.writeUInt16LE(crc32(whole) & 0xffff);
  const named = Buffer.concat([whole, headerCrc, gzip.subarray(10)]);

  for (const size of [1, 100_000]) expect((await run(named, size)).output.equals(text)).toBe(true);
});

test('empty members are members', async () => {
  const { output, error } = await run(Buffer.concat([gzipSync(''), gzipSync(''), gzip]));

  expect(error).toBeUndefined();
  expect(output.equals(text)).toBe(true);
});

test('very many members of nothing are told, after what came before them', async () => {
  const { output, error } = await run(Buffer.concat([gzip, ...Array(40_000).fill(gzipSync(''))]), 65_536);

  expect(error).toMatchObject({ name: 'GzipBomb' });
  expect(output.equals(text)).toBe(true);
});
