/**
 * Plays the README: the command lines of its blocks, in order, as somebody would type them, in a clone where `npm ci` has
 * run. What stays up is used from another terminal as the README says, and ended with Ctrl-C. Nothing is left behind that
 * git does not ignore. `npm test` is left to whoever calls this.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { argv, exit, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const PATIENCE_MS = 300_000;
/** The line that `npm start` prints for another terminal. */
const FOR_ANOTHER_TERMINAL = /^\s*(\. .*administrator\.env\S*)\s*$/m;

const blocks = [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/```sh\n([\s\S]*?)```/g)];
const commands = blocks
  .flatMap(([, block]) => block.trim().split('\n'))
  .map((line) => line.replace(/\s+#.*$/, '').replace(/^npm ci && /, ''))
  .filter((line) => line !== 'npm test');

/** Ends with the command, or with Ctrl-C once what stays up was used. @returns why it failed, or undefined. */
async function played(command) {
  const child = spawn('bash', ['-c', command], { cwd: root, detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  const patience = setTimeout(() => process.kill(-child.pid, 'SIGKILL'), PATIENCE_MS);
  let said = '';
  let used;
  child.stdout.on('data', (part) => {
    said += part;
    const [, line] = FOR_ANOTHER_TERMINAL.exec(said) ?? [];
    if (line && !used) used = useAndEnd(child.pid, line);
  });
  const [code, signal] = await once(child, 'exit');
  clearTimeout(patience);
  const problem = await used;
  // The shell and npm end by the signal that they were sent, too.
  const isInterrupted = used !== undefined && signal === 'SIGINT';
  if (code !== 0 && !isInterrupted) return `it ended with ${code ?? signal}: ${said.slice(-2_000)}`;
  return problem;
}

async function useAndEnd(pid, line) {
  const other = spawn('bash', ['-c', `${line} && npx keywright keys acme --json`], { cwd: root });
  let out = '';
  other.stdout.on('data', (part) => {
    out += part;
  });
  const [code] = await once(other, 'exit');
  process.kill(-pid, 'SIGINT');
  return code === 0 && out.includes('arn:aws:kms:') ? undefined : `another terminal got ${code}: ${out.slice(-500)}`;
}

let failed = 0;
for (const command of commands) {
  stdout.write(`$ ${command}\n`);
  const problem = await played(command);
  if (problem === undefined) continue;
  failed += 1;
  stdout.write(`  ${problem}\n`);
}
const left = execFileSync('git', ['status', '--porcelain'], { cwd: root, encoding: 'utf8' });
if (left !== '' && !argv.includes('--unclean')) {
  failed += 1;
  stdout.write(`left behind:\n${left}`);
}
stdout.write(`readme: ${commands.length - failed} passed, ${failed} failed\n`);
exit(failed === 0 && commands.length >= 3 ? 0 : 1);
