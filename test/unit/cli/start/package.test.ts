/** What is packaged once is used again as long as it is the same: the bundler and Serverless are played by scripts. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { packageOf } from '../../../../cli/start/package';

const TEMPLATE = '.serverless/cloudformation-template-update-stack.json';

let root: string;
const put = (path: string, text: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'package-'));
  const sources = [
    'functions/a.ts',
    'shared/a.ts',
    'events/a.ts',
    'packages/safe-files/a.ts',
    'serverless.yml',
    'infra/template.cjs',
    'package-lock.json',
  ];
  for (const source of sources) put(source, '');
  put('infra/build.mjs', '');
  put('package.json', '{"type":"commonjs"}');
  put(
    'node_modules/serverless/bin/serverless.js',
    `const { mkdirSync, writeFileSync } = require('node:fs');
     mkdirSync('.serverless', { recursive: true });
     writeFileSync('${TEMPLATE}', '{"stage":"dev"}');`,
  );
});
afterEach(() => rmSync(root, { recursive: true }));

test('a package is made once, and anew when a source changes', async () => {
  expect((await packageOf(root)).fresh).toBe(true);
  expect((await packageOf(root)).fresh).toBe(false);

  for (const source of ['shared/a.ts', 'packages/safe-files/a.ts']) {
    put(source, 'export {};');
    expect((await packageOf(root)).fresh).toBe(true);
  }
  for (const made of ['packages/safe-files/dist/a.mjs', 'packages/safe-files/test/a.ts']) {
    put(made, 'export {};');
    expect((await packageOf(root)).fresh).toBe(false);
  }
});

test('a template of another stage, which a deployment has left there, is not taken for this one', async () => {
  await packageOf(root);
  put(TEMPLATE, '{"stage":"prod"}');

  expect((await packageOf(root)).template).toEqual({ stage: 'dev' });
  expect(JSON.parse(readFileSync(join(root, TEMPLATE), 'utf8'))).toEqual({ stage: 'dev' });
});
