/**
 * What the AWS SDK says of the Node.js that runs, once a copy of it, is said to nobody in our commands and suites; what else
 * Node.js warns of is.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { KMSClient } from '@aws-sdk/client-kms';

const root = join(__dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'sdk-warning-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a suite, which loads a copy of the SDK of its own, is not warned', () => {
  const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);

  new KMSClient({ region: 'eu-central-1' }).destroy();

  expect(warned).not.toHaveBeenCalled();
  warned.mockRestore();
});

test('a program of ours is not warned by the SDK, also in a thread, and is by everybody else', () => {
  const program = join(folder, 'program.mjs');
  const makesClient = `(require(${JSON.stringify(join(root, 'node_modules/@aws-sdk/client-kms'))}).KMSClient)({ region: 'x' })`;
  writeFileSync(
    program,
    `import { createRequire } from 'node:module';
     import { Worker } from 'node:worker_threads';
     import ${JSON.stringify(pathToFileURL(join(root, 'infra/import-typescript.mjs')).href)};
     const require = createRequire(import.meta.url);
     new ${makesClient};
     new Worker(${JSON.stringify(`new ${makesClient}`)}, { eval: true });
     process.emitWarning('of something else');`,
  );
  const { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: _ours, ...env } = process.env;

  const { stderr, status } = spawnSync(process.execPath, [program], { env, encoding: 'utf8' });

  expect(stderr).toContain('of something else');
  expect(stderr).not.toContain('AWS SDK');
  expect(status).toBe(0);
});
