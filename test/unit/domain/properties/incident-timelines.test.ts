/**
 * Random timelines of losses, returns, flaps, storms, throttling, outages and refusals of our own, with signals that are lost, late
 * and repeated, against what a person with the truth would say. `RUNS` timelines (25 unless it is set); a failure names its seed,
 * and `SEED=…` plays that one alone.
 */
import { keySignalReceived } from '../../../../events/key-signal-received';
import { isOperators, type KeyIncident } from '../../../../shared/domain/availability/incidents/incident';
import { probeKeys } from '../../../../shared/domain/availability/probe-keys';
import { beat } from '../../../../shared/domain/availability/self-watch/beat';
import { BEATING } from '../../../../shared/domain/availability/self-watch/heartbeat';
import { watchOurselves } from '../../../../shared/domain/availability/self-watch/watch-ourselves';
import { type ErrorCode, KeywrightError } from '../../../../shared/domain/errors';
import { elapsedMs } from '../../../../shared/domain/instants';
import { incidentWorld } from '../../../support/incident-world';
import { aCustomer, after, anArn } from '../../../support/make';
import { randomOf } from '../../../support/random';
import { scriptedByKey } from '../../../support/scripted-kms';

const MINUTE_MS = 60_000;
const TICK_MS = 10_000;
const MINUTES = 40;
/** The slowest path: the probe of an idle key every five minutes, two minutes of runs, and the page. */
const FOUND_WITHIN_MS = 7 * MINUTE_MS;

/** What keeps us from telling, each with what the call that unwraps answers. */
const BLINDNESS = ['kms.throttled', 'kms.unreachable', 'sts.unreachable', 'kms.access-denied'] as const;
type Blindness = (typeof BLINDNESS)[number];

/** The truth about a key: the whole reference model. */
interface Truth {
  lostSince: string | undefined;
  /** Each loss, with when it ended; open-ended while it lasts. */
  readonly losses: { readonly from: string; to: string | undefined }[];
  /** Since when somebody who looks at it could tell that it is lost. */
  knowableSince: string | undefined;
}

