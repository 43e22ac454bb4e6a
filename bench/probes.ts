/**
 * Looks at 100,000 keys by the verb of `probe-keys`, a run a minute for each part of what is due, on a clock of its own and a store
 * in memory whose calls and those of KMS take as long as AWS's: how late the latest look is, and what looks cost.
 * `node bench/run-bundled.mjs probes [keys] [minutes]`. The last line is JSON.
 */
import { probeKeys } from '../shared/domain/availability/probe-keys';
import { putOffLook } from '../shared/domain/availability/put-off-look';
import { elapsedMs } from '../shared/domain/instants';
import { type Clock, type ControlStore, DUE_PARTS } from '../shared/domain/ports';
import { aKmsKey, anArn, aWatch, countedIds, silentLog } from '../test/support/make';
import { memoryControlStore } from '../test/support/memory-control-store';
import { scriptedKms } from '../test/support/scripted-kms';
import { virtualTime } from '../test/support/virtual-time';

const KEYS = 100_000;
/** More than the hour between two full looks. */
const MINUTES = 62;
const MINUTE_MS = 60_000;
/** The first looks at keys that all began together are no measure: their pace has not drifted yet. */
const WARM_UP_MINUTES = 15;
const INTERVAL_MS = 4 * MINUTE_MS;

/** Of one call, within a region. */
const KMS_MS = 15;
const STORE_MS = 8;

const MONTH_HOURS = 730;
/** Dollars for a request, as in bench/cost.ts; those that read a key's state or policy are counted as if they were charged too. */
const KMS_REQUEST = 0.03 / 10_000;

export async function run(
  _root: string,
  [keys = KEYS, minutes = MINUTES]: readonly (string | number)[],
): Promise<void> {
  const idle = await lookedAt(Number(keys), Number(minutes));
  const busy = await lookedAt(Number(keys) / 10, Number(minutes), true);
  const perMonth = callsPer10k(idle);
  console.log(
    `${idle.looks} looks in ${idle.hours.toFixed(2)} h, ${idle.full} of them full; ${idle.callsPerSecondWorst} calls of KMS in the busiest second`,
  );
  console.log(
    JSON.stringify({
      keys: Number(keys),
      looks: idle.looks,
      lateWorstMs: idle.lateWorstMs,
      overIntervalWorstMs: idle.overIntervalWorstMs,
      callsPerSecondWorst: idle.callsPerSecondWorst,
      callsPer10kIdle: Math.round(perMonth),
      dollarsPer10kIdle: Math.round(perMonth * KMS_REQUEST),
      callsPer10kBusy: Math.round(callsPer10k(busy)),
      dollarsPer10kBusy: Math.round(callsPer10k(busy) * KMS_REQUEST),
    }),
  );
  process.exitCode = idle.overIntervalWorstMs <= MINUTE_MS ? 0 : 1;
}

/** Of 10,000 keys in a month. */
const callsPer10k = ({
  calls,
  keys,
  hours,
}: {
  readonly calls: number;
  readonly keys: number;
  readonly hours: number;
}) => (calls / keys / hours) * MONTH_HOURS * 10_000;

