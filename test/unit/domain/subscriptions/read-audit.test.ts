/** What a customer's principals read of their audit log: their own to the byte, and of any other not even that there is one. */

import { verifyLog } from 'keywright-verify/log';
import { leafHash } from 'keywright-verify/merkle';
import { openCheckpoint, readVerifierKey } from 'keywright-verify/note';
import { verifyConsistency, verifyInclusion } from 'keywright-verify/proofs';
import type { LogReader } from 'keywright-verify/reader';
import { READ_AUDIT_OPERATIONS, readFileAs } from '../../../../shared/domain/api/read-audit';
import { appendAudit } from '../../../../shared/domain/audit/append-audit';
import { originOf } from '../../../../shared/domain/audit/log/checkpoint';
import { verifierKey } from '../../../../shared/domain/audit/log/signed-note';
import { principalName } from '../../../../shared/domain/customers/audit-reader';
import { hasCode } from '../../../../shared/domain/errors';
import type { EntryPage } from '../../../../shared/domain/subscriptions/entry-page';
import { NOW } from '../../../support/make';
import { aSigner, memoryAuditPorts } from '../../../support/memory-audit';
import { memoryControlStore } from '../../../support/memory-control-store';

const ACME = 'arn:aws:sts::444455556666:assumed-role/analyst/ada';
const GLOBEX = 'arn:aws:iam::777788889999:user/bob';
const REMOVED = 'arn:aws:iam::444455556666:user/gone';
const READERS = { [ACME]: 'acme', [GLOBEX]: 'globex' };
const STRANGERS = [
  REMOVED,
  'arn:aws:sts::444455556666:assumed-role/analyst-2/ada',
  'arn:aws:sts::777788889999:assumed-role/analyst/ada',
  'arn:aws:iam::444455556666:root',
  'arn:aws:sts::777788889999:federated-user/bob',
  'arn:aws:iam::777788889999:user/team/bob',
];

const OUTCOMES = ['ok', 'failed'];
const storeOf = (index: number) => (index % 3 === 0 ? 'photos' : 'documents');

/** Logs of 300 entries and of 3. */
async function world() {
  const control = memoryControlStore();
  const row = (principalArn: string, customerId: string) => ({
    principal: principalName(principalArn) ?? '',
    principalArn,
    customerId,
    addedBy: 'ada',
    addedAt: NOW,
    revision: 1,
  });
  control.given('audit-reader', row('arn:aws:iam::444455556666:role/security/analyst', 'acme'));
  control.given('audit-reader', row(GLOBEX, 'globex'));
  control.given('audit-reader', { ...row(REMOVED, 'acme'), removedAt: NOW });
  const audit = memoryAuditPorts();
  const append = (customerId: string, from: number, to: number) =>
    appendAudit(
      {
        customerId,
        entries: Array.from({ length: to - from }, (_, at) => ({
          dedupeKeys: [`${from + at}`],
          json: JSON.stringify({
            v: 1,
            eventId: `${customerId}-${from + at}`,
            customerId,
            at: NOW,
            kind: 'record',
            operation: (from + at) % 2 === 0 ? 'Decrypt' : 'Encrypt',
            outcome: OUTCOMES[(from + at) % 2],
            encryptionContexts: [{ 'keywright:dataStoreId': storeOf(from + at) }],
          }),
        })),
      },
      audit,
    );
  await append('acme', 0, 200);
  await append('globex', 0, 3);
  const ports = { control, objects: audit.objects };
  const ask = async (name: string, input: object, principal = ACME) =>
    READ_AUDIT_OPERATIONS.find((one) => one.name === name)?.run(input, { principal }, ports);
  const page = async (input: object, principal = ACME) => (await ask('list-entries', input, principal)) as EntryPage;
  return { ports, append, ask, page, audit };
}

const keyOf = async (customerId: string) =>
  readVerifierKey(verifierKey(originOf(customerId), await aSigner().publicKey()));

