import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalJson, type Json } from '../../../../shared/domain/audit/canonical-json';
import { signNote, verifierKey } from '../../../../shared/domain/audit/log/signed-note';
import { deleteKey } from '../../../../shared/domain/retirement/delete-key';
import { CERTIFICATE_NAME, certificateText } from '../../../../shared/domain/retirement/verify/certificate';
import { commandLine } from '../../../support/deployed-product';
import { aSigner } from '../../../support/memory-audit';
import { ALICE, BOB, OLD, retirementWorld } from '../../../support/retirement-world';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'certificate-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const publicKey = async (name = 'keywright/audit/acme') => verifierKey(name, await aSigner().publicKey());

async function verify(note: string, key: string, ...options: readonly string[]) {
  writeFileSync(join(folder, 'key.cert'), note);
  return commandLine(['retire', 'verify', join(folder, 'key.cert'), '--key', key, ...options]);
}

/** The certificates of a key on its whole way. */
async function certificates(): Promise<readonly string[]> {
  const world = retirementWorld({ disabledDays: 1 });
  await world.ended();
  await world.until('deletable');
  await world.request('schedule-deletion');
  await world.approve('schedule-deletion');
  await deleteKey({ kmsKeyArn: OLD }, world.ports);
  return world.told('retirement-certified.v1').map(({ certificate }) => String(certificate));
}

/** A statement that its signer really signed, whatever it says. */
const signed = (statement: Json) => signNote(certificateText(statement), CERTIFICATE_NAME, aSigner());

const STATEMENT = {
  v: 1,
  verdict: 'safe-to-delete',
  issuedAt: '2026-11-24T12:00:00.000Z',
  kmsKeyArn: OLD,
  checks: [{ source: 'data-keys-by-table', found: 0, at: '2026-11-24T12:00:00.000Z' }],
  before: 'ab'.repeat(32),
};

const AGREED = {
  step: 'schedule-deletion',
  certificateHash: STATEMENT.before,
  requestedBy: ALICE,
  approvedBy: BOB,
};

test('every certificate of a key’s whole way holds, and what was checked is printed line by line', async () => {
  const notes = await certificates();
  const reports = [];
  for (const note of notes) reports.push(await verify(note, await publicKey()));

  expect(reports.map(({ exitCode, err }) => [exitCode, err])).toEqual([
    [0, ''],
    [0, ''],
    [0, ''],
  ]);
  const last = reports.at(-1)?.out ?? '';
  expect(last).toMatch(/^ok +signature +made by the key given/m);
  expect(last).toMatch(/^ok +data-keys-by-table +0 found at 2026-/m);
  expect(last).toContain(`schedule-deletion asked for by ${ALICE}, approved by ${BOB}`);
  expect(last).toMatch(new RegExp(`${OLD}: deletion-scheduled, issued 2026-.*The certificate holds\\.`, 's'));
});

test('the public key may be a file, and the report JSON with the hash that approvals name', async () => {
  const [, note = ''] = await certificates();
  writeFileSync(join(folder, 'acme.pub'), `${await publicKey()}\n`);

  const { out, exitCode } = await verify(note, join(folder, 'acme.pub'), '--json');

  expect(exitCode).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    ok: true,
    hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    certificate: { verdict: 'safe-to-delete', kmsKeyArn: OLD },
  });
});

test.each<[string, (note: string) => string, string]>([
  ['another verdict', (note) => note.replace('safe-to-disable', 'safe-to-delete!'), 'signature'],
  ['another key', (note) => note.replaceAll(OLD, `${OLD}0`), 'signature'],
  ['a count', (note) => note.replace('"found":0', '"found":1'), 'signature'],
  ['no signature', (note) => note.slice(0, note.lastIndexOf('\n\n')), 'form'],
  ['nothing left', () => '', 'form'],
])('a certificate with %s does not hold: exit code 1, and nothing of it is believed', async (_, change, check) => {
  const [note = ''] = await certificates();

  const { out, exitCode } = await verify(change(note), await publicKey());

  expect(exitCode).toBe(1);
  expect(out).toMatch(new RegExp(`^BAD +${check} `));
  expect(out).toContain('does NOT hold');
  expect(out).not.toContain(OLD);
});

test('a certificate that another key has signed does not hold', async () => {
  const [note = ''] = await certificates();
  const stranger = verifierKey('keywright/audit/acme', new Uint8Array(32).fill(7));

  expect(await verify(note, stranger)).toMatchObject({ exitCode: 1, out: expect.stringContaining('BAD  signature') });
});

