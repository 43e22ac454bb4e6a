import { DRILL_CAUSES } from '../../../../shared/domain/drills/drill';
import { withDenial, withoutDenial } from '../../../../shared/domain/drills/drill-policy';
import { giveKeyBack, takeKeyAway } from '../../../../shared/domain/drills/take-key-away';
import { DRILL_KEY, drillWorld, LOOKING } from '../../../support/drill-world';

const KEY = { kmsKeyArn: DRILL_KEY, access: { via: 'key-policy' } } as const;

test.each(DRILL_CAUSES)('%s: taken away and given back, each twice, the key is as it was', async (cause) => {
  const { kms, ports } = drillWorld();
  const before = { policy: await kms.policy(KEY), description: await kms.describe(KEY) };
  await takeKeyAway(KEY, cause, ports);
  await takeKeyAway(KEY, cause, ports);
  expect({ policy: await kms.policy(KEY), description: await kms.describe(KEY) }).not.toEqual(before);
  await giveKeyBack(KEY, cause, ports);
  await giveKeyBack(KEY, cause, ports);

  expect({ policy: await kms.policy(KEY), description: await kms.describe(KEY) }).toEqual(before);
});

test('a policy that somebody changes meanwhile keeps their change', () => {
  const during = JSON.parse(
    withDenial('{"Version":"2012-10-17","Statement":[{"Sid":"Ours"}]}', LOOKING, ['kms:Decrypt']),
  );
  const changed = JSON.stringify({ ...during, Statement: [{ Sid: 'Theirs' }, ...during.Statement] });

  expect(JSON.parse(withoutDenial(changed)).Statement).toEqual([{ Sid: 'Theirs' }, { Sid: 'Ours' }]);
});

test('a policy with one statement that stands in no list is read as well, and untouched where it holds nothing of a drill', () => {
  const one = '{ "Version": "2012-10-17", "Statement": {"Sid":"Ours"} }';

  expect(withoutDenial(one)).toBe(one);
  expect(JSON.parse(withoutDenial(withDenial(one, LOOKING, ['kms:Decrypt']))).Statement).toEqual([{ Sid: 'Ours' }]);
});
