/**
 * Imports a TypeScript source of this repository: it is bundled first, which takes some 100 ms.
 */
import { mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/** The folder of the product. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

// Which Node.js a version of the SDK wants is settled by whoever pins it, not by whoever runs a command. What else Node.js warns
// of is told. Source: aws-sdk-js-v3, issue 7983.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

/** Our own packages are sources too: `local-aws/aws` is bundled as `packages/local-aws/aws.ts`. */
const packages = Object.fromEntries(readdirSync(join(root, 'packages')).map((name) => [name, `./packages/${name}`]));

/** @param source Its path below the root. @returns the module. */
export async function importTypeScript(source) {
  const out = join(root, '.build', 'scripts', dirname(source));
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [source],
    outdir: out,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    packages: 'external',
    alias: packages,
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
  return import(pathToFileURL(join(out, `${basename(source, '.ts')}.mjs`)).href);
}
