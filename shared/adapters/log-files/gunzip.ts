/**
 * Decompresses a stream of gzip members (RFC 1952), and loses nothing of a truncated one, nor of one that something trails.
 *
 * A plain pipe into node:zlib drops what it had decompressed when it meets the early end: the error destroys the stream
 * with its unread output in it. Here every byte is handed on before the engine learns that the input is over, and the
 * engine is given no more than one member: what follows cannot spoil what came out of it.
 */
import { constants, crc32, createInflateRaw, type InflateRaw } from 'node:zlib';

const OUTPUT_BYTES = 128 * 1024;

/**
 * A match has 258 bytes at most and costs a bit for its length, one for its distance, and nine more for a distance as
 * far as a record is long: what repeats whole records grows 190 times. Only what repeats single letters grows a thousandfold.
 */
const GROWTH_MAX = 250;
/** Until then there is nothing to be told from a beginning that happens to be dull. */
const GROWTH_FROM_BYTES = 64 * 1024 * 1024;

/** Each member costs an engine. Whoever makes one for each record, the smallest there is, has more bytes in each. */
const MEMBER_BYTES_MIN = 100;
/** Until then members may be empty, as those are that a shipper writes to keep a file open. */
const MEMBERS_FROM = 10_000;

/** The input is made to fill a disk or to never end: no records compress so. */
export class GzipBomb extends Error {
  override readonly name = 'GzipBomb';
}

/** The bytes behind sound members are no gzip: what they hold is not looked at. */
export class GzipTrailed extends Error {
  override readonly name = 'GzipTrailed';
}

/** As node:zlib has it: a code and a number. */
class GzipDamage extends Error {
  readonly code: 'Z_BUF_ERROR' | 'Z_DATA_ERROR';
  readonly errno: number;
  constructor(code: GzipDamage['code'], message: string) {
    super(message);
    this.code = code;
    this.errno = constants[code];
  }
}

/** @throws the error of node:zlib or one like it, GzipBomb or GzipTrailed, after everything that was decompressed until then was yielded. */
export async function* gunzipped(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const input = inputFrom(source);
  let [given, members] = [0, 0];
  try {
    do {
      members += 1;
      if (members > MEMBERS_FROM && input.taken() < members * MEMBER_BYTES_MIN) {
        throw new GzipBomb(`the gzip data has ${members} members and more of almost nothing: that is no log`);
      }
      await skipHeader(input);
      let [crc, size] = [0, 0];
      for await (const output of inflated(input)) {
        crc = crc32(output, crc);
        size += output.length;
        given += output.length;
        yield output;
        if (given > GROWTH_FROM_BYTES && given > input.taken() * GROWTH_MAX) {
          throw new GzipBomb(`the gzip data grows more than ${GROWTH_MAX} times: that is no log`);
        }
      }
      const trailer = await input.take(8);
      if (trailer.readUInt32LE(0) !== crc) throw new GzipDamage('Z_DATA_ERROR', 'incorrect data check');
      if (trailer.readUInt32LE(4) !== size % 2 ** 32) throw new GzipDamage('Z_DATA_ERROR', 'incorrect length check');
    } while (await hasMember(input));
  } catch (error) {
    throw located(error, input);
  } finally {
    await input.close();
  }
}

/** Damage is told with its place in the file: the text may be a thousand times as long. */
function located(error: unknown, input: GzipInput): unknown {
  const { code } = Object(error) as NodeJS.ErrnoException;
  if (error instanceof Error && code?.startsWith('Z_')) error.message += ` at byte ${input.position()} of the file`;
  return error;
}