/** @param isBusy Applications use each key once a minute, and our own trail tells of it. */
async function lookedAt(keys: number, minutes: number, isBusy = false) {
  const time = virtualTime();
  const clock: Clock = { now: () => new Date(time.nowMs()).toISOString() };
  const control = worldOf(keys, clock);
  const counted = { looks: 0, full: 0, calls: 0, lateWorstMs: 0, overIntervalWorstMs: 0, callsPerSecondWorst: 0 };
  const seconds = new Map<number, number>();
  const lastLook = new Map<string, number>();
  const warmUntilMs = time.nowMs() + WARM_UP_MINUTES * MINUTE_MS;

  const call = async <Answer>(answer: Promise<Answer>): Promise<Answer> => {
    const second = Math.floor(time.nowMs() / 1000);
    seconds.set(second, (seconds.get(second) ?? 0) + 1);
    if (time.nowMs() >= warmUntilMs) counted.calls += 1;
    await time.waitMs(KMS_MS);
    return answer;
  };
  const ports = {
    ...portsOf(call),
    control: slow(control, (watch) => noteLook(watch)),
    clock,
    ids: countedIds(),
    log: silentLog,
    pause: { wait: time.waitMs },
  };

  for (let minute = 0; minute < minutes; minute += 1) {
    for (let part = 0; part < DUE_PARTS; part += 1) void probeKeys(ports, part);
    if (isBusy) void seen(control, clock, keys);
    await time.pass(MINUTE_MS, () => undefined);
  }
  counted.callsPerSecondWorst = Math.max(...seconds.values());
  return { ...counted, keys, hours: (minutes - WARM_UP_MINUTES) / 60 };

  /** When a look is written: how late it began for when it was due, and how long after the one before. */
  function noteLook({ kmsKeyArn, dueAt, isFull }: { kmsKeyArn: string; dueAt: string; isFull: boolean }) {
    const nowMs = time.nowMs();
    const before = lastLook.get(kmsKeyArn);
    lastLook.set(kmsKeyArn, nowMs);
    if (nowMs < warmUntilMs || before === undefined) return;
    counted.looks += 1;
    if (isFull) counted.full += 1;
    counted.lateWorstMs = Math.max(counted.lateWorstMs, elapsedMs(dueAt, clock.now()));
    counted.overIntervalWorstMs = Math.max(counted.overIntervalWorstMs, nowMs - before - INTERVAL_MS);
  }

  function slow(store: ControlStore, note: typeof noteLook): ControlStore {
    return {
      ...store,
      async find(...asked) {
        await time.waitMs(STORE_MS);
        return store.find(...asked);
      },
      async commit(change) {
        await time.waitMs(STORE_MS);
        for (const { entityType, row } of change.writes) {
          if (entityType !== 'key-watch') continue;
          const before = await store.find('key-watch', row.kmsKeyArn);
          const isFull = before?.fullLookAt !== row.fullLookAt;
          if (before) note({ kmsKeyArn: row.kmsKeyArn, dueAt: before.dueAt, isFull });
        }
        return store.commit(change);
      },
    };
  }
}

/** What `record-key-events` makes of a use of each key. */
async function seen(control: ControlStore, clock: Clock, keys: number): Promise<void> {
  const at = clock.now();
  const ports = { control, clock, wasPutOff: () => false };
  for (let key = 0; key < keys; key += 1) await putOffLook({ kmsKeyArn: anArn(`key-${key}`), at }, ports);
}

function worldOf(keys: number, clock: Clock): ControlStore {
  const control = memoryControlStore();
  const arns = Array.from({ length: keys }, (_, at) => anArn(`key-${at}`));
  control.given('kms-key', ...arns.map((kmsKeyArn) => aKmsKey({ kmsKeyArn, customerId: kmsKeyArn })));
  control.given('key-watch', ...arns.map((kmsKeyArn) => aWatch({ kmsKeyArn, dueAt: clock.now() })));
  return control;
}

/** A KMS that serves, and counts what it is asked. */
function portsOf(call: <Answer>(answer: Promise<Answer>) => Promise<Answer>) {
  const { crypto, observer, prover, roles, ownAccountId } = scriptedKms();
  return {
    ownAccountId,
    crypto: { ...crypto, unwrap: (...asked: Parameters<typeof crypto.unwrap>) => call(crypto.unwrap(...asked)) },
    observer: {
      ...observer,
      describe: (...asked: Parameters<typeof observer.describe>) => call(observer.describe(...asked)),
      policy: (...asked: Parameters<typeof observer.policy>) => call(observer.policy(...asked)),
    },
    roles,
    prover: {
      proveRole: prover.proveRole,
      proveGenerate: (...asked: Parameters<typeof prover.proveGenerate>) => call(prover.proveGenerate(...asked)),
      proveReencrypt: (...asked: Parameters<typeof prover.proveReencrypt>) => call(prover.proveReencrypt(...asked)),
    },
  };
}
