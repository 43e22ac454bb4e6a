/** The vector in docs/retirement-certificate.md, made by the writer and checked by the verifier. `WRITE=1` writes it anew. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { canonicalJson, type Json } from '../../../shared/domain/audit/canonical-json';
import { signNote, verifierKey } from '../../../shared/domain/audit/log/signed-note';
import { deleteKey } from '../../../shared/domain/retirement/delete-key';
import { CERTIFICATE_NAME, certificateText } from '../../../shared/domain/retirement/verify/certificate';
import { aSigner } from '../../../test/support/memory-audit';
import { OLD, retirementWorld } from '../../../test/support/retirement-world';
import { verifyCertificate } from '../certificate';

const PAGE = join(__dirname, '../../../docs/retirement-certificate.md');
const BLOCK = /(```json\n)([\s\S]*?)(\n```)/;

interface Vector {
  readonly publicKey: string;
  readonly certificate: string;
  readonly hash: string;
}

const vectorOfPage = (): Vector => JSON.parse(BLOCK.exec(readFileSync(PAGE, 'utf8'))?.[2] ?? '');
const publicKey = async (seed = 1, name = 'keywright/audit/acme') => verifierKey(name, await aSigner(seed).publicKey());

async function makeVector(): Promise<Vector> {
  const world = retirementWorld({ quietDays: 7, disabledDays: 30, waitingDays: 7 });
  await world.ended();
  await world.until('deletable');
  await world.request('schedule-deletion');
  await world.approve('schedule-deletion');
  await deleteKey({ kmsKeyArn: OLD }, world.ports);
  const { certificate } = await world.row();
  return { publicKey: await publicKey(), certificate: certificate?.note ?? '', hash: certificate?.hash ?? '' };
}

test('the vector of the page is what the product issues', async () => {
  const vector = await makeVector();
  const page = readFileSync(PAGE, 'utf8');
  if (process.env['WRITE']) {
    writeFileSync(
      PAGE,
      page.replace(BLOCK, (_, open, _old, close) => open + JSON.stringify(vector, null, 2) + close),
    );
    return;
  }

  expect(vectorOfPage()).toEqual(vector);
});

test('the verifier, given the vector of the page and nothing else, accepts it', () => {
  const vector = vectorOfPage();

  const { certificate, hash } = verifyCertificate(vector.certificate, vector.publicKey);

  expect(hash).toBe(vector.hash);
  expect(certificate.verdict).toBe('deletion-scheduled');
  expect(certificate.checks.map(({ found }) => found)).toEqual(certificate.checks.map(() => 0));
  expect(certificate['approvals']).toMatchObject([{ certificateHash: certificate['before'] }]);
});

const STATEMENT: Json = { v: 1, verdict: 'needed', issuedAt: 'now', kmsKeyArn: OLD, checks: [] };
const signed = (text: string, seed = 1) => signNote(text, CERTIFICATE_NAME, aSigner(seed));

describe('what is not a certificate is refused', () => {
  test.each<[string, () => Promise<string> | string, string]>([
    [
      'another verdict',
      () => vectorOfPage().certificate.replace('deletion-scheduled', 'safe-to-delete'),
      'wrong-signer',
    ],
    ['another count', () => vectorOfPage().certificate.replace('"found":0', '"found":1'), 'wrong-signer'],
    ['a signature of another key', () => signed(certificateText(STATEMENT), 2), 'wrong-signer'],
    [
      'a signature of another name',
      () => signNote(certificateText(STATEMENT), 'keywright/audit/acme', aSigner()),
      'wrong-signer',
    ],
    ['no signature', () => certificateText(STATEMENT), 'certificate-malformed'],
    ['another kind of note', () => signed(`keywright/other\n${canonicalJson(STATEMENT)}\n`), 'certificate-malformed'],
    ['a line too many', () => signed(`${certificateText(STATEMENT)}more\n`), 'certificate-malformed'],
    ['no JSON', () => signed(`${CERTIFICATE_NAME}\nnothing\n`), 'certificate-malformed'],
    [
      'a member twice',
      () => signed(`${CERTIFICATE_NAME}\n${canonicalJson(STATEMENT).replace('{', '{"v":2,')}\n`),
      'certificate-malformed',
    ],
    ['white space', () => signed(certificateText(STATEMENT).replace(',', ', ')), 'certificate-malformed'],
    ['another version', () => signed(certificateText({ ...(STATEMENT as object), v: 2 })), 'certificate-malformed'],
    [
      'no checks',
      () => signed(certificateText({ ...(STATEMENT as object), checks: undefined })),
      'certificate-malformed',
    ],
  ])('%s', async (_, make, code) => {
    const note = await make();
    const key = await publicKey();

    expect(() => verifyCertificate(note, key)).toThrow(expect.objectContaining({ code }));
  });

  test('a public key that was cut', async () => {
    const key = (await publicKey()).slice(0, -4);

    expect(() => verifyCertificate(vectorOfPage().certificate, key)).toThrow(
      expect.objectContaining({ code: 'key-malformed' }),
    );
  });
});

describe('canonical JSON', () => {
  test('members stand in the order of RFC 8785', () => {
    // The example of section 3.2.3.
    const names = ['\u20ac', '\r', '\ufb33', '1', '\u{1f600}', '\u0080', '\u00f6'];
    const inOrder = ['\r', '1', '\u0080', '\u00f6', '\u20ac', '\u{1f600}', '\ufb33'];

    const json = canonicalJson(Object.fromEntries(names.map((name) => [name, 0])));

    expect(json).toBe(`{${inOrder.map((name) => `${JSON.stringify(name)}:0`).join(',')}}`);
  });

  test('whatever a statement says, the verifier reads what the writer wrote', async () => {
    const key = await publicKey();
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (extra) => {
        const note = await signed(certificateText({ ...(STATEMENT as object), extra: extra as Json }));

        const read = verifyCertificate(note, key).certificate['extra'] as Json;
        expect(canonicalJson(read)).toBe(canonicalJson(extra as Json));
      }),
      { numRuns: 200 },
    );
  });
});
