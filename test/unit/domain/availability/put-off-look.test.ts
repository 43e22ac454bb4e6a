import type { KeyWatch } from '../../../../shared/domain/availability/key-watch';
import { nextLookAt } from '../../../../shared/domain/availability/next-look';
import { putOffLook } from '../../../../shared/domain/availability/put-off-look';
import { KeywrightError } from '../../../../shared/domain/errors';
import { after, anArn, aWatch, NOW } from '../../../support/make';
import { memoryControlStore } from '../../../support/memory-control-store';

const WELL = after(-240_000);
const USED = after(-120_000);

const well = (fields: Partial<KeyWatch> = {}): KeyWatch => {
  const watch = aWatch({ wellAt: WELL, fullLookAt: WELL, ...fields });
  return { ...watch, dueAt: fields.dueAt ?? nextLookAt(watch, true, WELL) };
};

async function watchAfter(watch: KeyWatch, at = USED, fields: Partial<Parameters<typeof putOffLook>[1]> = {}) {
  const control = memoryControlStore();
  control.given('key-watch', watch);
  const ports = { control, clock: { now: () => NOW }, wasPutOff: () => false, ...fields };
  await putOffLook({ kmsKeyArn: anArn(), at }, ports);
  return control.all('key-watch')[0];
}

test('the next look is due by the use that was seen, as if that had been a look', async () => {
  expect(await watchAfter(well())).toMatchObject({ wellAt: USED, dueAt: nextLookAt(well(), true, USED) });
});

test('it is put off again by a later use', async () => {
  const once = (await watchAfter(well())) ?? well();
  expect(await watchAfter(once, NOW)).toMatchObject({ wellAt: NOW, dueAt: nextLookAt(well(), true, NOW) });
});

const { fullLookAt: _none, ...ofOlderBuild } = well();

test.each<[string, KeyWatch, string]>([
  ['a look that a hint brought forward', well({ dueAt: NOW }), USED],
  ['a key that is believed away', well({ availability: 'unavailable' }), USED],
  ['a look that is to be a full one', well({ fullLookAt: after(-3_600_000) }), USED],
  ['a row of an older build', ofOlderBuild, USED],
  ['a use that is no news', well(), after(30_000, WELL)],
  ['a use that is older than the last look', well(), after(-1, WELL)],
])('%s stays where it is', async (_title, watch, at) => {
  expect(await watchAfter(watch, at)).toEqual(watch);
});

test('a key that this process put off a moment ago costs nothing', async () => {
  const control = { ...memoryControlStore(), find: async () => Promise.reject(new Error('nothing is read')) };
  expect(await watchAfter(well(), USED, { wasPutOff: () => true, control })).toEqual(well());
});

test('who assesses the key meanwhile has the last word', async () => {
  const store = memoryControlStore();
  store.given('key-watch', well());
  const commit = async () => Promise.reject(new KeywrightError('state.changed-meanwhile', 'changed'));
  expect(await watchAfter(well(), USED, { control: { find: store.find, commit } })).toEqual(well());
});
