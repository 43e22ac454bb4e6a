/** The bytes of protected data, read by a second reader that shares no code with the first. */
import { createDecipheriv } from 'node:crypto';
import { encode, Tagged } from 'cborg';
import { envelopeWorld, PLACE, refusalOf } from '../../../test/support/envelope-world';
import { read } from '../container';

const SIZES = [0, 1, 23, 24, 255, 300];

async function samples() {
  const world = envelopeWorld();
  world.store();
  const envelope = world.process();
  const plaintexts = SIZES.map((size) => Buffer.alloc(size, 'keywright'));
  const containers = await Promise.all(plaintexts.map((plaintext) => envelope.encrypt(PLACE, plaintext)));
  return { world, envelope, plaintexts, containers };
}

/** RFC 8949 by hand, as far as COSE_Encrypt0 needs it. */
function itemsOf(bytes: Buffer) {
  let at = 0;
  const head = () => {
    const first = bytes.readUInt8(at);
    const [major, info] = [first >> 5, first & 31];
    const sizeBytes = info < 24 ? 0 : 2 ** (info - 24);
    const argument = sizeBytes === 0 ? info : bytes.readUIntBE(at + 1, sizeBytes);
    at += 1 + sizeBytes;
    return { major, argument };
  };
  const bytesHere = () => {
    const { major, argument } = head();
    expect(major).toBe(2);
    at += argument;
    return bytes.subarray(at - argument, at);
  };
  expect(head()).toEqual({ major: 6, argument: 16 });
  expect(head()).toEqual({ major: 4, argument: 3 });
  const protectedHeaders = bytesHere();
  expect(head()).toEqual({ major: 5, argument: 2 });
  expect(head()).toEqual({ major: 0, argument: 4 });
  const kid = bytesHere().toString();
  expect(head()).toEqual({ major: 0, argument: 5 });
  const iv = bytesHere();
  const ciphertext = bytesHere();
  expect(at).toBe(bytes.length);
  return { protectedHeaders, kid, iv, ciphertext };
}

const short = (major: number, content: Buffer) =>
  Buffer.concat([
    content.length < 24 ? Buffer.of((major << 5) | content.length) : Buffer.of((major << 5) | 24, content.length),
    content,
  ]);
const text = (value: string) => short(3, Buffer.from(value));

test('a reader of RFC 9052 that knows the data key reads protected data without this library', async () => {
  const { world, plaintexts, containers } = await samples();
  const [dataKey] = world.dataKeys.all();
  const [secret] = world.secrets;

  const opened = containers.map((container) => {
    const { protectedHeaders, kid, iv, ciphertext } = itemsOf(Buffer.from(container));
    // { 1: 3 }: the algorithm is A256GCM.
    expect(protectedHeaders).toEqual(Buffer.from('a10103', 'hex'));
    expect(kid).toBe(dataKey?.dataKeyId);
    const external = Buffer.concat([Buffer.of(0x84), ...['keywright.v1', 'acme', 'documents', kid].map(text)]);
    const structure = Buffer.concat([
      Buffer.of(0x83),
      text('Encrypt0'),
      short(2, protectedHeaders),
      short(2, external),
    ]);
    const decipher = createDecipheriv('aes-256-gcm', secret ?? '', iv).setAAD(structure);
    decipher.setAuthTag(ciphertext.subarray(-16));
    return Buffer.concat([decipher.update(ciphertext.subarray(0, -16)), decipher.final()]);
  });

  expect(opened).toEqual(plaintexts);
});

test('the container adds at most 75 bytes to 1 KiB under an id as this product makes them', async () => {
  const world = envelopeWorld();
  world.store();
  const ids = { next: () => '0'.repeat(32) };

  const container = await world.process({}, { ids }).encrypt(PLACE, Buffer.alloc(1024));

  expect(container.length - 1024).toBe(75);
});

test('each byte is noticed, whatever it is changed to', async () => {
  const { envelope, containers } = await samples();
  const codes = new Map<unknown, number>();

  for (const container of containers.slice(0, 5)) {
    for (let at = 0; at < container.length; at += 1) {
      for (let mask = 1; mask < 256; mask += container.length > 60 ? 37 : 1) {
        const changed = Uint8Array.from(container);
        changed[at] = (changed[at] ?? 0) ^ mask;
        const { code } = (await refusalOf(envelope.decrypt(PLACE, changed))) as { code?: unknown };
        codes.set(code, (codes.get(code) ?? 0) + 1);
      }
    }
  }

  expect([...codes.keys()].sort()).toEqual(['NOT_PROTECTED_DATA', 'TAMPERED', 'UNKNOWN_DATA_KEY']);
});

test('data that was cut at any byte, or has one more, is refused', async () => {
  const { envelope, containers } = await samples();

  for (const container of containers) {
    const longer = Buffer.concat([container, Buffer.of(0)]);
    for (let length = 0; length < container.length; length += 1) {
      const refusal = await refusalOf(envelope.decrypt(PLACE, container.subarray(0, length)));
      expect(refusal).toMatchObject({ code: expect.stringMatching(/^(NOT_PROTECTED_DATA|TAMPERED)$/) });
    }
    expect(await refusalOf(envelope.decrypt(PLACE, longer))).toMatchObject({ code: 'NOT_PROTECTED_DATA' });
  }
});

const [ALG, KID, IV] = [1, 4, 5];
const PROTECTED = encode(new Map([[ALG, 3]]));
const HEADERS = new Map<number, Uint8Array>([
  [KID, Buffer.from('id-1')],
  [IV, Buffer.alloc(12)],
]);
const BODY = Buffer.alloc(20);
const whole = [PROTECTED, HEADERS, BODY];

test.each([
  ['another tag', new Tagged(17, whole)],
  ['no tag', whole],
  ['a fourth part', new Tagged(16, [...whole, BODY])],
  ['another algorithm', new Tagged(16, [encode(new Map([[ALG, 1]])), HEADERS, BODY])],
  ['a further header', new Tagged(16, [PROTECTED, new Map([...HEADERS, [9, BODY]]), BODY])],
  ['no nonce', new Tagged(16, [PROTECTED, new Map([...HEADERS].slice(0, 1)), BODY])],
  ['a nonce of 13 bytes', new Tagged(16, [PROTECTED, new Map([...HEADERS, [IV, Buffer.alloc(13)]]), BODY])],
  ['an endless name', new Tagged(16, [PROTECTED, new Map([...HEADERS, [KID, Buffer.alloc(5000)]]), BODY])],
  ['a ciphertext without a whole tag', new Tagged(16, [PROTECTED, HEADERS, Buffer.alloc(15)])],
])('a container with %s is none of ours', (_, value) => {
  expect(() => read(encode(value))).toThrow(expect.objectContaining({ code: 'NOT_PROTECTED_DATA' }));
});

test('the same parts written in a longer form are none of ours', () => {
  const bytes = Buffer.from(encode(new Tagged(16, whole)));
  expect(read(bytes).dataKeyId).toBe('id-1');

  // The length of the algorithm's headers, 3, in a byte of its own: CBOR allows it, deterministic encoding does not.
  const longer = Buffer.concat([bytes.subarray(0, 2), Buffer.of(0x58, 3), bytes.subarray(3)]);

  expect(() => read(longer)).toThrow(expect.objectContaining({ code: 'NOT_PROTECTED_DATA' }));
});

test('what is nested without end is refused, not followed', () => {
  expect(() => read(Buffer.alloc(200_000, 0x81))).toThrow(expect.objectContaining({ code: 'NOT_PROTECTED_DATA' }));
});
