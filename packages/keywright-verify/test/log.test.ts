import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFolderAuditLog } from '../../../shared/adapters/folder-audit-log';
import { appendAudit } from '../../../shared/domain/audit/append-audit';
import { originOf, signCheckpoint } from '../../../shared/domain/audit/log/checkpoint';
import { bundleOf, entriesOf } from '../../../shared/domain/audit/log/layout';
import { verifierKey } from '../../../shared/domain/audit/log/signed-note';
import { aSigner, entriesFor, memoryAuditPorts, readerOf } from '../../../test/support/memory-audit';
import { folderReader } from '../folder';
import { verifyLog } from '../log';
import { readVerifierKey } from '../note';

const CUSTOMER = 'acme';
type Files = Map<string, Uint8Array>;

async function keyOf(customerId = CUSTOMER, seed = 1) {
  return readVerifierKey(verifierKey(originOf(customerId), await aSigner(seed).publicKey()));
}

/** A log that grew in these steps, and the checkpoint it had after each. */
async function aLog(steps: readonly number[], customerId = CUSTOMER, word = 'event') {
  const ports = memoryAuditPorts();
  const saved: string[] = [];
  let next = 0;
  for (const count of steps) {
    const ids = Array.from({ length: count }, () => `${word}-${next++}`);
    await appendAudit(entriesFor(customerId, ids), ports);
    saved.push(Buffer.from(ports.objects.filesOf(customerId).get('checkpoint') ?? '').toString());
  }
  return { files: ports.objects.filesOf(customerId), saved };
}

const verified = async (files: Files, saved: readonly string[] = []) =>
  verifyLog(readerOf(files), await keyOf(), { saved });

/** Changes the entries of a bundle, as somebody who knows the format would. */
function rewrite(files: Files, path: string, change: (entries: Uint8Array[]) => Uint8Array[]): void {
  files.set(path, bundleOf(change(entriesOf(files.get(path) ?? new Uint8Array()))));
}

test('an intact log is found to be so, with all its earlier checkpoints', async () => {
  const { files, saved } = await aLog([1, 254, 1, 1, 300]);

  const report = await verified(files, saved);

  expect(report).toMatchObject({ ok: true, origin: 'keywright/audit/acme', size: 557, findings: [] });
});

test('a log without entries is intact', async () => {
  const files: Files = new Map();
  const empty = {
    origin: originOf(CUSTOMER),
    size: 0,
    rootHash: Buffer.from('47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=', 'base64'),
  };
  files.set('checkpoint', Buffer.from(await signCheckpoint(empty, aSigner())));

  expect((await verified(files)).ok).toBe(true);
});

const FULL = 'tile/entries/000';

test.each([
  ['a changed entry', 7, (entries: Uint8Array[]) => entries.with(7, Buffer.from('{"customerId":"acme"}'))],
  ['a removed entry', 7, (entries: Uint8Array[]) => entries.toSpliced(7, 1)],
  ['an inserted entry', 7, (entries: Uint8Array[]) => entries.toSpliced(7, 0, Buffer.from('{"customerId":"acme"}'))],
  ["two entries in each other's place", 7, (entries: Uint8Array[]) => swapped(entries, 7, 9)],
  ['a removed last entry of a bundle', 255, (entries: Uint8Array[]) => entries.slice(0, 255)],
  [
    'an entry added to a full bundle',
    256,
    (entries: Uint8Array[]) => [...entries, Buffer.from('{"customerId":"acme"}')],
  ],
])('%s is found, and the first bad entry named', async (_what, index, change) => {
  const { files } = await aLog([300]);
  rewrite(files, FULL, change);

  const report = await verified(files);

  expect(report.findings).toEqual([expect.objectContaining({ index })]);
});

function swapped(entries: readonly Uint8Array[], one: number, other: number): Uint8Array[] {
  const [first, second] = [entries[one], entries[other]];
  return first && second ? entries.with(one, second).with(other, first) : [...entries];
}

test('a missing bundle is found by its first entry', async () => {
  const { files } = await aLog([600]);
  files.delete('tile/entries/001');

  expect((await verified(files)).findings).toEqual([
    { code: 'entries-missing', index: 256, message: 'Entry 256 is missing.' },
  ]);
});

