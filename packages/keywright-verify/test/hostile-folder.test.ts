/** Folders that somebody prepared to make a verifier hang, fill its memory, or believe what is not so. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildSync } from 'esbuild';
import fc from 'fast-check';
import { openFolderAuditLog } from '../../../shared/adapters/folder-audit-log';
import { originOf } from '../../../shared/domain/audit/log/checkpoint';
import { verifierKey } from '../../../shared/domain/audit/log/signed-note';
import { aSigner } from '../../../test/support/memory-audit';
import { folderReader } from '../folder';
import { verifyLog } from '../log';
import { readVerifierKey } from '../note';

const SIZE = 300;
const BUNDLE = 'tile/entries/000';
const PARTIAL = 'tile/entries/001.p/44';
const TILE = 'tile/0/000';
const FILES = ['checkpoint', BUNDLE, PARTIAL, TILE, 'tile/0/001.p/44', 'tile/1/000.p/1'] as const;
/** A bundle of 60 MB of zeros reads as 30 million empty entries. */
const ZEROS = 60e6;
const HALF_A_GIGABYTE = 0.6e9;

const scratch = mkdtempSync(join(tmpdir(), 'hostile-'));
const sound = join(scratch, 'sound');
let publicKey: string;

beforeAll(async () => {
  const signer = aSigner();
  publicKey = verifierKey(originOf('acme'), await signer.publicKey());
  const log = await openFolderAuditLog(sound, { origin: originOf('acme'), signer, isOurs: () => true });
  for (let at = 0; at < SIZE; at += 1) log.append(Buffer.from(`{"v":1,"eventId":"event-${at}","customerId":"acme"}`));
  await log.checkpoint();
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

let next = 0;
function aCopy(): string {
  const folder = join(scratch, `copy-${next++}`);
  cpSync(sound, folder, { recursive: true });
  return folder;
}

const verified = (folder: string) => verifyLog(folderReader(folder), readVerifierKey(publicKey));

/** What may lie where a file should be. A file that is larger than it looks on disk is as good as a large one. */
const IN_PLACE: Readonly<Record<string, (path: string) => void>> = {
  'a named pipe': (path) => void execFileSync('mkfifo', [path]),
  'a device without an end': (path) => symlinkSync('/dev/zero', path),
  'a terminal': (path) => symlinkSync('/dev/tty', path),
  'a folder': (path) => mkdirSync(path),
  'a link to itself': (path) => symlinkSync(path, path),
  'a link to nothing': (path) => symlinkSync('/nowhere', path),
  'a link to a folder': (path) => symlinkSync('/', path),
  'an empty file': (path) => writeFileSync(path, ''),
  'half a gigabyte': (path) => {
    writeFileSync(path, '');
    truncateSync(path, HALF_A_GIGABYTE);
  },
};

test('a sound log is sound, also when each of its files is a link to the file', async () => {
  const folder = aCopy();
  for (const file of FILES) {
    rmSync(join(folder, file));
    symlinkSync(join(sound, file), join(folder, file));
  }

  expect(await verified(folder)).toMatchObject({ ok: true, findings: [] });
});

test.each(FILES.flatMap((file) => Object.keys(IN_PLACE).map((what) => [file, what] as const)))(
  'in place of %s, %s is found without waiting for it, and the file is named',
  async (file, what) => {
    const folder = aCopy();
    rmSync(join(folder, file));
    IN_PLACE[what]?.(join(folder, file));

    const { ok, findings } = await verified(folder);

    expect(ok).toBe(false);
    const isOddity = !['a link to nothing', 'an empty file'].includes(what);
    if (isOddity && !file.startsWith('tile/0') && !file.startsWith('tile/1')) {
      const index = file === PARTIAL ? 256 : 0;
      expect(findings).toEqual([{ code: 'file-refused', index, message: expect.stringContaining(file) }]);
    }
  },
);

test('in place of a file, a socket is refused', async () => {
  const folder = aCopy();
  rmSync(join(folder, 'checkpoint'));
  const server = createServer().listen(join(folder, 'checkpoint'));
  await new Promise((listening) => server.once('listening', listening));

  expect((await verified(folder)).findings).toEqual([
    { code: 'file-refused', index: 0, message: 'checkpoint is no regular file.' },
  ]);
  server.close();
});

test('a file that may not be read is found, not fatal', async () => {
  const folder = aCopy();
  chmodSync(join(folder, BUNDLE), 0);

  const { ok } = await verified(folder);

  // Root may read everything.
  expect(ok).toBe(process.getuid?.() === 0);
});

test('bundles with anything behind their entries are found, however much it is', async () => {
  const folders = fc.record({
    file: fc.constantFrom(BUNDLE, PARTIAL),
    bytes: fc.constantFrom(1, 2, 3, 65_537, 1_000_000, 20e6, ZEROS),
    byte: fc.constantFrom(0, 1, 255),
  });
  await fc.assert(
    fc.asyncProperty(folders, async ({ file, bytes, byte }) => {
      const folder = aCopy();
      appendFileSync(join(folder, file), Buffer.alloc(bytes, byte));
      expect((await verified(folder)).ok).toBe(false);
      rmSync(folder, { recursive: true });
    }),
    { numRuns: 40 },
  );
});

test('60 MB of zeros behind, or in place of, bundles cost neither memory nor time', () => {
  const script = join(scratch, 'verify.mjs');
  const source = (name: string) => JSON.stringify(resolve(__dirname, '..', name));
  const code = `import { folderReader } from ${source('folder.ts')};
    import { verifyLog } from ${source('log.ts')};
    import { readVerifierKey } from ${source('note.ts')};
    const { ok } = await verifyLog(folderReader(process.argv[2]), readVerifierKey(process.argv[3]));
    console.log(JSON.stringify({ ok, megabytes: process.resourceUsage().maxRSS / 1024 }));`;
  buildSync({
    stdin: { contents: code, resolveDir: scratch },
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'esm',
  });

  for (const file of [BUNDLE, PARTIAL, TILE, 'checkpoint']) {
    // Sixteen megabytes are what the largest sound bundle has: more is not read, and of that no more than 256 entries.
    for (const [base, bytes] of [
      [true, ZEROS],
      [true, 16e6],
      [false, 16e6],
    ] as const) {
      const folder = aCopy();
      if (!base) writeFileSync(join(folder, file), '');
      appendFileSync(join(folder, file), Buffer.alloc(bytes));
      // Through a shell: what a process is said to have used at most counts what started it, and Jest's worker is large.
      const call = ['-c', '"$@"; exit $?', 'sh', process.execPath, script, folder, publicKey];
      const { stdout } = spawnSync('sh', call, { timeout: 10_000 });

      const { ok, megabytes } = JSON.parse(String(stdout));
      expect(ok).toBe(false);
      expect(megabytes).toBeLessThan(200);
    }
  }
}, 60_000);
