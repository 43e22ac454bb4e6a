import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { folderReader } from 'keywright-verify/folder';
import { verifyLog } from 'keywright-verify/log';
import { readVerifierKey } from 'keywright-verify/note';
import { openFolderAuditLog } from '../../../shared/adapters/folder-audit-log';
import { originOf } from '../../../shared/domain/audit/log/checkpoint';
import { verifierKey } from '../../../shared/domain/audit/log/signed-note';
import { aSigner } from '../../support/memory-audit';
import { readEntries } from '../../support/read-entries';

const folders: string[] = [];
function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'audit-log-'));
  folders.push(folder);
  return folder;
}
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

const origin = originOf('acme');
const open = (folder: string) => openFolderAuditLog(folder, { origin, signer: aSigner(), isOurs: () => true });
const entryOf = (index: number, padding = 0): Uint8Array =>
  Buffer.from(JSON.stringify({ v: 1, eventId: `event-${index}`, customerId: 'acme', padding: 'x'.repeat(padding) }));

async function report(folder: string) {
  const key = readVerifierKey(verifierKey(origin, await aSigner().publicKey()));
  return verifyLog(folderReader(folder), key);
}

async function eventsIn(folder: string): Promise<readonly string[]> {
  const { findings, size } = await report(folder);
  expect(findings).toEqual([]);
  const events: string[] = [];
  for await (const entry of readEntries(folderReader(folder), size ?? 0)) {
    events.push(JSON.parse(Buffer.from(entry).toString()).eventId);
  }
  return events;
}

/** Every file, with its bytes and when it was written. */
function snapshot(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [path, `${statSync(path).mtimeMs} ${readFileSync(path, 'base64')}`];
    }),
  );
}

test('runs that die at any moment, and runs that end, leave the log as its last checkpoint says', async () => {
  const run = fc.record({ entries: fc.nat(300), checkpoints: fc.nat(3), dies: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(run, { minLength: 1, maxLength: 5 }), async (runs) => {
      const folder = aFolder();
      let signed = 0;
      for (const { entries, checkpoints, dies } of runs) {
        const log = await open(folder);
        expect(log.size()).toBe(signed);
        expect([...log.entries()]).toHaveLength(signed);
        for (let done = 0; done < entries; done++) {
          log.append(entryOf(log.size(), (done % 5) * 500));
          if (done % 90 === checkpoints) signed = (await log.checkpoint()).size;
        }
        if (!dies) signed = (await log.checkpoint()).size;
      }
      if (signed > 0) expect(await eventsIn(folder)).toEqual(Array.from({ length: signed }, (_, at) => `event-${at}`));
    }),
    { numRuns: 40 },
  );
}, 60_000);

test('a run that adds nothing writes nothing', async () => {
  const folder = aFolder();
  const log = await open(folder);
  for (let index = 0; index < 300; index++) log.append(entryOf(index));
  await log.checkpoint();
  const before = snapshot(folder);

  await (await open(folder)).checkpoint();

  expect(snapshot(folder)).toEqual(before);
});

test('entries larger than what is held in memory are all there', async () => {
  const folder = aFolder();
  const log = await open(folder);
  for (let index = 0; index < 10; index++) log.append(entryOf(index, 60_000));
  await log.checkpoint();

  expect(await eventsIn(folder)).toHaveLength(10);
});

test('a log without entries is signed too', async () => {
  const folder = aFolder();
  await (await open(folder)).checkpoint();

  expect(await report(folder)).toMatchObject({ ok: true, size: 0 });
});

test('nothing but the files of the format is left when the log is signed', async () => {
  const folder = aFolder();
  const log = await open(folder);
  for (let index = 0; index < 257; index++) log.append(entryOf(index));
  await log.checkpoint();

  const names = Object.keys(snapshot(folder)).map((path) => path.slice(folder.length + 1));
  expect(names.sort()).toEqual(
    ['checkpoint', 'tile/0/000', 'tile/0/001.p/1', 'tile/1/000.p/1', 'tile/entries/000', 'tile/entries/001.p/1'].sort(),
  );
});

test.each([
  ['another name', { origin: originOf('globex'), signer: aSigner() }],
  ['another signer', { origin, signer: aSigner(2) }],
])('a log of %s is not gone on with', async (_what, other) => {
  const folder = aFolder();
  await (await open(folder)).checkpoint();

  await expect(openFolderAuditLog(folder, { ...other, isOurs: () => true })).rejects.toMatchObject({
    code: 'input.invalid',
  });
});

test('a log whose tiles were changed is not gone on with', async () => {
  const folder = aFolder();
  const log = await open(folder);
  log.append(entryOf(0));
  await log.checkpoint();
  writeFileSync(join(folder, 'tile/0/000.p/1'), Buffer.alloc(32));

  await expect(open(folder)).rejects.toMatchObject({ code: 'audit.contradicted' });
});

test.each([0, 3])('of two that write one log of %i entries, only the first is signed for', async (size) => {
  const folder = aFolder();
  const first = await open(folder);
  for (let index = 0; index < size; index += 1) first.append(entryOf(index));
  await first.checkpoint();
  const second = await open(folder);
  first.append(entryOf(100));
  second.append(entryOf(200));
  await first.checkpoint();
  const signed = readFileSync(join(folder, 'checkpoint'), 'utf8');

  await expect(second.checkpoint()).rejects.toMatchObject({ code: 'audit.contradicted' });
  expect(readFileSync(join(folder, 'checkpoint'), 'utf8')).toBe(signed);
});

test('a log that was begun by two at once is signed by the first alone', async () => {
  const folder = aFolder();
  const [first, second] = [await open(folder), await open(folder)];
  first.append(entryOf(1));
  second.append(entryOf(2));
  await first.checkpoint();

  await expect(second.checkpoint()).rejects.toMatchObject({ code: 'audit.contradicted' });
});

test.each([
  ['before the checkpoint is signed', 0],
  ['while it is signed', 1],
])('a log whose folder was moved %s gets no checkpoint where it was', async (_, asked) => {
  const folder = aFolder();
  let answers = 0;
  const log = await openFolderAuditLog(folder, { origin, signer: aSigner(), isOurs: () => answers++ < asked });
  log.append(entryOf(0));

  await expect(log.checkpoint()).rejects.toMatchObject({ code: 'audit.contradicted' });
  expect(readdirSync(folder)).not.toContain('checkpoint');
});
