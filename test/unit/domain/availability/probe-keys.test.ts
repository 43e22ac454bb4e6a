import { incidentOpened } from '../../../../events/incident-opened';
import { keySignalReceived } from '../../../../events/key-signal-received';
import { assessKey } from '../../../../shared/domain/availability/assess-key';
import { probeKeys } from '../../../../shared/domain/availability/probe-keys';
import type { ErrorCode } from '../../../../shared/domain/errors';
import { NEVER } from '../../../../shared/domain/instants';
import { DUE_PARTS } from '../../../../shared/domain/ports';
import {
  after,
  aKmsKey,
  anArn,
  aServiceLevel,
  aWatch,
  countedIds,
  NOW,
  noPause,
  silentLog,
} from '../../../support/make';
import { memoryControlStore } from '../../../support/memory-control-store';
import { scriptedKms } from '../../../support/scripted-kms';

function world(...watches: readonly ReturnType<typeof aWatch>[]) {
  const control = memoryControlStore();
  for (const watch of watches) {
    control.given('kms-key', aKmsKey({ kmsKeyArn: watch.kmsKeyArn }));
    control.given('key-watch', watch);
  }
  const kms = scriptedKms();
  return {
    control,
    kms,
    ports: { control, ...kms, clock: { now: () => NOW }, ids: countedIds(), pause: noPause, log: silentLog },
  };
}

/** Of a key that is well: never later than it was promised, and soon enough for a run a minute. */
const isAtItsPace = (dueAt: string | undefined, everyMs = 4 * 60_000): boolean => {
  const ms = Date.parse(dueAt ?? '') - Date.parse(NOW);
  return ms >= 0.75 * everyMs && ms < 0.98 * everyMs;
};

test('a key that is as we believe is looked at again later, and nothing is said', async () => {
  const { control, ports } = world(aWatch());

  await probeKeys(ports);

  expect(control.outbox).toEqual([]);
  expect(isAtItsPace(control.all('key-watch')[0]?.dueAt)).toBe(true);
});

test.each<[string, ErrorCode | 'ok', ReturnType<typeof aWatch>]>([
  ['a key that stopped', 'kms.key-disabled', aWatch()],
  [
    'a key that came back',
    'ok',
    aWatch({
      availability: 'unavailable',
      verdict: { availability: 'unavailable', cause: 'key-disabled', evidence: '', at: NOW },
    }),
  ],
])('%s is signalled, and the verdict left to the assessment', async (_title, answer, watch) => {
  const { control, kms, ports } = world(watch);
  kms.unwrapAnswers(answer);
  kms.keyStateIs(answer === 'ok' ? 'Enabled' : 'Disabled');

  await probeKeys(ports);

  expect(control.outbox).toMatchObject([
    { detailType: keySignalReceived.detailType, detail: { signal: 'probe', kmsKeyArn: anArn() } },
  ]);
  expect(control.all('key-watch')[0]?.availability).toBe(watch.availability);
});

/** A key that was lost, of which somebody told so long ago. */
const lostAndTold = (toldMsAgo: number) => {
  const life = world(aWatch({ toldSince: after(-toldMsAgo) }));
  life.kms.unwrapAnswers('kms.key-disabled');
  life.kms.keyStateIs('Disabled');
  return life;
};

test('where nobody assesses the probe does, once somebody has told of the loss a minute ago', async () => {
  const { control, ports } = lostAndTold(60_000);

  await probeKeys(ports);

  expect(control.all('incident')).toMatchObject([
    { state: 'open', cause: 'key-disabled', signalledAt: after(-60_000) },
  ]);
  expect(control.all('key-watch')[0]).toMatchObject({ availability: 'unavailable' });
  expect(control.all('key-watch')[0]).not.toHaveProperty('toldSince');
});

test('the probe leaves it to whoever is to, before that, and tells again', async () => {
  const { control, ports } = lostAndTold(59_000);

  await probeKeys(ports);

  expect(control.all('incident')).toEqual([]);
  expect(control.outbox).toHaveLength(1);
  expect(control.all('key-watch')[0]).toMatchObject({ toldSince: after(-59_000), dueAt: after(30_000) });
});

test('the probe’s own word counts as well, and what is found to be nothing new is told no more', async () => {
  const { control, kms, ports } = world(aWatch());
  kms.unwrapAnswers('kms.key-disabled');
  kms.keyStateIs('Disabled');
  await probeKeys(ports);
  const told = control.all('key-watch')[0];
  kms.unwrapAnswers('ok');
  kms.keyStateIs('Enabled');

  await probeKeys({ ...ports, clock: { now: () => after(30_000) } });

  expect(told?.toldSince).toBe(NOW);
  expect(control.all('key-watch')[0]).not.toHaveProperty('toldSince');
});