/** Bytes that are taken from a stream as many as are wanted. */
function inputFrom(source: AsyncIterable<Uint8Array>) {
  const chunks = source[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  let taken = 0;
  const input = {
    taken: () => taken,
    /** Of the first byte that was not skipped yet. */
    position: () => taken - rest.length,
    /** What is at hand, at least one byte unless the stream is over. */
    async atHand(): Promise<Buffer> {
      while (rest.length === 0) {
        const next = await chunks.next();
        if (next.done) break;
        rest = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.length);
        taken += rest.length;
      }
      return rest;
    },
    skip(count: number): void {
      rest = rest.subarray(count);
    },
    /** @throws GzipDamage when there are fewer. */
    async take(count: number): Promise<Buffer> {
      const parts: Buffer[] = [];
      for (let missing = count; missing > 0; ) {
        const part = (await input.atHand()).subarray(0, missing);
        if (part.length === 0) throw new GzipDamage('Z_BUF_ERROR', 'unexpected end of file');
        parts.push(part);
        missing -= part.length;
        input.skip(part.length);
      }
      return Buffer.concat(parts);
    },
    close: async (): Promise<void> => void (await chunks.return?.()),
  };
  return input;
}
type GzipInput = ReturnType<typeof inputFrom>;

const GZIP_FIRST_BYTE = 0x1f;

/** What pads a file behind its members, as tapes and editors do. */
const PADDING = [0x00, 0x0a, 0x0d];

/**
 * Whether another member follows; padding is stepped over.
 *
 * @throws GzipTrailed for anything else.
 */
async function hasMember(input: GzipInput): Promise<boolean> {
  for (;;) {
    const bytes = await input.atHand();
    const start = bytes.findIndex((byte) => !PADDING.includes(byte));
    if (start >= 0) {
      input.skip(start);
      if (bytes[start] === GZIP_FIRST_BYTE) return true;
      throw new GzipTrailed(`what follows the gzip data from byte ${input.position()} of the file on is no gzip`);
    }
    if (bytes.length === 0) return false;
    input.skip(bytes.length);
  }
}

const FLAG = { headerCrc: 2, extra: 4, name: 8, comment: 16, reserved: 0xe0 } as const;

async function skipHeader(input: GzipInput): Promise<void> {
  const header = await input.take(10);
  const flags = header[3] ?? 0;
  if (header.readUInt16BE(0) !== 0x1f8b || header[2] !== 8 || (flags & FLAG.reserved) !== 0) {
    throw new GzipDamage('Z_DATA_ERROR', 'incorrect header check');
  }
  if (flags & FLAG.extra) await input.take((await input.take(2)).readUInt16LE(0));
  if (flags & FLAG.name) await skipText(input);
  if (flags & FLAG.comment) await skipText(input);
  if (flags & FLAG.headerCrc) await input.take(2);
}

/** It ends with a zero, and may be of any length. */
async function skipText(input: GzipInput): Promise<void> {
  for (;;) {
    const bytes = await input.atHand();
    const end = bytes.indexOf(0);
    if (end >= 0) return input.skip(end + 1);
    if (bytes.length === 0) throw new GzipDamage('Z_BUF_ERROR', 'unexpected end of file');
    input.skip(bytes.length);
  }
}

/** The text of one member. What follows it stays in the input. */
async function* inflated(input: GzipInput): AsyncGenerator<Buffer> {
  const engine = createInflateRaw({ chunkSize: OUTPUT_BYTES });
  let failure: Error | undefined;
  let isOver = false;
  engine.on('error', (error) => {
    failure = error;
  });
  engine.once('end', () => {
    isOver = true;
  });
  try {
    while (!isOver) {
      const chunk = await input.atHand();
      const before = engine.bytesWritten;
      if (chunk.length === 0) yield* outputOf(engine, () => engine.end());
      else yield* outputOf(engine, (done) => engine.write(chunk, done));
      if (failure) throw failure;
      const consumed = engine.bytesWritten - before;
      input.skip(consumed);
      if (consumed < chunk.length) isOver = true;
    }
  } finally {
    engine.destroy();
  }
}

/** What the engine puts out until the input is taken or its text ends. One that fails is closed and never says so. */
async function* outputOf(engine: InflateRaw, feed: (done: () => void) => void): AsyncGenerator<Buffer> {
  const output: Buffer[] = [];
  const take = (chunk: Buffer) => output.push(chunk);
  engine.on('data', take);
  await new Promise<void>((done) => {
    const settled = () => {
      for (const event of ['close', 'end']) engine.off(event, settled);
      done();
    };
    for (const event of ['close', 'end']) engine.once(event, settled);
    feed(settled);
  });
  engine.off('data', take);
  yield* output;
}
