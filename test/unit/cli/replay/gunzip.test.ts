import { gzipSync } from 'node:zlib';
import { gunzipped } from '../../../../cli/replay/gunzip';

const text = Buffer.from(Array.from({ length: 2000 }, (_, at) => `line ${at} ${(at * 7919) % 104729}\n`).join(''));
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