test('a changed entry is found with the exact index even where another tile is gone', async () => {
  const { files } = await aLog([600]);
  files.delete('tile/0/000');
  rewrite(files, 'tile/entries/001', (entries) => entries.with(3, Buffer.from('{"customerId":"acme"}')));

  expect((await verified(files)).findings).toEqual([expect.objectContaining({ code: 'entries-changed', index: 259 })]);
});

test('an entry changed together with its tile is found within the bundle', async () => {
  const { files, saved } = await aLog([256, 344]);
  const other = await aLog([600], CUSTOMER, 'other');
  for (const path of ['tile/entries/001', 'tile/0/001']) files.set(path, other.files.get(path) ?? new Uint8Array());

  const [finding] = (await verified(files, saved)).findings;

  expect(finding).toMatchObject({ code: 'entries-changed', index: 256 });
  expect(finding?.message).toMatch(/or one of the 256 from there on/);
});

test('a log rebuilt to its top under an old checkpoint is found, from the last saved checkpoint on', async () => {
  const { files, saved } = await aLog([100, 50]);
  const other = await aLog([100, 50]);
  const forged = await forgedFrom(other.files, 120);
  forged.set('checkpoint', files.get('checkpoint') ?? new Uint8Array());

  const [finding] = (await verified(forged, saved.slice(0, 1))).findings;

  expect(finding).toMatchObject({ code: 'entries-changed', index: 100 });
  expect(finding?.message).toMatch(/or later/);
});

/** The same log, rebuilt in full with another entry at one index. */
async function forgedFrom(files: Files, index: number): Promise<Files> {
  const ports = memoryAuditPorts();
  const path = [...files.keys()].filter((name) => name.startsWith('tile/entries/')).at(-1) ?? '';
  const entries = entriesOf(files.get(path) ?? new Uint8Array()).map((entry, at) => ({
    dedupeKeys: [`event-${at}`],
    json: at === index ? '{"customerId":"acme","forged":true}' : Buffer.from(entry).toString(),
  }));
  await appendAudit({ customerId: CUSTOMER, entries }, ports);
  return ports.objects.filesOf(CUSTOMER);
}

test('a damaged tile is told from a changed entry', async () => {
  const { files } = await aLog([300]);
  files.get('tile/1/000.p/1')?.set([1, 2, 3]);

  expect((await verified(files)).findings.map(({ code }) => code)).toEqual(['tile-damaged']);
});

test('a missing tile is found though every entry is there', async () => {
  const { files } = await aLog([300]);
  files.delete('tile/0/000');

  expect((await verified(files)).findings.map(({ code }) => code)).toEqual(['tile-missing']);
});

test('a log that was rolled back to an earlier state of its own is found by a saved checkpoint', async () => {
  const { files: before } = await aLog([10]);
  const { saved } = await aLog([10, 5]);

  expect((await verified(before)).ok).toBe(true);
  expect((await verified(before, saved)).findings).toEqual([
    expect.objectContaining({ code: 'rolled-back', index: 10 }),
  ]);
});

test('two histories of one log are found by a checkpoint saved of the other', async () => {
  const { saved } = await aLog([10, 5]);
  const { files } = await aLog([10, 20], CUSTOMER, 'other');

  expect((await verified(files, saved)).findings).toEqual([expect.objectContaining({ code: 'forked', index: 0 })]);
});

test('two histories that part late are found to part after the last checkpoint they share', async () => {
  const shared = await aLog([10, 5, 5]);
  const ports = memoryAuditPorts();
  await appendAudit(
    entriesFor(
      CUSTOMER,
      Array.from({ length: 10 }, (_, at) => `event-${at}`),
    ),
    ports,
  );
  await appendAudit(
    entriesFor(
      CUSTOMER,
      Array.from({ length: 20 }, (_, at) => `other-${at}`),
    ),
    ports,
  );

  const { findings } = await verified(ports.objects.filesOf(CUSTOMER), shared.saved);

  expect(findings).toEqual([expect.objectContaining({ code: 'forked', index: 10 })]);
});

