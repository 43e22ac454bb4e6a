/** Where every call is slow, a run of each schedule ends before Lambda ends it, and what it did is kept: later ones come to the rest. */
import { pageOwed } from '../../../shared/domain/availability/paging/page-oncall';
import { probeKeys } from '../../../shared/domain/availability/probe-keys';
import { NEVER } from '../../../shared/domain/instants';
import { reconcileJobs } from '../../../shared/domain/reencryption/jobs/reconcile-jobs';
import { applyRules } from '../../../shared/domain/rotation/apply-rotation-rules';
import { planRotations } from '../../../shared/domain/rotation/plan-rotations';
import { after, aKmsKey, anArn, aPolicy, aWatch, countedIds, NOW, silentLog } from '../../support/make';
import { memoryControlStore } from '../../support/memory-control-store';
import { memoryPager, memoryPaging } from '../../support/memory-pager';
import { scriptedKms } from '../../support/scripted-kms';
import { virtualTime } from '../../support/virtual-time';

/** What Lambda gives the functions that run every minute. */
const TIMEOUT_MS = 30_000;
const PROBE_TIMEOUT_MS = 90_000;

type Port = Readonly<Record<string, unknown>>;

function slowWorld(callMs: number, timeoutMs = TIMEOUT_MS) {
  const control = memoryControlStore();
  const time = virtualTime();
  const begun = time.nowMs();
  /** The port, each of whose calls takes so long, and those of a run that was ended for ever. */
  function slow<P extends object>(port: P, isOver: () => boolean): P {
    const calls = Object.entries(port as Port).map(([name, call]) => [
      name,
      async (...given: unknown[]) => {
        await time.waitMs(callMs);
        return isOver() ? new Promise(() => undefined) : (call as (...all: unknown[]) => unknown)(...given);
      },
    ]);
    return Object.fromEntries(calls);
  }
  const kms = scriptedKms();
  const ids = countedIds();
  const pager = memoryPager();
  const portsUntil = (isOver: () => boolean) => ({
    control: { ...slow(control, isOver), ofCustomer: control.ofCustomer, ofKmsKey: control.ofKmsKey },
    crypto: slow({ ...kms.crypto }, isOver),
    observer: slow({ ...kms.observer }, isOver),
    prover: slow({ ...kms.prover }, isOver),
    roles: slow({ ...kms.roles }, isOver),
    pause: { wait: time.waitMs },
    ...memoryPaging(slow({ page: pager.page }, isOver)),
    clock: { now: () => after(time.nowMs() - begun) },
    ids,
    log: silentLog,
    ownAccountId: kms.ownAccountId,
  });
  return {
    control,
    paged: () => pager.pages.map(({ incidentId }) => incidentId),
    /** Runs the steps one after the other, as a function does. */
    async run(...steps: readonly ((ports: ReturnType<typeof portsUntil>) => Promise<unknown>)[]) {
      const endsAt = time.nowMs() + timeoutMs;
      let isEnded = true;
      const work = async () => {
        const ports = portsUntil(() => time.nowMs() >= endsAt);
        for (const step of steps) await step(ports);
        isEnded = false;
      };
      void work();
      await time.pass(2 * timeoutMs, () => undefined);
      return isEnded ? 'ended by Lambda' : 'in time';
    },
  };
}

const names = (count: number) => Array.from({ length: count }, (_, at) => anArn(`key-${at}`));

test('a rule for many keys is written everywhere, while rotations are planned and jobs looked after', async () => {
  const { control, run } = slowWorld(350);
  const scope = 'option/customer-specific';
  const terms = { strategy: 'replace', periodDays: 365, reencrypt: true } as const;
  control.given('rotation-rule', { scope, ...terms, setBy: 'ann', setAt: NOW, dueAt: NOW, revision: 1 });
  for (const kmsKeyArn of names(500)) {
    control.given('kms-key', aKmsKey({ kmsKeyArn, customerId: kmsKeyArn }));
    control.given('rotation-policy', aPolicy({ kmsKeyArn, scope, ruleSetAt: after(-1), dueAt: after(86_400_000) }));
  }
  for (const kmsKeyArn of names(300).map((name) => `${name}-due`)) {
    control.given('kms-key', aKmsKey({ kmsKeyArn, option: 'managed' }));
    control.given('rotation-policy', aPolicy({ kmsKeyArn }));
  }
  const planned = () => control.outbox.filter(({ detailType }) => detailType === 'rotation-due.v1').length;
  const ruled = () => control.all('rotation-policy').filter(({ strategy }) => strategy === 'replace').length;

  expect(await run(applyRules, planRotations, reconcileJobs)).toBe('in time');
  expect(planned()).toBeGreaterThan(0);
  for (let runs = 0; runs < 20; runs += 1) await run(applyRules, planRotations, reconcileJobs);

  expect(ruled()).toBe(500);
  expect(planned()).toBeGreaterThanOrEqual(300);
});

test('a rule for a customer of many keys is written on from where the last run came', async () => {
  const { control, run } = slowWorld(350);
  const scope = 'customer/acme';
  const terms = { strategy: 'replace', periodDays: 365, reencrypt: true } as const;
  control.given('rotation-rule', { scope, ...terms, setBy: 'ann', setAt: NOW, dueAt: NOW, revision: 1 });
  for (const kmsKeyArn of names(700)) {
    control.given('kms-key', aKmsKey({ kmsKeyArn }));
    control.given(
      'rotation-policy',
      aPolicy({ kmsKeyArn, scope: 'option/customer-specific', dueAt: after(86_400_000) }),
    );
  }

  for (let runs = 0; runs < 16; runs += 1) expect(await run(applyRules)).toBe('in time');

  expect(control.all('rotation-policy').filter(({ strategy }) => strategy === 'replace')).toHaveLength(700);
  expect(await control.find('rotation-rule', scope)).toMatchObject({ dueAt: NEVER });
});

test('as many probes as there may be are made in a few runs', async () => {
  const { control, run } = slowWorld(500, PROBE_TIMEOUT_MS);
  for (const kmsKeyArn of names(500)) {
    control.given('kms-key', aKmsKey({ kmsKeyArn }));
    control.given('key-watch', aWatch({ kmsKeyArn }));
  }

  for (let runs = 0; runs < 5; runs += 1) expect(await run(probeKeys)).toBe('in time');

  expect(await control.due('key-watch', NOW, 500)).toEqual([]);
});

test('as many pages as there may be are out in a few runs, each once', async () => {
  const { control, paged, run } = slowWorld(350);
  const incidentIds = Array.from({ length: 200 }, (_, at) => `incident-${at}`);
  for (const incidentId of incidentIds)
    control.given('incident', { incidentId, ...INCIDENT, dueAt: NOW, revision: 1 } as never);

  for (let runs = 0; runs < 4; runs += 1) expect(await run(pageOwed)).toBe('in time');

  expect(paged().sort()).toEqual(incidentIds.sort());
});

const INCIDENT = {
  kmsKeyArn: anArn(),
  customerId: 'acme',
  state: 'open',
  cause: 'key-disabled',
  evidence: 'the key is disabled',
  impact: { customerCount: 0, dataStoreCount: 0, customers: [], dataStores: [] },
  signalledAt: NOW,
  detectedAt: NOW,
};
