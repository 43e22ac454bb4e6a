import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifierKey } from '../../../../shared/domain/audit/log/signed-note';
import { exportSla } from '../../../../shared/domain/sla-ledger/export-sla';
import { commandLine } from '../../../support/deployed-product';
import { aCustomer, anArn, after as inMs, NOW } from '../../../support/make';
import { aSigner } from '../../../support/memory-audit';
import { memoryControlStore } from '../../../support/memory-control-store';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'statement-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function statement(): Promise<string> {
  const control = memoryControlStore();
  control.given('customer', aCustomer());
  control.given('sla-interval', {
    incidentId: 'incident-1',
    customerId: 'acme',
    kmsKeyArn: anArn(),
    cause: 'key-disabled',
    party: 'provider',
    lostAt: inMs(-900_000),
    detectedAt: inMs(-900_000),
    stoppedAt: inMs(-600_000),
    servingAt: inMs(-300_000),
    dataStoreCount: 1,
    dataStores: [],
    restsOn: [],
    revision: 1,
  });
  const period = { customerId: 'acme', from: inMs(-86_400_000), to: NOW };
  return (await exportSla(period, { control, signer: aSigner(), clock: { now: () => NOW } })).note;
}

async function verify(note: string, ...options: readonly string[]) {
  const file = join(folder, 'acme.sla');
  writeFileSync(file, note);
  const key = verifierKey('keywright/audit/acme', await aSigner().publicKey());
  return commandLine(['sla', 'verify', file, '--public-key', key, ...options]);
}

test('a statement holds without anything but a public key, and says what it says in 80 columns', async () => {
  const { out, exitCode } = await verify(await statement(), '--customer', 'acme');

  expect(exitCode).toBe(0);
  expect(out).toMatch(/^5 min burnt of 1 min 26 s, 0 s excluded$/m);
  expect(out).toMatch(/^- 5 min burnt: key-disabled \(provider\)/m);
  expect(out).toMatch(/The statement holds\.\n$/);
  for (const line of out.split('\n')) if (!line.startsWith('hash')) expect(line.length).toBeLessThanOrEqual(80);
});

test('one that was tampered with, or is about somebody else, ends with 1 and says what is wrong', async () => {
  const note = await statement();
  const tampered = await verify(note.replace('"burntMs":300000', '"burntMs":100000'));
  const foreign = await verify(note, '--customer', 'globex', '--json');

  expect(tampered).toMatchObject({
    exitCode: 1,
    out: expect.stringMatching(/BAD .*not signed with the key of.*does NOT hold/s),
  });
  expect(foreign.exitCode).toBe(1);
  expect(JSON.parse(foreign.out)).toMatchObject({ ok: false, faults: ['It is about acme.'] });
});

test('what cannot be looked at ends with 2', async () => {
  const missing = await commandLine(['sla', 'verify', join(folder, 'none'), '--public-key', 'x']);
  const wrongKey = await commandLine(['sla', 'verify', __filename, '--public-key', 'no-key']);

  expect([missing.exitCode, wrongKey.exitCode]).toEqual([2, 2]);
  expect(wrongKey.err).toMatch(/public key/);
  expect(readFileSync(__filename, 'utf8')).toContain('no-key');
});

test.each([
  [['--from', '2026-13-01', '--to', '2026-11-01'], /must be a day/],
  [['--from', '2026-02-30', '--to', '2026-11-01'], /must be a day/],
  [['--from', 'October', '--to', '2026-11-01'], /must be a day/],
])('a period that is none is refused before anybody is asked: %j', async (words, way) => {
  const { exitCode, err } = await commandLine(['sla', 'export', 'acme', ...words]);

  expect(exitCode).toBe(2);
  expect(err).toMatch(way);
});