function timeline(seed: number) {
  const random = randomOf(seed);
  const truths = new Map<string, Truth>();
  let blind: { readonly by: Blindness; readonly canDescribe: boolean } | undefined;
  let blindEver = false;
  const truthOf = (kmsKeyArn: string): Truth => truths.get(kmsKeyArn) as Truth;

  const refuse = (code: ErrorCode) => {
    throw new KeywrightError(code, `KMS says ${code}.`, { refusedBy: 'identity', isExplicit: false });
  };
  const isHidden = () => blind !== undefined && !blind.canDescribe;
  const kms = scriptedByKey({
    unwrap(kmsKeyArn) {
      if (blind) refuse(blind.by);
      if (truthOf(kmsKeyArn).lostSince !== undefined) refuse('kms.key-disabled');
    },
    describe(kmsKeyArn) {
      if (isHidden()) refuse(blind?.by === 'kms.access-denied' ? 'kms.throttled' : (blind?.by ?? 'kms.throttled'));
      return { keyState: truthOf(kmsKeyArn).lostSince === undefined ? 'Enabled' : 'Disabled' };
    },
  });
  const { control, pager, clock, ports, signal, incidents, settle, page, givenWatched } = incidentWorld(kms);
  control.given('customer', aCustomer(), aCustomer({ customerId: 'globex', name: 'Globex' }));
  const keyCount = 1 + random.below(5);
  for (let at = 0; at < keyCount; at += 1) {
    const kmsKeyArn = givenWatched({ kmsKeyArn: anArn(`k${at}`), customerId: random.pick(['acme', 'globex']) });
    truths.set(kmsKeyArn, { lostSince: undefined, losses: [], knowableSince: undefined });
  }
  const arns = [...truths.keys()];

  const noteKnowable = () => {
    for (const truth of truths.values()) {
      if (truth.lostSince === undefined || isHidden()) truth.knowableSince = undefined;
      else truth.knowableSince ??= clock.now();
    }
  };
  const late: { readonly kmsKeyArn: string; readonly at: string }[] = [];
  const signals = (due: readonly string[]) => Promise.all(due.map((kmsKeyArn) => signal({ kmsKeyArn })));
  /** Its event comes at once, twice, late, or never. */
  const tell = async (kmsKeyArn: string) => {
    const how = random.below(4);
    if (how < 2) await signals(Array.from({ length: how + 1 }, () => kmsKeyArn));
    if (how === 2) late.push({ kmsKeyArn, at: after(random.below(180_000), clock.now()) });
  };
  const lose = (kmsKeyArn: string) => {
    const truth = truthOf(kmsKeyArn);
    if (truth.lostSince !== undefined) return;
    truth.lostSince = clock.now();
    truth.losses.push({ from: clock.now(), to: undefined });
  };
  const giveBack = (kmsKeyArn: string) => {
    const truth = truthOf(kmsKeyArn);
    const loss = truth.losses.at(-1);
    if (truth.lostSince === undefined || !loss) return;
    truth.lostSince = undefined;
    loss.to = clock.now();
  };

  async function act(): Promise<void> {
    const one = random.pick(arns);
    const kind = random.below(7);
    if (kind <= 1) lose(one);
    if (kind === 2 || kind === 3) giveBack(one);
    if (kind === 4) for (const arn of arns) lose(arn);
    if (kind === 5) {
      blind = { by: random.pick(BLINDNESS), canDescribe: random.below(2) === 0 };
      blindEver = true;
    }
    if (kind === 6) blind = undefined;
    noteKnowable();
    if (kind <= 3) await tell(one);
    if (kind === 4) await Promise.all(arns.map(tell));
  }

  async function tick(isMinute: boolean): Promise<void> {
    clock.advance(TICK_MS);
    const now = clock.now();
    const due = late.filter(({ at }) => at <= now);
    for (const one of due) late.splice(late.indexOf(one), 1);
    await signals(due.map(({ kmsKeyArn }) => kmsKeyArn));
    if (isMinute) {
      await probeKeys(ports);
      for (const name of BEATING) await beat(name, ports);
      await watchOurselves(ports);
      const probed = control.outbox.filter(
        ({ detailType, detail }) => detailType === keySignalReceived.detailType && detail['at'] === now,
      );
      await signals(probed.map(({ detail }) => String(detail['kmsKeyArn'])));
    }
    // Twice a minute: what is woken by facts half a minute later.
    await settle();
    await page();
    noteKnowable();
  }

  return {
    control,
    pager,
    truths,
    now: clock.now,
    blindEver: () => blindEver,
    incidents,
    async play(check: () => void) {
      for (let tenth = 1; tenth <= MINUTES * 6; tenth += 1) {
        // Fast at times, so that keys flap; quiet at times.
        if (random.below(tenth % 120 < 40 ? 3 : 30) === 0) await act();
        await tick(tenth % 6 === 0);
        check();
      }
      blind = undefined;
      for (const arn of arns) giveBack(arn);
      noteKnowable();
      for (let tenth = 1; tenth <= 30 * 6; tenth += 1) await tick(tenth % 6 === 0);
    },
  };
}

type Timeline = ReturnType<typeof timeline>;

/** A loss that anybody who looks could tell of is told of in time. */
function everyLossIsFound(it: Timeline): void {
  for (const [kmsKeyArn, { knowableSince }] of it.truths) {
    if (knowableSince === undefined || elapsedMs(knowableSince, it.now()) < FOUND_WITHIN_MS) continue;
    const open = it.incidents().find((one) => one.kmsKeyArn === kmsKeyArn && one.state === 'open');
    const told = open?.partOf === undefined ? open : it.incidents().find((one) => one.incidentId === open.partOf);
    expect({
      kmsKeyArn,
      lostFor: elapsedMs(knowableSince, it.now()),
      paged: told?.pagedAt !== undefined,
    }).toMatchObject({
      paged: true,
    });
  }
}

/** A storm is over once all of it is: one that joined in the very moment has another leader by the next run. */
function stormsAreWhole(it: Timeline): void {
  const states = new Map(it.incidents().map(({ incidentId, state }) => [incidentId, state]));
  for (const { incidentId, partOf, state, detectedAt } of it.incidents()) {
    if (partOf === undefined || state === 'closed' || elapsedMs(detectedAt, it.now()) < TICK_MS) continue;
    expect({ incidentId, leader: states.get(partOf) }).not.toEqual({ incidentId, leader: 'closed' });
  }
}

