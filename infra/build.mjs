/**
 * Bundles each function on its own: one minified ES module, one zip whose bytes depend on the sources alone.
 *
 *   functions/rotate-key.ts  ->  .build/functions/rotate-key/index.mjs, .build/functions/rotate-key.zip
 *
 * And the library that applications import, with its dependencies left to be installed beside it.
 *
 *   packages/keywright-envelope/index.ts  ->  packages/keywright-envelope/dist/index.mjs
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { zipSync } from 'fflate';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const out = join(root, '.build', 'functions');

/** The oldest date that a zip file can state: the same sources give the same artifact on every machine and day. */
const ZIP_EPOCH = new Date('1980-01-01T12:00:00Z');

/** CommonJS packages inside an ES module still ask for `require`. */
const REQUIRE = "import{createRequire as r}from'node:module';const require=r(import.meta.url);";

/**
 * What the AWS SDK brings that a Lambda never uses.
 *
 * A function's credentials are in its environment, put there by Lambda: the chain that asks SSO, profiles, processes and
 * instance metadata is left out. Of each client's package.json only the version is read.
 */
const slimAwsSdk = {
  name: 'slim-aws-sdk',
  setup(bundler) {
    bundler.onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, () => ({
      path: join(root, 'shared/runtime/lambda-credentials.ts'),
    }));
    // No operation of ours streams events.
    bundler.onResolve({ filter: /^@smithy\/core\/event-streams$/ }, ({ path }) => ({ path, namespace: 'unused' }));
    bundler.onLoad({ filter: /./, namespace: 'unused' }, () => ({
      contents: 'export const resolveEventStreamSerdeConfig = (c) => c, eventStreamSerdeProvider = () => undefined;',
    }));
    // A computed key makes esbuild keep a schema that nothing uses: S3 has hundreds of them.
    bundler.onLoad({ filter: /@aws-sdk[\\/].+[\\/]schemas_0\.js$/ }, ({ path }) => ({
      contents: withLiteralKeys(readFileSync(path, 'utf8')),
    }));
    bundler.onLoad({ filter: /@aws-sdk[\\/][^\\/]+[\\/]package\.json$/ }, ({ path }) => ({
      contents: JSON.stringify({ version: JSON.parse(readFileSync(path, 'utf8')).version }),
      loader: 'json',
    }));
  },
};

/** `{ [_xN]: … }` with `const _xN = "xmlName"` becomes `{ "xmlName": … }`. */
function withLiteralKeys(source) {
  const constants = new Map([...source.matchAll(/^const (_\w+) = (".*");$/gm)].map(([, name, text]) => [name, text]));
  return source.replace(/\[(_\w+)\]:/g, (computed, name) =>
    constants.has(name) ? `${constants.get(name)}:` : computed,
  );
}

export const functionNames = () =>
  readdirSync(join(root, 'functions'))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -'.ts'.length));

/** Bundles as Lambda gets it. @returns esbuild's result, with its metafile. */
export const bundle = (entryPoints, outdir) =>
  build({
    entryPoints,
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    mainFields: ['module', 'main'],
    banner: { js: REQUIRE },
    plugins: [slimAwsSdk],
    metafile: true,
    logLevel: 'warning',
  });

export async function buildFunctions() {
  rmSync(out, { recursive: true, force: true });
  const names = functionNames();
  const sources = names.map((name) => [`${name}/index`, join(root, 'functions', `${name}.ts`)]);
  await bundle(Object.fromEntries(sources), out);
  for (const name of names) writeZip(name);
  return names;
}

/** For any Node, not only Lambda's: the SDK finds credentials in all its ways, and one copy of it serves the application. */
export const buildLibrary = () =>
  build({
    absWorkingDir: root,
    entryPoints: ['packages/keywright-envelope/index.ts'],
    outdir: 'packages/keywright-envelope/dist',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'warning',
  });

function writeZip(name) {
  mkdirSync(out, { recursive: true });
  const bundle = readFileSync(join(out, name, 'index.mjs'));
  writeFileSync(join(out, `${name}.zip`), zipSync({ 'index.mjs': bundle }, { mtime: ZIP_EPOCH }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const names = await buildFunctions();
  await buildLibrary();
  console.log(
    `${names.length} functions bundled into .build/functions, the library into packages/keywright-envelope/dist`,
  );
}