test('what cannot be told leaves open what somebody told', async () => {
  const { control, kms, ports } = world(aWatch({ toldSince: after(-90_000) }));
  kms.unwrapAnswers('kms.throttled');

  await probeKeys(ports);

  expect(control.all('key-watch')[0]?.toldSince).toBe(after(-90_000));
});

test('two that assess at the same time open one incident', async () => {
  const { control, ports } = lostAndTold(60_000);
  const hint = { kmsKeyArn: anArn(), signal: 'own-failure', signalledAt: NOW } as const;

  await Promise.all([probeKeys(ports), assessKey(hint, ports), probeKeys(ports)]);

  expect(control.all('incident')).toHaveLength(1);
  expect(control.outbox.filter(({ detailType }) => detailType === incidentOpened.detailType)).toHaveLength(1);
});

test('a loss, or a return, that applications were not told is a signal: an earlier build told them nothing', async () => {
  const verdict = { availability: 'unavailable', cause: 'key-disabled', evidence: '', at: NOW } as const;
  const lost = world(aWatch({ availability: 'unavailable', verdict }));
  lost.kms.unwrapAnswers('kms.key-disabled');
  lost.kms.keyStateIs('Disabled');
  const back = world(aWatch());
  back.control.given('kms-key', aKmsKey({ loss: { cause: 'key-disabled', since: NOW } }));

  for (const { control, ports } of [lost, back]) {
    await probeKeys(ports);
    expect(control.outbox).toMatchObject([{ detailType: keySignalReceived.detailType }]);
  }
});

test('a key that is away is looked at again within half a minute', async () => {
  const verdict = { availability: 'unavailable', cause: 'key-disabled', evidence: '', at: NOW } as const;
  const { control, kms, ports } = world(aWatch({ availability: 'unavailable', verdict }));
  control.given('kms-key', aKmsKey({ loss: { cause: 'key-disabled', since: NOW } }));
  kms.unwrapAnswers('kms.key-disabled');
  kms.keyStateIs('Disabled');

  await probeKeys(ports);

  expect(control.outbox).toEqual([]);
  expect(control.all('key-watch')[0]?.dueAt).toBe(after(30_000));
});

test('a probe that is not due yet is not made', async () => {
  const { kms, ports } = world(aWatch({ dueAt: after(1) }));

  await probeKeys(ports);

  expect(kms.unwraps()).toBe(0);
});

test('a key that we took out of use ourselves is probed no more', async () => {
  const { control, kms, ports } = world(aWatch());
  control.given('kms-key', aKmsKey({ state: 'disabled' }));

  await probeKeys(ports);

  expect(kms.unwraps()).toBe(0);
  expect(control.all('key-watch')[0]?.dueAt).toBe(NEVER);
});

test('one key whose probe breaks keeps no other from being probed', async () => {
  const broken = aWatch({ kmsKeyArn: anArn('broken') });
  const { control, kms, ports } = world(broken, aWatch());
  const { unwrap } = kms.crypto;
  const crypto = {
    ...kms.crypto,
    unwrap: (...asked: Parameters<typeof unwrap>) => {
      if (asked[0].kmsKeyArn === broken.kmsKeyArn) throw new Error('a bug');
      return unwrap(...asked);
    },
  };

  const outcome = await probeKeys({ ...ports, crypto });

  expect(outcome).toEqual({ probed: 2, failed: 1 });
  const [failed, probed] = control
    .all('key-watch')
    .map(({ dueAt }) => dueAt)
    .sort();
  expect([failed, isAtItsPace(probed)]).toEqual([NOW, true]);
});

