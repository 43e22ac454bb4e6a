import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { oneAtATime } from '../../../../cli/start/process-turn';

const folder = mkdtempSync(join(tmpdir(), 'one-at-a-time-'));
const path = join(folder, 'made', 'folder');
afterAll(() => rmSync(folder, { recursive: true }));

test('tasks under one path never run at the same time', async () => {
  let running = 0;
  const seen: number[] = [];
  const task = async () => {
    running += 1;
    seen.push(running);
    await new Promise(setImmediate);
    running -= 1;
  };

  await Promise.all(Array.from({ length: 5 }, () => oneAtATime(path, task)));

  expect(seen).toEqual([1, 1, 1, 1, 1]);
});

test('a task that fails lets the next one begin', async () => {
  await expect(oneAtATime(path, () => Promise.reject(new Error('no')))).rejects.toThrow('no');

  expect(await oneAtATime(path, async () => 'done')).toBe('done');
  expect(readdirSync(path)).toEqual([]);
});
