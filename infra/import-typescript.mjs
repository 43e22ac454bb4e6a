/**
 * Imports a TypeScript source of this repository: it is bundled first, which takes some 100 ms.
 */
import { accessSync, constants, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
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

/** What npm installed is imported from where it lies, wherever the bundle is. */
const installed = {
  name: 'installed',
  setup(bundler) {
    bundler.onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
      const isOurs = kind === 'entry-point' || Object.hasOwn(packages, path.split('/', 1)[0]);
      if (isOurs || isBuiltin(path)) return undefined;
      return { path: placeOf(path), external: true };
    });
  },
};

/** Whoever imports what is not installed is told so. */
function placeOf(path) {
  try {
    return import.meta.resolve(path);
  } catch {
    return path;
  }
}

/** @param source Its path below the root. @returns the module. */
export async function importTypeScript(source) {
  const out = writable(join(root, '.build', 'scripts', dirname(source))) ?? temporary();
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [source],
    outdir: out,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    alias: packages,
    plugins: [installed],
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: 'inline',
    write: false,
    logLevel: 'warning',
  });
  for (const file of outputFiles) {
    // Two commands may start at the same time: each file appears whole or not at all.
    writeFileSync(`${file.path}.${process.pid}`, file.contents);
    renameSync(`${file.path}.${process.pid}`, file.path);
  }
  process.setSourceMapsEnabled(true);
  return import(pathToFileURL(join(out, `${basename(source, '.ts')}.mjs`)).href);
}

/** @returns the folder, made if need be; undefined where it is another user's, or on a disk that is read only. */
function writable(folder) {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    return folder;
  } catch (error) {
    if (['EACCES', 'EPERM', 'EROFS'].includes(error.code)) return undefined;
    throw error;
  }
}

/** @returns a folder of this process, its owner's alone, that goes when the process ends. */
function temporary() {
  const folder = mkdtempSync(join(tmpdir(), 'keywright-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