type World = Awaited<ReturnType<typeof world>>;
const ROUTES: readonly (readonly [string, (world: World, principal: string) => Promise<unknown>])[] = [
  ['checkpoint', ({ ports }, principal) => readFileAs('checkpoint', principal, ports)],
  ['tile', ({ ports }, principal) => readFileAs('tile/entries/000.p/3', principal, ports)],
  ['no such file', ({ ports }, principal) => readFileAs('tile/0/999', principal, ports)],
  ['list-entries', ({ ask }, principal) => ask('list-entries', {}, principal)],
  ['prove-inclusion', ({ ask }, principal) => ask('prove-inclusion', { index: 0 }, principal)],
  ['prove-consistency', ({ ask }, principal) => ask('prove-consistency', { from: 1 }, principal)],
];

describe.each(ROUTES)('%s', (_, route) => {
  test.each(Object.entries(READERS))('%s gets nothing that is not of %s', async (principal, customerId) => {
    const other = customerId === 'acme' ? 'globex' : 'acme';
    const answer = await route(await world(), principal).catch((error: unknown) => {
      if (!hasCode(error, 'state.not-found')) throw error;
      return error.message;
    });
    const text = answer instanceof Uint8Array ? Buffer.from(answer).toString() : JSON.stringify(answer);

    expect(text).not.toContain(other);
  });

  test.each(STRANGERS)('%s is refused in the same words, whatever there is', async (principal) => {
    const made = await world();
    const refused = await route(made, principal).catch((error: unknown) => error);

    expect(hasCode(refused, 'identity.refused')).toBe(true);
    expect(String(refused)).toMatch(`${principal} reads no audit log. Ask your provider`);
    expect(String(refused)).not.toMatch(/acme|globex/);
  });
});

test.each(Object.entries(READERS))('%s verifies the log of %s by its files', async (principal, customerId) => {
  const { ports } = await world();
  const reader: LogReader = {
    read: (path) => readFileAs(path, principal, ports).catch(() => undefined),
  };

  expect(await verifyLog(reader, await keyOf(customerId), {})).toMatchObject({ ok: true });
});

test.each(['', '../globex/checkpoint', 'tile/../../globex/checkpoint', 'globex/checkpoint', 'tile/9/000', 'tile/0/1'])(
  'no path leads out of the log: %j',
  async (path) => {
    const { ports, audit } = await world();
    audit.objects.filesOf('acme').set(path, Buffer.from('whatever a bucket makes of such a path'));
    await expect(readFileAs(path, ACME, ports)).rejects.toMatchObject({ code: 'state.not-found' });
  },
);

test('pages by cursor are the log, entry by entry as it is signed, and go on when it has grown', async () => {
  const { page, append, audit } = await world();
  const read: string[] = [];
  let cursor: string | undefined;
  for (let more = true; more; ) {
    const next = await page({ limit: 70, ...(cursor && { cursor }) });
    read.push(...next.entries.map(({ entry }) => entry));
    ({ cursor, more } = next);
  }
  expect(read).toHaveLength(200);
  expect(read[199]).toContain('acme-199');
  const bundle = audit.objects.filesOf('acme').get('tile/entries/000.p/200') ?? new Uint8Array();
  expect(Buffer.from(bundle).includes(read[7] ?? '-')).toBe(true);

  await append('acme', 200, 203);
  const grown = await page({ cursor });
  expect(grown).toMatchObject({ more: false, size: 203, entries: [{ index: 200 }, { index: 201 }, { index: 202 }] });
});

test('filters are those of subscriptions', async () => {
  const { page } = await world();
  const { entries } = await page({ operations: ['Decrypt'], dataStores: ['photos'], outcomes: ['ok'], limit: 1000 });

  expect(entries.map(({ index }) => index)).toEqual(Array.from({ length: 34 }, (_, at) => at * 6));
});

test('a page ends where Lambda’s answer would be too large', async () => {
  const { page, audit } = await world();
  const json = JSON.stringify({ v: 1, customerId: 'acme', text: '"'.repeat(30_000) });
  const entries = Array.from({ length: 45 }, (_, at) => ({ dedupeKeys: [`large-${at}`], json }));
  for (const part of [0, 15, 30])
    await appendAudit({ customerId: 'acme', entries: entries.slice(part, part + 15) }, audit);
  const { cursor } = await page({ limit: 200 });

  const large = await page({ cursor, limit: 1000 });
  expect(large.entries.length).toBeGreaterThan(5);
  expect(Buffer.byteLength(JSON.stringify(JSON.stringify(large)))).toBeLessThan(6 * 1024 * 1024);
  expect(large.more).toBe(true);
});

