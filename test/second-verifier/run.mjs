/**
 * Holds keywright-verify and the second verifier against each other, on sound logs and on every class of tampering.
 *
 * `node test/second-verifier/run.mjs`. Go is needed, and golang.org/x/mod as Debian packages it, golang-golang-x-mod-dev;
 * GOPATH names another place. `CASES=n` makes so many, `SEED=n` others.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importTypeScript, root } from '../../infra/import-typescript.mjs';

const { CASES = '600', SEED = '1', GOPATH = '/usr/share/gocode' } = process.env;

const { writeCases } = await importTypeScript('test/second-verifier/cases.ts');
const scratch = mkdtempSync(join(tmpdir(), 'second-verifier-'));
try {
  const program = join(scratch, 'second-verifier');
  execFileSync('go', ['build', '-o', program, '.'], {
    cwd: join(root, 'test/second-verifier'),
    stdio: 'inherit',
    // Found by GOPATH, as Debian's packages are; nothing is fetched.
    env: { ...process.env, GO111MODULE: 'off', GOPATH, GOFLAGS: '', GOTOOLCHAIN: 'local' },
  });
  const folder = join(scratch, 'cases');
  mkdirSync(folder);
  const cases = await writeCases(folder, Number(SEED), Number(CASES));
  const lines = execFileSync(program, [folder], { encoding: 'utf8', maxBuffer: 1e8 }).trim().split('\n');

  const wrong = cases.filter(({ name, said, is }, at) => said !== is || lines[at] !== `${name} ${is}`);
  for (const { name, kind, said, is } of wrong.slice(0, 20)) {
    console.log(
      `${kind}: is ${is}; keywright-verify says ${said}, the second verifier ${lines[Number(name)]?.slice(7)}`,
    );
  }
  console.log(`two verifiers, seed ${SEED}: ${cases.length - wrong.length} passed, ${wrong.length} failed`);
  process.exitCode = wrong.length === 0 && lines.length === cases.length ? 0 : 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
