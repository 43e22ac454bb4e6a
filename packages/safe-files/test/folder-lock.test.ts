import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { buildSync } from 'esbuild';
import { takeFolder } from '../folder-lock';

const scratch = mkdtempSync(join(tmpdir(), 'folder-lock-'));
const script = join(scratch, 'take.mjs');
const children: ChildProcess[] = [];

beforeAll(() => {
  const source = resolve(__dirname, '../folder-lock.ts');
  const code = `import { takeFolder } from ${JSON.stringify(source)};
    takeFolder(process.argv[2]).then(
      () => { console.log('has it'); setInterval(() => {}, 1000); },
      (error) => { console.log(error.message); process.exitCode = 2; });`;
  buildSync({
    stdin: { contents: code, resolveDir: scratch },
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'esm',
  });
});
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(scratch, { recursive: true });
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(scratch, 'folder-'));
});

/** A process that wants the folder, and the first that it says. */
async function claimant(
  where = folder,
  env: NodeJS.ProcessEnv = process.env,
): Promise<{ readonly child: ChildProcess; readonly said: string }> {
  const child = spawn(process.execPath, [script, where], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const [said] = await once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), 'line');
  return { child, said: String(said) };
}

async function killed(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

test('a folder that another process has is refused in one sentence that names the process, and the way out', async () => {
  const { child, said } = await claimant();

  expect(said).toBe('has it');
  await expect(takeFolder(folder)).rejects.toThrow(
    new RegExp(`in use by process ${child.pid}\\. End it, or choose another folder`),
  );
  await killed(child);
});

test('a folder is taken under each of its names', async () => {
  const { giveBack } = await takeFolder(folder);
  symlinkSync(folder, `${folder}-link`);

  await expect(takeFolder(`${folder}-link`)).rejects.toThrow('in use by');
  giveBack();
});

test('a folder in the place of a name keeps nobody out', async () => {
  mkdirSync(join(folder, '.in-use-by-1-1'));

  (await takeFolder(folder)).giveBack();
  expect(readdirSync(folder)).toEqual([]);
});

test('a process that is halted still has its folder', async () => {
  const { child } = await claimant();
  child.kill('SIGSTOP');

  await expect(takeFolder(folder)).rejects.toThrow(/in use by/);
  await killed(child);
});

test('what a killed process left behind keeps nobody out, not even under the id of a process that runs', async () => {
  await killed((await claimant()).child);
  const [left = ''] = readdirSync(folder);
  expect(left).toMatch(/^\.in-use-by-/);
  writeFileSync(join(folder, left.replace(/\d+$/, String(process.ppid))), '');

  const { giveBack } = await takeFolder(folder);

  expect(readdirSync(folder)).toEqual([expect.stringMatching(`-${process.pid}$`)]);
  giveBack();
});

test('of many that come at once, over what killed ones left behind, exactly one has the folder', async () => {
  for (let round = 0; round < 3; round += 1) {
    const all = await Promise.all(Array.from({ length: 12 }, () => claimant()));

    const having = all.filter(({ said }) => said === 'has it');
    const refused = all.filter(({ said }) => / is in use by process \d+\./.test(said));
    expect([having.length, refused.length]).toEqual([1, 11]);
    for (const { child } of having) await killed(child);
  }
}, 60_000);

test('one that leaves just as it is asked keeps nobody out', async () => {
  const rival = createServer().listen(join(folder, '.in-use-by-1-1'));
  await once(rival, 'listening');

  // The turn of the loop that answers this has no more to accept: the rival closes before it sees who asked.
  await stat(folder);
  const taken = takeFolder(folder);
  setImmediate(() => rival.close());

  (await taken).giveBack();
  expect(readdirSync(folder)).toEqual([]);
});

test('a folder whose path is longer than a socket may be named is locked as well', async () => {
  const deep = join(folder, 'd'.repeat(120), 'e'.repeat(120));
  mkdirSync(deep, { recursive: true });
  const { child, said } = await claimant(deep);

  expect(said).toBe('has it');
  await expect(takeFolder(deep)).rejects.toThrow(`in use by process ${child.pid}`);
  await killed(child);
  (await takeFolder(deep)).giveBack();
});

test('a folder that was given back is free, and nothing is left in it', async () => {
  (await takeFolder(folder)).giveBack();

  expect(readdirSync(folder)).toEqual([]);
  (await takeFolder(folder)).giveBack();
});

test('a folder that was moved is no longer ours by its path, not even when another took its place', async () => {
  const { giveBack, isStillOurs } = await takeFolder(folder);
  expect(isStillOurs()).toBe(true);

  renameSync(folder, `${folder}-moved`);
  expect(isStillOurs()).toBe(false);
  mkdirSync(folder);
  const [own = ''] = readdirSync(`${folder}-moved`);
  writeFileSync(join(folder, own), '');
  expect(isStillOurs()).toBe(false);
  giveBack();
});

test('where the place for temporary files has a long path as well, another one serves', async () => {
  const deep = join(folder, 'd'.repeat(120));
  const env = { ...process.env, TMPDIR: join(folder, 't'.repeat(120)) };
  mkdirSync(env.TMPDIR);
  const { child, said } = await claimant(deep, env);

  expect(said).toBe('has it');
  expect((await claimant(deep, env)).said).toContain(`in use by process ${child.pid}`);
  expect(readdirSync(deep)).toHaveLength(1);
  await killed(child);
});

test('a lock that may not be asked keeps one out with the name of the file to remove', async () => {
  const file = join(folder, '.in-use-by-1-1');
  symlinkSync(file, file);

  await expect(takeFolder(folder)).rejects.toThrow(`${file} is of another user`);
  expect(readdirSync(folder)).toEqual(['.in-use-by-1-1']);
});
