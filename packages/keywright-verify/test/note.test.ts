import fc from 'fast-check';
import { originOf, signCheckpoint } from '../../../shared/domain/audit/log/checkpoint';
import { signNote, verifierKey } from '../../../shared/domain/audit/log/signed-note';
import { aSigner } from '../../../test/support/memory-audit';
import { openCheckpoint, readVerifierKey } from '../note';

const ORIGIN = originOf('acme');
const ROOT = Buffer.alloc(32, 7);
const EMPTY_ROOT = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=';

const keyOf = async () => readVerifierKey(verifierKey(ORIGIN, await aSigner().publicKey()));
const aNote = (size = 3) => signCheckpoint({ origin: ORIGIN, size, rootHash: ROOT }, aSigner());
/** A note of any text with our own signature: what a signer who errs would hand out. */
const signed = (text: string) => signNote(text, ORIGIN, aSigner());
const own = (note: string) => note.slice(note.indexOf('\n\n') + 2);
const others = async () => own(await signNote('another text\n', 'witness.example/w', aSigner(2)));

async function codeOf(note: string | Uint8Array): Promise<string> {
  try {
    openCheckpoint(note, await keyOf());
    return 'opened';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

test('a checkpoint opens, with signatures of others before and after, as text and as bytes', async () => {
  const note = await aNote();
  const [text = ''] = note.split('\n\n');
  const cosigned = `${text}\n\n${await others()}${own(note)}${await others()}`;

  for (const one of [note, Buffer.from(note), cosigned, Buffer.from(cosigned)]) {
    expect(openCheckpoint(one, await keyOf())).toMatchObject({ origin: ORIGIN, size: 3 });
  }
});

test('lines after the third are extensions, as tlog-checkpoint has them', async () => {
  const note = await signed(`${ORIGIN}\n3\n${ROOT.toString('base64')}\nan extension\n`);

  expect(await codeOf(note)).toBe('opened');
});

test.each<[string, (note: string) => string | Uint8Array | Promise<string>]>([
  ['junk behind the signature', (note) => `${note}junk\n`],
  ['junk behind it without a line end', (note) => `${note}junk`],
  ['an empty line behind it', (note) => `${note}\n`],
  ['junk before the signature', (note) => note.replace('\n\n', '\n\njunk\n')],
  ['junk among signatures', async (note) => `${note}junk\n${await others()}`],
  ['no line end after the signature', (note) => note.slice(0, -1)],
  ['carriage returns', (note) => note.replaceAll('\n', '\r\n')],
  ['a carriage return behind the signature', (note) => note.replace(/\n$/, '\r\n')],
  ['a zero byte behind the signature', (note) => note.replace(/\n$/, '\u0000\n')],
  ['a tab in place of a space', (note) => note.replace(/ (\S+)\n$/, '\t$1\n')],
  ['two spaces', (note) => note.replace(/ (\S+)\n$/, '  $1\n')],
  ['a hyphen in place of the dash', (note) => note.replace('\u2014', '-')],
  ['a byte that is not UTF-8', (note) => Buffer.concat([Buffer.from(note.slice(0, -1)), Buffer.from([0xff, 0x0a])])],
  ['a byte order mark', (note) => Buffer.from(`\ufeff${note}`)],
  ['the signature twice', (note) => note + own(note)],
  ['a signature of nothing but a key id', (note) => `${note}\u2014 ${ORIGIN} AAAAAA==\n`],
  ['base64 without its padding', (note) => note.replace(/=\n$/, '\n')],
  ['base64 in the alphabet of URLs', (note) => `${note}\u2014 w.example __________8=\n`],
  ['more signatures than are looked at', async (note) => note + (await others()).repeat(64)],
  ['an empty line in the text', () => signed(`${ORIGIN}\n3\n${ROOT.toString('base64')}\n\nmore\n`)],
  ['a size with a zero before it', () => signed(`${ORIGIN}\n03\n${ROOT.toString('base64')}\n`)],
  ['a size with a sign', () => signed(`${ORIGIN}\n+3\n${ROOT.toString('base64')}\n`)],
  ['a size that no number holds exactly', () => signed(`${ORIGIN}\n9007199254740993\n${ROOT.toString('base64')}\n`)],
  ['a root of another length', () => signed(`${ORIGIN}\n3\n${ROOT.subarray(1).toString('base64')}\n`)],
  ['a root in other base64', () => signed(`${ORIGIN}\n3\n${ROOT.toString('base64').slice(0, -1)}\n`)],
  ['an empty log with a root that is not its own', () => signed(`${ORIGIN}\n0\n${ROOT.toString('base64')}\n`)],
  ['too few lines', () => signed(`${ORIGIN}\n3\n`)],
  ['no origin', () => signed(`\n3\n${ROOT.toString('base64')}\n`)],
])('%s makes a note that is none', async (_what, change) => {
  expect(await codeOf(await change(await aNote()))).toMatch(/^(checkpoint-malformed|wrong-signer)$/);
});

test('an empty log has the one root there is', async () => {
  expect(await codeOf(await signed(`${ORIGIN}\n0\n${EMPTY_ROOT}\n`))).toBe('opened');
});

test('a checkpoint of another origin under this signature is of another log', async () => {
  expect(await codeOf(await signed(`${originOf('globex')}\n3\n${ROOT.toString('base64')}\n`))).toBe('wrong-log');
});

test('no note reads as it did once a byte was put in, taken out or changed', async () => {
  const bytes = Buffer.from(await aNote());
  const place = fc.nat(bytes.length - 1);
  await fc.assert(
    fc.asyncProperty(place, fc.nat(255), fc.constantFrom('in', 'out', 'over'), async (at, byte, how) => {
      const [before, after] = [bytes.subarray(0, at), bytes.subarray(how === 'in' ? at : at + 1)];
      const changed = Buffer.concat([before, how === 'out' ? Buffer.alloc(0) : Buffer.of(byte), after]);
      fc.pre(!changed.equals(bytes));
      expect(await codeOf(changed)).not.toBe('opened');
    }),
    { numRuns: 500 },
  );
});

const AT = '2026-01-01T00:00:00.700Z';
const aTimed = (seed = 1) => signCheckpoint({ origin: ORIGIN, size: 3, rootHash: ROOT }, aSigner(seed), AT);
/** Its last line, which has the time. */
const stamp = (note: string) => note.slice(note.lastIndexOf('\u2014'));

test('a checkpoint says when it was signed, in whole seconds, and one without a time opens as before', async () => {
  const key = await keyOf();

  expect(openCheckpoint(await aTimed(), key)).toMatchObject({
    size: 3,
    time: Date.parse(`${AT.slice(0, 19)}Z`) / 1000,
  });
  expect(openCheckpoint(await aNote(), key)).not.toHaveProperty('time');
});

test.each<[string, (note: string) => string | Promise<string>]>([
  ['another time', (note) => stampedAnew(note, (bytes) => bytes.fill((bytes[11] ?? 0) ^ 1, 11, 12))],
  ['the time of another size', async (note) => note.replace(stamp(note), stamp(await aTimedOf(4)))],
  ['a time twice', (note) => note + stamp(note)],
  ['a time that was cut', (note) => stampedAnew(note, (bytes) => bytes.subarray(0, 12))],
  ['nothing but the name of a time', (note) => stampedAnew(note, (bytes) => bytes.subarray(0, 5))],
])('%s makes a note that is none', async (_what, change) => {
  expect(await codeOf(await change(await aTimed()))).toMatch(/^(checkpoint-malformed|wrong-signer)$/);
});

test('the time of another signer is none', async () => {
  const note = (await aNote()) + stamp(await aTimed(2));

  expect(openCheckpoint(note, await keyOf())).not.toHaveProperty('time');
});

const aTimedOf = (size: number) => signCheckpoint({ origin: ORIGIN, size, rootHash: ROOT }, aSigner(), AT);

function stampedAnew(note: string, change: (bytes: Buffer) => Uint8Array): string {
  const line = stamp(note);
  const encoded = line.slice(line.lastIndexOf(' ') + 1, -1);
  return note.replace(encoded, Buffer.from(change(Buffer.from(encoded, 'base64'))).toString('base64'));
}