test.each<[string, Json, RegExp]>([
  [
    'lets a key go that is needed',
    { ...STATEMENT, checks: [{ source: 'data-keys-by-table', found: 3, at: 'x' }] },
    /^BAD +data-keys-by-table +3 found/m,
  ],
  ['schedules a deletion that nobody agreed on', { ...STATEMENT, verdict: 'deletion-scheduled' }, /^BAD +approval/m],
  [
    'names one person twice',
    {
      ...STATEMENT,
      verdict: 'deletion-scheduled',
      approvals: [{ ...AGREED, approvedBy: ALICE }],
    },
    /^BAD +approval/m,
  ],
  [
    'names two people who agreed on another certificate',
    { ...STATEMENT, verdict: 'deletion-scheduled', approvals: [{ ...AGREED, certificateHash: 'cd'.repeat(32) }] },
    /^BAD +approval/m,
  ],
  [
    'names two people who agreed on another step',
    { ...STATEMENT, verdict: 'deletion-scheduled', approvals: [{ ...AGREED, step: 'disable' }] },
    /^BAD +approval/m,
  ],
])('a statement that %s does not hold, whoever signed it', async (_, statement, line) => {
  const { out, exitCode } = await verify(await signed(statement), await publicKey());

  expect(out).toMatch(line);
  expect(exitCode).toBe(1);
});

test('two people who agreed on the certificate before it are believed', async () => {
  const statement = { ...STATEMENT, verdict: 'deletion-scheduled', approvals: [AGREED] };

  expect(await verify(await signed(statement), await publicKey())).toMatchObject({ exitCode: 0 });
});

test('a certificate of another key than the one that is meant does not hold for it', async () => {
  const note = await signed(STATEMENT);

  const [same, other] = [
    await verify(note, await publicKey(), '--kms-key', OLD),
    await verify(note, await publicKey(), '--kms-key', `${OLD}0`),
  ];

  expect([same.exitCode, other.exitCode]).toEqual([0, 1]);
  expect(other.out).toMatch(/^BAD +key +it is about/m);
});

test('that a key is needed may be certified, with what needs it', async () => {
  const needed = { ...STATEMENT, verdict: 'needed', checks: [{ source: 'backups', found: 2, at: 'now' }] };

  const { out, exitCode } = await verify(await signed(needed), await publicKey());

  expect([exitCode, out]).toEqual([0, expect.stringMatching(/^ok +backups +2 found/m)]);
});

test('what is no certificate of the format, though signed, does not hold', async () => {
  const twoTimes = await signNote(
    `${CERTIFICATE_NAME}\n{"verdict":"needed",${canonicalJson(STATEMENT).slice(1)}\n`,
    CERTIFICATE_NAME,
    aSigner(),
  );

  expect(await verify(twoTimes, await publicKey())).toMatchObject({ exitCode: 1 });
});

test.each([
  ['a public key that was cut', async () => (await publicKey()).slice(0, -5)],
  ['a file that is not there', async () => '/no/such/file.pub'],
])('with %s nothing was looked at: exit code 2, and one line', async (_, key) => {
  const { out, err, exitCode } = await verify('anything', await key());

  expect([out, exitCode, err.trim().split('\n').length]).toEqual(['', 2, 1]);
});

test('a certificate that is not there is named', async () => {
  const missing = await commandLine(['retire', 'verify', join(folder, 'none'), '--key', await publicKey()]);

  expect(missing).toMatchObject({ exitCode: 2, err: expect.stringContaining('none') });
});

test('what is no file is refused by its path, as certificate and as key', async () => {
  const key = await publicKey();
  writeFileSync(join(folder, 'key.cert'), 'anything');

  for (const [file, keyFile] of [
    ['/dev/zero', key],
    [folder, key],
    [join(folder, 'key.cert'), folder],
  ] as const) {
    const { err, exitCode } = await commandLine(['retire', 'verify', file, '--key', keyFile]);
    expect(err).toMatch(/^\S+ is (a device|a folder), not a file\. Name a file\.\n$/);
    expect(exitCode).toBe(2);
  }
});

test('a certificate that a terminal would obey is shown', async () => {
  const said = { ...STATEMENT, kmsKeyArn: 'arn\u001b[2J\nok   signature', checks: [] };

  const { out } = await verify(await signed(said), await publicKey());

  expect(out).toContain('arn\\u{1b}[2J\\u{a}ok');
});
