#!/usr/bin/env node
/**
 * Starts the command line. The sources are TypeScript: they are bundled first, which takes some 100 ms.
 */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const out = join(root, '.build', 'cli');

const { outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: ['cli/main.ts'],
  outdir: out,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: 'inline',
  write: false,
  logLevel: 'warning',
});
mkdirSync(out, { recursive: true });
for (const file of outputFiles) {
  // Two commands may start at the same time: each file appears whole or not at all.
  writeFileSync(`${file.path}.${process.pid}`, file.contents);
  renameSync(`${file.path}.${process.pid}`, file.path);
}
process.setSourceMapsEnabled(true);
const { main } = await import(pathToFileURL(join(out, 'main.mjs')).href);
await main(process.argv, root);
