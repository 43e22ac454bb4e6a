/** Rows that fail for ever, however many and however long due, keep no other from its turn. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROBES_MAX, probeKeys } from '../../../shared/domain/availability/probe-keys';
import { applyRules } from '../../../shared/domain/rotation/apply-rotation-rules';
import { workDue } from '../../../shared/domain/work-due-rows';
import { after, aKmsKey, anArn, aPolicy, aWatch, countedIds, NOW, noPause, silentLog } from '../../support/make';
import { memoryControlStore } from '../../support/memory-control-store';
import { scriptedKms } from '../../support/scripted-kms';

const clock = { now: () => NOW };
const BOUNDS = { max: 3, concurrency: 2, forMs: 1_000 };

function policies(broken: number) {
  const control = memoryControlStore();
  for (let at = 0; at < broken; at += 1)
    control.given('rotation-policy', aPolicy({ kmsKeyArn: anArn(`broken-${at}`), dueAt: after(-1_000 - at) }));
  control.given('rotation-policy', aPolicy({ kmsKeyArn: anArn('good'), dueAt: after(-1) }));
  const worked: string[] = [];
  const work = async ({ kmsKeyArn }: { readonly kmsKeyArn: string }) => {
    if (kmsKeyArn.includes('broken')) throw new Error('a bug');
    worked.push(kmsKeyArn);
  };
  return { control, worked, run: () => workDue('rotation-policy', BOUNDS, work, { control, clock }) };
}

test('what waits behind more failing rows than a run takes has its turn', async () => {
  const { worked, run } = policies(8);

  for (let runs = 0; runs < 3; runs += 1) expect((await run()).failed.length).toBeGreaterThan(0);

  expect(worked).toEqual([anArn('good')]);
});

test('a row that fails is due still', async () => {
  const { control, run } = policies(2);

  const { succeeded, failed } = await run();

  expect([succeeded.length, failed.length]).toEqual([1, 2]);
  expect((await control.due('rotation-policy', NOW, 9)).length).toBe(3);
});

test('a row that cannot be moved either keeps no other of its run', async () => {
  const { control, worked } = policies(1);
  const commit = async () => {
    throw new Error('no table');
  };
  const work = async ({ kmsKeyArn }: { readonly kmsKeyArn: string }) => {
    if (kmsKeyArn.includes('broken')) throw new Error('a bug');
    worked.push(kmsKeyArn);
  };

  const { failed } = await workDue('rotation-policy', BOUNDS, work, { control: { ...control, commit }, clock });

  expect(failed).toEqual([new Error('a bug')]);
  expect(worked).toEqual([anArn('good')]);
});

test('rows that say that they are others, more than a run takes, hide no row and are told as one failure', async () => {
  const { control, worked, run } = policies(0);
  control.given('rotation-policy', aPolicy({ kmsKeyArn: anArn('copied'), dueAt: after(-9_000) }));
  for (let at = 0; at < 5; at += 1) control.misplace('rotation-policy', anArn('copied'), anArn(`copy-${at}`));

  const { failed } = await run();

  expect(worked).toEqual([anArn('copied'), anArn('good')]);
  expect(failed).toMatchObject([{ code: 'store.row-misplaced', details: { count: 5 } }]);
});

test('keys that are watched and that nobody registered, as many as a run probes, keep no other from being probed', async () => {
  const control = memoryControlStore();
  const orphans = Array.from({ length: PROBES_MAX }, (_, at) => anArn(`orphan-${at}`));
  control.given('key-watch', ...orphans.map((kmsKeyArn) => aWatch({ kmsKeyArn, dueAt: after(-1_000) })));
  control.given('kms-key', aKmsKey());
  control.given('key-watch', aWatch({ dueAt: after(-1) }));
  const ports = { control, ...scriptedKms(), clock, ids: countedIds(), pause: noPause, log: silentLog };

  await probeKeys(ports);
  await probeKeys(ports);

  expect((await control.find('key-watch', anArn()))?.fullLookAt).toBe(NOW);
});

test('a rule that breaks keeps none of the others', async () => {
  const control = memoryControlStore();
  const rule = (scope: string) => ({ scope, terms: {}, setBy: 'ann', setAt: NOW, dueAt: NOW, revision: 1 }) as never;
  control.given('rotation-rule', rule('customer/broken'), rule('key/other'));
  const ofCustomer = () => {
    throw new Error('a bug');
  };

  await expect(applyRules({ control: { ...control, ofCustomer }, clock, log: silentLog })).rejects.toThrow('a bug');

  expect((await control.find('rotation-rule', 'key/other'))?.dueAt).not.toBe(NOW);
});

test('nobody else takes what is due, but for who moves a row before anything can fail', () => {
  const folder = join(__dirname, '../../../shared/domain');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const taking = files.filter((file) => readFileSync(join(folder, file), 'utf8').includes('control.due('));
  // What status shows, and what we find of ourselves, is counted there, and not taken.
  const counting = [
    'api/show-status.ts',
    'drills/start-drill.ts',
    ...taking.filter((file) => file.startsWith('availability/self-watch/')),
  ];
  expect(taking.filter((file) => !counting.includes(file)).sort()).toEqual([
    'availability/paging/page-oncall.ts',
    'work-due-rows.ts',
  ]);
});