test('two signed checkpoints of one size with different roots are a fork, whatever the entries say', async () => {
  const { files, saved } = await aLog([10]);
  const other = await aLog([10], CUSTOMER, 'other');

  expect((await verified(files, [...saved, ...other.saved])).findings.map(({ code }) => code)).toEqual(['forked']);
});

test("another customer's entry in the log is found, though it was appended and signed like any other", async () => {
  const ports = memoryAuditPorts();
  const { entries } = entriesFor('globex', ['foreign']);
  await appendAudit(entriesFor(CUSTOMER, ['own']), ports);
  await appendAudit({ customerId: CUSTOMER, entries }, ports);

  expect((await verified(ports.objects.filesOf(CUSTOMER))).findings).toEqual([
    expect.objectContaining({ code: 'foreign-entry', index: 1 }),
  ]);
});

const ENTRY = { v: 1, eventId: 'event-1', customerId: CUSTOMER };

test.each([
  ['the customer twice', '{"v":1,"eventId":"e","customerId":"acme","customerId":"globex"}'],
  ['the customer twice, the other first', '{"v":1,"eventId":"e","customerId":"globex","customerId":"acme"}'],
  ['the customer twice, once escaped', '{"v":1,"eventId":"e","customerId":"acme","custom\\u0065rId":"globex"}'],
  ['the customer again behind the record', '{"v":1,"customerId":"acme","record":{"a":[{}]},"customerId":"globex"}'],
  ['another member twice', '{"v":1,"eventId":"e","customerId":"acme","at":"1","at":"2"}'],
  ['the prototype twice', '{"customerId":"acme","__proto__":{},"__proto__":{"customerId":"globex"}}'],
  ['something behind the object', `${JSON.stringify(ENTRY)}{}`],
  ['a space behind the object', `${JSON.stringify(ENTRY)} `],
  ['something before the object', ` ${JSON.stringify(ENTRY)}`],
  ['a line break', JSON.stringify(ENTRY, null, 1)],
  ['a carriage return', JSON.stringify(ENTRY).replace(',', ',\r')],
  ['a byte order mark', `\ufeff${JSON.stringify(ENTRY)}`],
  ['no end', JSON.stringify(ENTRY).slice(0, -1)],
  ['a string without an end', '{"customerId":"acme","x":"'],
  ['a list', '["customerId","acme"]'],
  ['no JSON', '{"customerId":"acme",x}'],
  ['no JSON within a member', '{"customerId":"acme","record":{this is none}}'],
  ['a number within a member that is none', '{"customerId":"acme","record":{"x":[01]}}'],
  ['brackets that cross within a member', '{"customerId":"acme","record":{[}]}'],
  ['what closes a member too early', '{"a":{[},"customerId":"globex",{]},"customerId":"acme"}'],
  ['depth without an end', `{"customerId":"acme","x":${'['.repeat(60_000)}}`],
  ['nothing', ''],
])('an entry with %s is malformed, though all of it was signed', async (_what, json) => {
  const ports = memoryAuditPorts();
  await appendAudit(entriesFor(CUSTOMER, ['own']), ports);
  await appendAudit({ customerId: CUSTOMER, entries: [{ dedupeKeys: ['other'], json }] }, ports);

  expect((await verified(ports.objects.filesOf(CUSTOMER))).findings).toEqual([
    expect.objectContaining({ code: 'entry-malformed', index: 1 }),
  ]);
});

test('an entry that is nested as deep as an entry can be is read', async () => {
  const ports = memoryAuditPorts();
  const json = `{"eventId":"deep","customerId":"${CUSTOMER}","x":${'['.repeat(32_000)}${']'.repeat(32_000)}}`;
  await appendAudit({ customerId: CUSTOMER, entries: [{ dedupeKeys: ['deep'], json }] }, ports);

  expect((await verified(ports.objects.filesOf(CUSTOMER))).findings).toEqual([]);
});

