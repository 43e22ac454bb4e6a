/** Where dynoxide comes from on machines of any kind: real folders, and a program that is a few lines of shell. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { buildSync } from 'esbuild';
import { findDynoxide } from '../../dynamodb/find-dynoxide';
import { LocalAwsFault } from '../../start-refused';

const place = mkdtempSync(join(tmpdir(), 'find-dynoxide-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));

function folder(...names: readonly string[]): string {
  const path = join(place, ...names);
  mkdirSync(path, { recursive: true });
  return path;
}

function program(path: string, mode = 0o755): string {
  writeFileSync(path, '#!/bin/sh\n', { mode });
  return path;
}

function installed(project: string, name: string): string {
  const at = folder(project, 'node_modules', '@dynoxide', name);
  writeFileSync(join(at, 'package.json'), JSON.stringify({ name: `@dynoxide/${name}` }));
  return at;
}

const onPath = program(join(folder('on path'), 'dynoxide'));
const bare = { folders: [folder('without packages')], path: '' };

test.each([
  ['linux', 'x64'],
  ['darwin', 'arm64'],
])('the npm package for %s on %s comes first', (platform, arch) => {
  const expected = program(join(installed('both', `${platform}-${arch}`), 'dynoxide'));

  expect(findDynoxide({ platform, arch, folders: [join(place, 'both')], path: join(place, 'on path') })).toBe(expected);
});

test('a package for another kind of machine is none: then a program on the PATH', () => {
  program(join(installed('other', 'linux-x64'), 'dynoxide'));
  const folders = [join(place, 'other')];

  expect(findDynoxide({ platform: 'darwin', arch: 'arm64', folders, path: join(place, 'on path') })).toBe(onPath);
});

test('the PATH is read in its order; what may not be run, folders, and relative entries are passed over', () => {
  program(join(folder('not to run'), 'dynoxide'), 0o644);
  folder('a folder of that name', 'dynoxide');
  const entries = ['', '.', join(place, 'nothing'), join(place, 'not to run'), join(place, 'a folder of that name')];
  const path = [...entries, join(place, 'on path')].join(delimiter);

  expect(findDynoxide({ platform: 'darwin', arch: 'arm64', ...bare, path })).toBe(onPath);
});

test('where none is there, one sentence names the three ways', () => {
  const find = () => findDynoxide({ platform: 'darwin', arch: 'arm64', ...bare });

  expect(find).toThrow(LocalAwsFault);
  expect(find).toThrow(
    /^Local AWS needs a DynamoDB: install the npm package @dynoxide\/darwin-arm64, put a program dynoxide on the PATH, or set AWS_ENDPOINT_URL_DYNAMODB to [^.]+\.$/,
  );
});

test('a package whose program is gone or may not be run is told by its path', () => {
  const at = installed('broken', 'linux-x64');
  const find = () => findDynoxide({ platform: 'linux', arch: 'x64', folders: [join(place, 'broken')], path: '' });

  expect(find).toThrow(`${join(at, 'dynoxide')} is not there or may not be run. Install it anew with npm ci.`);
  chmodSync(program(join(at, 'dynoxide')), 0o644);
  expect(find).toThrow(LocalAwsFault);
});

test('a process far from any package runs the program that is on its PATH', async () => {
  const outfile = join(place, 'starter.mjs');
  const dynamo = JSON.stringify(resolve(__dirname, '../../dynamodb/dynoxide.ts'));
  buildSync({
    stdin: {
      contents: `
        import { startDynamo } from ${dynamo};
        const told = await startDynamo({}).then(({ endpoint, stop }) => stop().then(() => endpoint.href), String);
        process.send(told);
      `,
      resolveDir: __dirname,
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
  });
  symlinkSync(findDynoxide(), join(folder('real'), 'dynoxide'));
  const toldWith = async (path: string) => {
    const child = fork(outfile, { cwd: place, env: { PATH: path } });
    const [told] = await once(child, 'message');
    child.disconnect();
    return told;
  };

  expect(await toldWith(`${join(place, 'real')}${delimiter}/usr/bin:/bin`)).toMatch(/^http:\/\/127\./);
  expect(await toldWith('/usr/bin:/bin')).toMatch(/^LocalAwsFault: Local AWS needs a DynamoDB/);
});