/** A page about what is open goes out in the run after it opened, or opened again. */
function pagesAreInTime(it: Timeline): void {
  for (const incident of it.incidents()) {
    const since = incident.lostAt ?? incident.detectedAt;
    if (incident.state !== 'open' || incident.partOf !== undefined || elapsedMs(since, it.now()) < 2 * TICK_MS)
      continue;
    expect({ incident, isPaged: incident.pagedAt !== undefined }).toMatchObject({ isPaged: true });
  }
}

/** Nobody is named for what was no loss: each incident of a key was confirmed while its key was lost. */
function nothingElseIs(it: Timeline): void {
  for (const { kmsKeyArn, detectedAt, cause, party } of it.incidents()) {
    const losses = it.truths.get(kmsKeyArn)?.losses ?? [];
    const wasLost = losses.some(({ from, to }) => from <= detectedAt && (to === undefined || detectedAt <= to));
    expect({ kmsKeyArn, detectedAt, wasLost, cause, party }).toMatchObject({
      wasLost: true,
      cause: 'key-disabled',
      party: 'customer',
    });
  }
}

const isOver = (subject: string) => subject.startsWith('Over');
const isGrown = (subject: string) => /^\d+ keys: /.test(subject);

/** Exactly one page about each incident that leads, one once it is over, and none about a part. */
function pagesAreCounted(it: Timeline): void {
  const subjectsOf = (incidentId: string) =>
    it.pager.pages.filter((page) => page.incidentId === incidentId).map(({ subject }) => subject);
  const lasted = ({ detectedAt, recoveredAt, returns }: KeyIncident) =>
    returns === 1 && elapsedMs(detectedAt, recoveredAt ?? it.now()) > MINUTE_MS;
  for (const incident of it.control.all('incident')) {
    const subjects = subjectsOf(incident.incidentId);
    const opened = subjects.filter((subject) => !isOver(subject) && !isGrown(subject)).length;
    const over = subjects.filter(isOver).length;
    const wasPaged = incident.pagedAt !== undefined ? 1 : 0;
    expect({ incident, state: incident.state, opened, over }).toMatchObject({
      state: 'closed',
      opened: wasPaged,
      over: wasPaged,
    });
    expect(subjects.filter(isGrown).length).toBeLessThanOrEqual(2);
    if (incident.kind === 'operator') expect(wasPaged).toBe(1);
    else if (incident.partOf !== undefined) expect(subjects).toEqual([]);
    else if (lasted(incident)) expect(wasPaged).toBe(1);
  }
}

function troubleHasACause(it: Timeline): void {
  // Nobody tells customers here, which is trouble by itself.
  const troubles = it.control.all('incident').filter((one) => isOperators(one) && one.trouble !== 'notice-late');
  if (!it.blindEver()) expect(troubles).toEqual([]);
  expect(it.control.all('key-watch').every((watch) => watch.cannotTellSince === undefined)).toBe(true);
}

const seedAlone = process.env['SEED'];
const seeds = seedAlone
  ? [Number(seedAlone)]
  : Array.from({ length: Number(process.env['RUNS'] ?? 25) }, (_, at) => at + 1);

test(`${seeds.length} timelines differ in nothing from the truth`, async () => {
  const sums = { keyIncidents: 0, operatorIncidents: 0, parts: 0, flaps: 0 };
  for (const seed of seeds) {
    const it = timeline(seed);
    try {
      await it.play(() => {
        everyLossIsFound(it);
        stormsAreWhole(it);
        pagesAreInTime(it);
      });
      nothingElseIs(it);
      pagesAreCounted(it);
      troubleHasACause(it);
    } catch (error) {
      throw new Error(`SEED=${seed} ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
    const keys = it.incidents();
    sums.keyIncidents += keys.length;
    sums.operatorIncidents += it.control.all('incident').length - keys.length;
    sums.parts += keys.filter(({ partOf }) => partOf !== undefined).length;
    sums.flaps += keys.filter(({ returns = 0 }) => returns > 1).length;
  }
  // A world in which nothing happens would keep every law.
  if (seeds.length >= 100) for (const sum of Object.values(sums)) expect(sum).toBeGreaterThan(seeds.length / 10);
}, 3_600_000);