test('an entry that is no UTF-8 is malformed, though all of it was signed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'verify-'));
  const log = await openFolderAuditLog(folder, { origin: originOf(CUSTOMER), signer: aSigner(), isOurs: () => true });
  const json = JSON.stringify({ ...ENTRY, record: { note: 'x' } });
  log.append(Buffer.from(json.replace('"x"', '"\u00ff"'), 'latin1'));
  await log.checkpoint();

  expect((await verifyLog(folderReader(folder), await keyOf())).findings).toEqual([
    expect.objectContaining({ code: 'entry-malformed', index: 0 }),
  ]);
  rmSync(folder, { recursive: true });
});

test.each([
  ['nobody', '{"v":1}'],
  ['a customer by way of the prototype', '{"__proto__":{"customerId":"acme"}}'],
  ['a list in place of a customer', '{"customerId":["acme"]}'],
])('an entry of %s is foreign', async (_what, json) => {
  const ports = memoryAuditPorts();
  await appendAudit({ customerId: CUSTOMER, entries: [{ dedupeKeys: ['other'], json }] }, ports);

  expect((await verified(ports.objects.filesOf(CUSTOMER))).findings).toEqual([
    expect.objectContaining({ code: 'foreign-entry', index: 0 }),
  ]);
});

test.each([
  ['the name of the customer in a record', { record: { customerId: 'globex', deeper: [{ customerId: 1 }] } }],
  ['braces, quotes and commas in its strings', { at: '}],"\\,{', record: { note: '\\"}' } }],
  ['letters of many bytes', { at: 'ü, 鍵, \u{1f511}' }],
])('an entry with %s is sound', async (_what, more) => {
  const ports = memoryAuditPorts();
  const json = JSON.stringify({ ...ENTRY, ...more });
  await appendAudit({ customerId: CUSTOMER, entries: [{ dedupeKeys: ['other'], json }] }, ports);

  expect((await verified(ports.objects.filesOf(CUSTOMER))).findings).toEqual([]);
});

test("another customer's whole log in this log's place is found", async () => {
  const { files } = await aLog([10], 'globex');

  expect((await verified(files)).findings.map(({ code }) => code)).toEqual(['wrong-signer']);
});

test('a checkpoint signed with another key under the same name is found', async () => {
  const { files } = await aLog([10]);

  const report = await verifyLog(readerOf(files), await keyOf(CUSTOMER, 2));

  expect(report.findings.map(({ code }) => code)).toEqual(['wrong-signer']);
});

test('a signature written in another way than the one there is, is no signature', async () => {
  const { files, saved } = await aLog([10]);
  // 68 bytes leave two bits of the last digit unused: other digits decode to the same bytes.
  const [, digit = ''] = /(.)=\n\u2014/.exec(saved[0] ?? '') ?? [];
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const alike = digits.charAt(digits.indexOf(digit) + 1);
  files.set('checkpoint', Buffer.from((saved[0] ?? '').replace(/.=\n\u2014/, `${alike}=\n\u2014`)));

  expect((await verified(files)).findings.map(({ code }) => code)).toEqual(['checkpoint-malformed']);
});

test('a saved checkpoint of another signer proves nothing and is refused', async () => {
  const { files } = await aLog([10]);
  const { saved } = await aLog([10], 'globex');

  expect((await verified(files, saved)).findings.map(({ code }) => code)).toEqual(['saved-checkpoint-refused']);
});

test.each([
  ['no checkpoint', undefined, 'checkpoint-missing'],
  ['an empty checkpoint', '', 'checkpoint-malformed'],
  ['a checkpoint without a signature', 'keywright/audit/acme\n10\nabc\n', 'checkpoint-malformed'],
])('%s is found', async (_what, note, code) => {
  const { files } = await aLog([10]);
  if (note === undefined) files.delete('checkpoint');
  else files.set('checkpoint', Buffer.from(note));

  expect((await verified(files)).findings.map((finding) => finding.code)).toEqual([code]);
});

test('a partial bundle may be gone once the full one is there', async () => {
  const { files, saved } = await aLog([10]);
  const grown = await aLog([10, 290]);
  const older: Files = new Map(grown.files);
  older.set('checkpoint', Buffer.from(saved[0] ?? ''));
  for (const path of files.keys()) if (path.includes('.p/')) older.delete(path);

  expect((await verified(older)).ok).toBe(true);
});
