import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newFindings, openReport } from '../../../../cli/start/report';

const folder = mkdtempSync(join(tmpdir(), 'report-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('an earlier report stays until the run has its own, however long it was', () => {
  const path = join(folder, 'run.json');
  const { report } = newFindings();
  writeFileSync(path, 'x'.repeat(10_000));

  const write = openReport(path);
  expect(readFileSync(path, 'utf8')).toMatch(/^x+$/);
  write(report);

  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(report);
});

test('a place that takes no file is told at once', () => {
  expect(() => openReport(folder)).toThrow(expect.objectContaining({ code: 'EISDIR', path: folder }));
});