test.each([
  ['limit', { limit: 0 }],
  ['limit', { limit: 1001 }],
  ['limit', { limit: 1.5 }],
  ['operations', { operations: [] }],
  ['outcomes.0', { outcomes: ['maybe'] }],
  ['cursor', { cursor: 'x' }],
  ['cursor', { cursor: Buffer.from('1.0.0000000000000000').toString('base64url') }],
  ['cursor', { cursor: Buffer.from('1.999999.0000000000000000').toString('base64url') }],
  ['customerId', { customerId: 'globex' }],
])('%s is named where it makes no sense: %j', async (field, input) => {
  const { page } = await world();
  await expect(page(input)).rejects.toMatchObject({ code: 'input.invalid', details: { field } });
});

test('a cursor of another log or another filter is none of this', async () => {
  const { page } = await world();
  const { cursor } = await page({ limit: 1 }, GLOBEX);
  await expect(page({ cursor })).rejects.toMatchObject({ details: { field: 'cursor' } });
  await expect(page({ cursor, outcomes: ['ok'] }, GLOBEX)).rejects.toMatchObject({ details: { field: 'cursor' } });
});

test('proofs are those of the format, and are refused where there is nothing to prove', async () => {
  const { ask, audit, append } = await world();
  const key = await keyOf('acme');
  const before = openCheckpoint(audit.objects.filesOf('acme').get('checkpoint') ?? new Uint8Array(), key);
  await append('acme', 200, 300);
  type Proof = { readonly proof: string[]; readonly checkpoint: string; readonly entry: string };
  const hashes = ({ proof }: Proof) => proof.map((hash) => Buffer.from(hash, 'base64'));
  const inclusion = (await ask('prove-inclusion', { index: 257 })) as Proof;
  const consistency = (await ask('prove-consistency', { from: 200 })) as Proof;
  const now = openCheckpoint(Buffer.from(inclusion.checkpoint), key);

  expect(now.size).toBe(300);
  // A partial tile may go once the full one is there.
  const files = audit.objects.filesOf('acme');
  files.set('tile/0/001', Buffer.concat([files.get('tile/0/001.p/44') ?? new Uint8Array()], 256 * 32));
  files.delete('tile/0/001.p/44');
  expect(await ask('prove-inclusion', { index: 257 })).toEqual(inclusion);
  const leaf = { index: 257, hash: leafHash(Buffer.from(inclusion.entry)) };
  expect(verifyInclusion(leaf, now, hashes(inclusion))).toBe(true);
  expect(verifyConsistency(before, now, hashes(consistency))).toBe(true);
  for (const index of [-1, 300]) {
    await expect(ask('prove-inclusion', { index })).rejects.toMatchObject({ details: { field: 'index' } });
  }
  for (const from of [0, 301]) {
    await expect(ask('prove-consistency', { from })).rejects.toMatchObject({ details: { field: 'from' } });
  }
});

test('a proof is of the checkpoint that comes with it, also where the log grows meanwhile', async () => {
  const { ports, audit, append } = await world();
  const key = await keyOf('acme');
  let left = 1;
  const growing: typeof ports.objects = {
    ...audit.objects,
    async read(customerId, path) {
      const file = await audit.objects.read(customerId, path);
      if (path === 'checkpoint' && left-- === 1) await append('acme', 200, 300);
      return file;
    },
  };
  const prove = READ_AUDIT_OPERATIONS.find(({ name }) => name === 'prove-inclusion');
  const answer = (await prove?.run({ index: 7 }, { principal: ACME }, { ...ports, objects: growing })) as {
    readonly proof: string[];
    readonly checkpoint: string;
    readonly entry: string;
  };

  const leaf = { index: 7, hash: leafHash(Buffer.from(answer.entry)) };
  const hashes = answer.proof.map((hash) => Buffer.from(hash, 'base64'));
  expect(verifyInclusion(leaf, openCheckpoint(Buffer.from(answer.checkpoint), key), hashes)).toBe(true);
});
