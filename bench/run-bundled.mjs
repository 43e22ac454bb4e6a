/**
 * Runs a benchmark: `node bench/run-bundled.mjs records`. The sources are TypeScript and are bundled first, as the
 * command line does with its own.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = join(fileURLToPath(import.meta.url), '..', '..');
const [name, ...rest] = process.argv.slice(2);
const outfile = join(root, '.build', 'bench', `${name}.mjs`);
mkdirSync(join(root, '.build', 'bench'), { recursive: true });
await build({
  entryPoints: [join(root, 'bench', `${name}.ts`)],
  outfile,
  bundle: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
});
const { run } = await import(pathToFileURL(outfile).href);
await run(root, rest);
