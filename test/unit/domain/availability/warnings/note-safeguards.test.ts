/** A key policy that keeps its owner from losing the key, and one that does so no more: told once, by whatever look sees it first. */
import { assessKey } from '../../../../../shared/domain/availability/assess-key';
import { pageWarning } from '../../../../../shared/domain/availability/paging/page-notice';
import { probeKeys } from '../../../../../shared/domain/availability/probe-keys';
import {
  aDataStore,
  aKmsKey,
  anArn,
  aWatch,
  countedIds,
  NOW,
  noPause,
  OUR_ACCOUNT,
  silentLog,
} from '../../../../support/make';
import { memoryControlStore } from '../../../../support/memory-control-store';
import { memoryPager, memoryPaging } from '../../../../support/memory-pager';
import { testClock } from '../../../../support/rotation-world';
import { scriptedKms } from '../../../../support/scripted-kms';

const WHOLE = { Sid: 'All', Effect: 'Allow', Principal: { AWS: OUR_ACCOUNT }, Action: 'kms:*', Resource: '*' };
const deny = (Action: string | readonly string[], more: object = {}) => ({
  Effect: 'Deny',
  Principal: '*',
  Action,
  Resource: '*',
  // Whom it keeps from it: nobody who looks.
  Condition: { StringEquals: { 'aws:PrincipalArn': `arn:aws:iam::${OUR_ACCOUNT}:role/nobody` } },
  ...more,
});
const policyOf = (...statements: readonly object[]) => ({ Version: '2012-10-17', Statement: [WHOLE, ...statements] });
const NO_DELETION = deny('kms:ScheduleKeyDeletion');
const NO_CHANGE = deny(['kms:disablekey', 'kms:PutKey*']);

function world({ dataStores = 1 } = {}) {
  const control = memoryControlStore();
  control.given('kms-key', aKmsKey());
  control.given('key-watch', aWatch({ dueAt: NOW }));
  control.given('data-store', aDataStore());
  control.given('data-store-count', { kmsKeyArn: anArn(), dataStores, revision: 1 });
  const kms = scriptedKms();
  const clock = testClock();
  const pager = memoryPager();
  const ports = { control, ...kms, ...memoryPaging(pager), clock, ids: countedIds(), pause: noPause, log: silentLog };
  return {
    control,
    kms,
    pager,
    ports,
    /** An event has somebody look. */
    assess: async (signal: 'customer-event' | 'own-failure' = 'customer-event') => {
      clock.advance(10_000);
      await assessKey({ kmsKeyArn: anArn(), signal, signalledAt: clock.now() }, ports);
    },
    /** Nobody tells: a probe looks, in full. */
    probe: async () => {
      clock.advance(3_600_000);
      await probeKeys(ports);
    },
    warnings: () => control.all('early-warning'),
  };
}

test.each(['assess', 'probe'] as const)(
  'by %s: that an act is denied no more is told once, with who did it',
  async (by) => {
    const { control, kms, pager, ports, warnings, ...looks } = world();
    kms.policyIs(policyOf(NO_DELETION, NO_CHANGE));
    await looks[by]();
    expect(warnings()).toEqual([]);

    kms.policyIs(policyOf(NO_CHANGE));
    const [watch] = control.all('key-watch');
    const act = { operation: 'PutKeyPolicy', at: ports.clock.now(), by: 'role SecOps', accountId: OUR_ACCOUNT };
    if (watch)
      control.given('key-watch', { ...watch, acts: [act], wellAt: ports.clock.now(), revision: watch.revision });
    await looks[by]();
    await looks[by]();

    expect(warnings()).toMatchObject([{ kind: 'safeguards-removed', kmsKeyArn: anArn(), says: expect.any(String) }]);
    expect(warnings()[0]?.says).toMatch(/denies kms:ScheduleKeyDeletion any more.*PutKeyPolicy by role SecOps/);
    expect(control.all('incident')).toEqual([]);
    await pageWarning(warnings()[0]?.warningId ?? '', ports);
    expect(pager.pages[0]).toMatchObject({ severity: 'warning', runbook: 'docs/runbooks/safeguards-removed.md' });
  },
);

test.each([
  ['another order, other names', [deny('kms:PutKey*'), deny('kms:*', { Sid: 'New' })]],
  ['all but reading denied', [deny('', { Action: undefined, NotAction: ['kms:Describe*', 'kms:Decrypt'] })]],
])('%s: nothing is lost by it', async (_what, statements) => {
  const { kms, assess, warnings } = world();
  kms.policyIs(policyOf(NO_DELETION, NO_CHANGE));
  await assess();
  kms.policyIs(policyOf(...statements));
  await assess();

  expect(warnings()).toEqual([]);
});

test('a policy that cannot be read, and a key on which nothing depends, warn nobody', async () => {
  const { kms, assess, warnings } = world();
  kms.policyIs(policyOf(NO_DELETION));
  await assess();
  kms.policyIs('kms.access-denied');
  await assess();
  expect(warnings()).toEqual([]);

  const unused = world({ dataStores: 0 });
  unused.kms.policyIs(policyOf(NO_DELETION));
  await unused.assess();
  unused.kms.policyIs(policyOf());
  await unused.assess();
  expect(unused.warnings()).toEqual([]);
});

test('a safeguard that comes back and goes again is told again; one that goes as the key is lost is told as well', async () => {
  const { kms, assess, warnings, control } = world();
  for (const statements of [[NO_DELETION], [], [NO_DELETION], []]) {
    kms.policyIs(policyOf(...statements));
    await assess();
  }
  expect(warnings()).toHaveLength(2);

  kms.policyIs(policyOf(NO_CHANGE));
  await assess();
  kms.policyIs(policyOf());
  kms.unwrapAnswers('kms.key-disabled');
  kms.keyStateIs('Disabled');
  await assess('own-failure');
  expect(warnings()).toHaveLength(3);
  expect(control.all('incident')).toMatchObject([{ cause: 'key-disabled' }]);
});

test('told once also where the look finds no more than who took the key', async () => {
  const { control, kms, assess, warnings, ports } = world();
  kms.policyIs(policyOf(NO_DELETION));
  kms.unwrapAnswers('kms.key-disabled');
  kms.keyStateIs('Disabled');
  await assess();
  const [watch] = control.all('key-watch');
  const act = { operation: 'DisableKey', at: ports.clock.now(), by: 'role SecOps', accountId: OUR_ACCOUNT };
  if (watch) control.given('key-watch', { ...watch, acts: [act] });

  kms.policyIs(policyOf());
  await assess();
  await assess();

  expect(control.all('incident')).toMatchObject([{ actedBy: { by: 'role SecOps' } }]);
  expect(warnings()).toHaveLength(1);
});
