import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { aKmsRecord } from '../../support/cloudtrail-records';
import { logOf, type WorkFolder, workFolder } from '../../support/log-files';

const ROOT = resolve(__dirname, '../../..');

let folder: WorkFolder;
beforeEach(() => {
  folder = workFolder();
});
afterEach(() => folder.remove());

/** A command whose output nobody reads, as behind a `head` that has seen enough. */
async function unread(...args: readonly string[]) {
  const child = spawn(process.execPath, ['cli/keywright.mjs', ...args], { cwd: ROOT });
  child.stdout.destroy();
  const [err, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  return { err, code };
}

test.each([
  ['help', ['--help']],
  ['help of one command', ['incidents', '--help']],
])(
  'a command ends without a word when its reader goes: %s',
  async (_, args) => {
    expect(await unread(...args)).toEqual({ err: '', code: 141 });
  },
  120_000,
);

test('a replay ends so with its streams written', async () => {
  const log = folder.file('log.json', logOf([aKmsRecord()]));
  const out = join(folder.path, 'out');

  expect(await unread('replay', log, '--out', out, '--json')).toEqual({ err: '', code: 141 });
  expect(existsSync(join(out, 'summary.json'))).toBe(true);
  expect(existsSync(join(out, '111122223333', 'checkpoint'))).toBe(true);
}, 120_000);
