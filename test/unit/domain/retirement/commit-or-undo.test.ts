/** What was done to a key in KMS is undone where somebody was first, and only then. */
import { KeywrightError } from '../../../../shared/domain/errors';
import type { KmsKey } from '../../../../shared/domain/keys/kms-key';
import { commitOrUndo } from '../../../../shared/domain/retirement/commit-or-undo';
import { aKmsKey, anArn } from '../../../support/make';
import { memoryControlStore } from '../../../support/memory-control-store';

async function committing(revision: number, failure?: KeywrightError) {
  const control = memoryControlStore();
  control.given('kms-key', aKmsKey({ state: 'retiring', revision: 2 }));
  if (failure) control.commit = () => Promise.reject(failure);
  const undone: KmsKey[] = [];
  const row = aKmsKey({ state: 'disabled', revision });
  const change = { writes: [{ entityType: 'kms-key', row }], facts: [] } as const;
  const undo = async (key: KmsKey) => {
    undone.push(key);
  };
  const outcome = await commitOrUndo(change, anArn(), undo, { control }).catch((error: unknown) => error);
  return { outcome, undone, key: await control.find('kms-key', anArn()) };
}

test('what is committed is not undone', async () => {
  const { outcome, undone, key } = await committing(2);

  expect(outcome).toBeUndefined();
  expect(undone).toHaveLength(0);
  expect(key).toMatchObject({ state: 'disabled' });
});

test('where somebody moved the key first it is undone by what the key is now, and the conflict is told', async () => {
  const { outcome, undone } = await committing(1);

  expect(undone).toMatchObject([{ state: 'retiring', revision: 2 }]);
  expect(outcome).toMatchObject({ code: 'state.changed-meanwhile' });
});

test('where nobody can tell whether it was committed nothing is undone', async () => {
  const { outcome, undone } = await committing(2, new KeywrightError('store.unreachable', 'No answer.'));

  expect(undone).toHaveLength(0);
  expect(outcome).toMatchObject({ code: 'store.unreachable' });
});
