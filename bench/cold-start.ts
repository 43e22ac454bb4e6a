/**
 * What importing each function costs beside an empty handler that imports the same SDK clients and commands, bundled the
 * same way; and how large both are. Each is imported in a process of its own, turn by turn; medians.
 * `node bench/run-bundled.mjs cold-start`
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const ROUNDS = 15;
/** Bytes of the bundle of a function. */
const BUNDLE_BYTES_MAX = 450_000;

interface Bundler {
  functionNames(): readonly string[];
  bundle(
    entryPoints: Readonly<Record<string, string>>,
    outdir: string,
  ): Promise<{ metafile: { outputs: Record<string, { entryPoint?: string; inputs: Record<string, unknown> }> } }>;
}

export async function run(root: string): Promise<void> {
  const { functionNames, bundle }: Bundler = await import(pathToFileURL(join(root, 'infra/build.mjs')).href);
  const out = join(root, '.build/bench/cold-start');
  const names = functionNames();
  const entries = names.map((name) => [`${name}/index`, join(root, 'functions', `${name}.ts`)]);
  const { metafile } = await bundle(Object.fromEntries(entries), join(out, 'functions'));
  const inputsOf = (name: string) => {
    const output = Object.values(metafile.outputs).find(({ entryPoint }) => entryPoint === `functions/${name}.ts`);
    return Object.keys(output?.inputs ?? {});
  };

  mkdirSync(join(out, 'sources'), { recursive: true });
  const empty = names.map((name) => {
    const source = join(out, 'sources', `${name}.ts`);
    writeFileSync(source, emptyHandler(inputsOf(name)));
    return [`${name}/index`, source];
  });
  await bundle(Object.fromEntries(empty), join(out, 'empty'));

  console.log('function               KB   empty KB   import ms   empty ms   ratio');
  let overBudget = 0;
  for (const name of names) {
    const paths = ['functions', 'empty'].map((kind) => join(out, kind, name, 'index.mjs'));
    const [ours = 0, theirs = 0] = importMs(paths);
    const [bytes = 0, emptyBytes = 0] = paths.map((path) => statSync(path).size);
    if (bytes > BUNDLE_BYTES_MAX) overBudget += 1;
    const cells = [kb(bytes), kb(emptyBytes), ours.toFixed(0), theirs.toFixed(0), (ours / theirs).toFixed(2)];
    console.log(name.padEnd(20), ...cells.map((cell) => cell.padStart(8)));
  }
  console.log(`${overBudget} of ${names.length} bundles over ${kb(BUNDLE_BYTES_MAX)} KB`);
  process.exitCode = overBudget === 0 ? 0 : 1;
}

/** A handler that does nothing, with the clients and commands that a bundle of ours holds. */
function emptyHandler(inputs: readonly string[]): string {
  const commands = new Map<string, string[]>();
  for (const input of inputs) {
    const [, client, file] =
      /@aws-sdk\/(client-[a-z0-9-]+)\/dist-es\/(?:commands\/)?(\w+(?:Client|Command))\.js$/.exec(input) ?? [];
    if (client && file) commands.set(client, [...(commands.get(client) ?? []), file]);
  }
  const imports = [...commands].map(([client, files]) => `import { ${files.join(', ')} } from '@aws-sdk/${client}';`);
  const all = [...commands.values()].flat();
  const clients = all.filter((name) => name.endsWith('Client')).map((name) => `new ${name}()`);
  const kept = all.filter((name) => name.endsWith('Command'));
  return [
    ...imports,
    `export const clients = [${clients.join(', ')}];`,
    `export const commands = [${kept.join(', ')}];`,
    'export const handler = async () => {};',
  ].join('\n');
}

function importMs(paths: readonly string[]): readonly number[] {
  const times = paths.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [at, path] of paths.entries()) times[at]?.push(importOnceMs(path));
  }
  return times.map(median);
}

function importOnceMs(path: string): number {
  const program = `const start = performance.now(); await import(${JSON.stringify(pathToFileURL(path).href)}); console.log(performance.now() - start); process.exit();`;
  return Number(
    execFileSync(process.execPath, ['--input-type=module', '--eval', program], { env: ENVIRONMENT, encoding: 'utf8' }),
  );
}

/** What the functions read from their environment when they start. */
const ENVIRONMENT = {
  PATH: process.env['PATH'],
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'none',
  AWS_SECRET_ACCESS_KEY: 'none',
  NODE_NO_WARNINGS: '1',
  CONTROL_TABLE_NAME: 'control',
  DATA_KEY_TABLE_NAME: 'data-keys',
  REPORT_TABLE_NAME: 'reports',
  DEAD_LETTER_QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/111122223333/dead-letters',
  AUDIT_QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/111122223333/audit.fifo',
  AUDIT_BUCKET_NAME: 'audit',
  AUDIT_SIGNING_KEY_ARN: 'arn:aws:kms:eu-central-1:111122223333:key/00000000-0000-0000-0000-000000000000',
  HEARTBEAT_MINUTES: '60',
  AUDIT_WRITER_ROLE_ARN: 'arn:aws:iam::111122223333:role/append-audit',
  LOOKING_ROLE_NAMES: 'assess-key,probe-keys',
  OWN_ACCOUNT_ID: '111122223333',
  ONCALL_TOPIC_ARN: 'arn:aws:sns:eu-central-1:111122223333:oncall',
  FACT_BUS_NAME: 'keywright',
};

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

const kb = (bytes: number) => (bytes / 1000).toFixed(0);
