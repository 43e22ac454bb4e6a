import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { takeFolder } from '../../../shared/files/folder-lock';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'folder-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const heldBy = (pid: number | undefined) => writeFileSync(join(folder, 'in-use-by'), String(pid));

test('a folder that a running process has is refused, with the way out', () => {
  heldBy(process.ppid);

  expect(() => takeFolder(folder)).toThrow(/in use by process \d+\. End it, or choose another folder/);
});

test('what a process that was killed has left behind keeps nobody out', () => {
  heldBy(spawnSync(process.execPath, ['--eval', '']).pid);

  expect(takeFolder(folder)).not.toThrow();
});

test('a folder that was given back is free, and nothing is left in it', () => {
  takeFolder(folder)();

  expect(readdirSync(folder)).toEqual([]);
});
