/** Facts as they become true: named, dated, and without what is not there. */
import { keyRetired } from '../../../../events/key-retired';
import { newFact } from '../../../../shared/domain/outbox/new-fact';
import { anArn } from '../../../support/make';

const NOW = '2026-03-01T12:00:00.000Z';

function ports() {
  let given = 0;
  return { clock: { now: () => NOW }, ids: { next: () => `id-${++given}` } };
}

test('a fact has a name of its own and is true from now on', () => {
  const at = ports();

  const facts = [newFact(keyRetired, at, { kmsKeyArn: anArn() }), newFact(keyRetired, at, { kmsKeyArn: anArn() })];

  expect(facts).toStrictEqual([
    { factId: 'id-1', detailType: 'key-retired.v1', detail: { kmsKeyArn: anArn(), factId: 'id-1', at: NOW } },
    { factId: 'id-2', detailType: 'key-retired.v1', detail: { kmsKeyArn: anArn(), factId: 'id-2', at: NOW } },
  ]);
});

test('one that became true before says since when', () => {
  const at = '2026-02-28T00:00:00.000Z';

  expect(newFact(keyRetired, ports(), { at, kmsKeyArn: anArn() }).detail['at']).toBe(at);
});

test('what is undefined is no field of it', () => {
  const { detail } = newFact(keyRetired, ports(), {
    kmsKeyArn: anArn(),
    customerId: undefined,
    replacedBy: anArn('new'),
  });

  expect(Object.keys(detail)).not.toContain('customerId');
  expect(detail).toHaveProperty('replacedBy', anArn('new'));
});

test('what does not fit its contract is not built', () => {
  expect(() => newFact(keyRetired, ports(), { kmsKeyArn: 'no ARN' })).toThrow(/kmsKeyArn/);
});