describe('when the next look is', () => {
  const lost = { availability: 'unavailable', cause: 'key-disabled', evidence: '', at: NOW } as const;
  const nextAfter = async (watch: ReturnType<typeof aWatch>, ...answers: (ErrorCode | 'ok')[]) => {
    const { control, kms, ports } = world(watch);
    kms.unwrapAnswers(...answers);
    await probeKeys(ports);
    return control.all('key-watch')[0]?.dueAt;
  };

  test.each<[string, ReturnType<typeof aWatch>, ErrorCode | 'ok']>([
    ['a loss that nobody has recorded yet', aWatch(), 'kms.key-disabled'],
    ['a return that nobody has recorded yet', aWatch({ availability: 'unavailable', verdict: lost }), 'ok'],
    ['what nobody can tell', aWatch(), 'kms.unreachable'],
    ['a refusal after a brief look', aWatch({ fullLookAt: NOW }), 'kms.access-denied'],
  ])('is decided by what was found: soon after %s', async (_title, watch, answer) => {
    expect(await nextAfter(watch, answer)).toBe(after(30_000));
  });

  test('keys that began together drift apart', async () => {
    const { control, ports } = world(
      ...Array.from({ length: 50 }, (_, at) => aWatch({ kmsKeyArn: anArn(`key-${at}`) })),
    );

    await probeKeys(ports);

    expect(new Set(control.all('key-watch').map(({ dueAt }) => dueAt)).size).toBeGreaterThan(45);
  });

  test.each([
    [120, 120_000],
    [1, 60_000],
    [86_400, 3_600_000],
  ])('is at the pace that the customer was promised, within bounds: %i seconds', async (seconds, everyMs) => {
    const { control, ports } = world(aWatch());
    control.given('service-level', aServiceLevel({ probeEverySeconds: seconds }));

    await probeKeys(ports);

    const [watch] = control.all('key-watch');
    expect(watch?.probeEverySeconds).toBe(seconds);
    expect(isAtItsPace(watch?.dueAt, everyMs)).toBe(true);
  });

  test('is at the usual pace again where it is promised no more', async () => {
    const { control, ports } = world(aWatch({ probeEverySeconds: 60 }));
    control.given('service-level', aServiceLevel());

    await probeKeys(ports);

    expect(control.all('key-watch')[0]).not.toHaveProperty('probeEverySeconds');
    expect(isAtItsPace(control.all('key-watch')[0]?.dueAt)).toBe(true);
  });
});

test('what nobody can tell is no news: no assessment would tell it either', async () => {
  const { control, kms, ports } = world(aWatch());
  kms.unwrapAnswers('kms.throttled');

  await probeKeys(ports);

  expect(control.outbox).toEqual([]);
});

describe('a brief look', () => {
  const well = (fields: Partial<ReturnType<typeof aWatch>> = {}) => aWatch({ fullLookAt: NOW, ...fields });
  const describes = (kms: ReturnType<typeof scriptedKms>) => {
    let calls = 0;
    const describe = (...asked: Parameters<typeof kms.observer.describe>) => {
      calls += 1;
      return kms.observer.describe(...asked);
    };
    return { observer: { ...kms.observer, describe }, calls: () => calls };
  };
  const run = async (watch: ReturnType<typeof aWatch>, at = NOW) => {
    const { control, kms, ports } = world(watch);
    const { observer, calls } = describes(kms);
    await probeKeys({ ...ports, observer, clock: { now: () => at } });
    return { described: calls(), unwraps: kms.unwraps(), proofs: kms.proofs(), watch: control.all('key-watch')[0] };
  };

  test('tries every use and reads nothing, while a full one is not long ago', async () => {
    expect(await run(well())).toMatchObject({ described: 0, unwraps: 1, proofs: 2, watch: { fullLookAt: NOW } });
  });

  test('is not enough an hour after a full one, nor of a key that is not well', async () => {
    const anHour = after(3_600_000);
    expect(await run(well(), anHour)).toMatchObject({ described: 1, watch: { fullLookAt: anHour } });

    const verdict = { availability: 'at-risk', cause: 'key-policy', evidence: '', at: NOW } as const;
    expect(await run(well({ availability: 'at-risk', verdict }))).toMatchObject({ described: 1 });
  });

  test('that finds anything amiss is followed by a full one at once, which tells what', async () => {
    const { control, kms, ports } = world(well());
    kms.proofAnswers('kms:GenerateDataKey', 'kms.access-denied', { refusedBy: 'resource' });

    await probeKeys(ports);

    const observed = expect.stringContaining('we may not kms:GenerateDataKey');
    expect(control.outbox).toMatchObject([{ detail: { signal: 'probe', observed } }]);
  });
});

describe('the part of what is due that a run works', () => {
  test('is the one that its schedule names', async () => {
    const arns = Array.from({ length: 40 }, (_, at) => anArn(`key-${at}`));
    const { control, ports } = world(...arns.map((kmsKeyArn) => aWatch({ kmsKeyArn })));
    const looked: number[] = [];

    for (let part = 0; part < DUE_PARTS; part += 1) looked.push((await probeKeys(ports, part)).probed);

    expect(Math.max(...looked)).toBeLessThan(40);
    expect(looked.reduce((all, some) => all + some)).toBe(40);
    expect(await control.due('key-watch', NOW, 100)).toEqual([]);
  });
});
