/** Incidents in a world of their own, and what operations answer about them. */

import type { KeySignalReceived } from '../../events/key-signal-received';
import { OPERATIONS, type OperationPorts } from '../../shared/domain/api/catalogue';
import { assessKey } from '../../shared/domain/availability/assess-key';
import type { KeyIncident } from '../../shared/domain/availability/incidents/incident';
import { pageOwed } from '../../shared/domain/availability/paging/page-oncall';
import { settleIncidents } from '../../shared/domain/availability/settle-incidents';
import type { KmsKey } from '../../shared/domain/keys/kms-key';
import {
  aDataStore,
  aKmsKey,
  anArn,
  anIncident,
  aSignal,
  aWatch,
  countedIds,
  after as inMs,
  noPause,
  ofKeys,
  silentLog,
} from './make';
import { memoryControlStore } from './memory-control-store';
import { memoryPager, memoryPaging } from './memory-pager';
import { type RotationWorld, testClock } from './rotation-world';
import { type ScriptedKms, scriptedKms } from './scripted-kms';

export const ADA = 'arn:aws:iam::111122223333:user/ada';
export const BOB = 'arn:aws:iam::111122223333:user/bob';

export type IncidentWorld = ReturnType<typeof incidentWorld>;

/** From a signal to a verdict, an incident and its pages, on a clock that tests move. No key is known yet. */
export function incidentWorld(kms: ScriptedKms = scriptedKms()) {
  const control = memoryControlStore();
  const pager = memoryPager();
  const clock = testClock();
  const ports = { control, ...kms, ...memoryPaging(pager), clock, ids: countedIds(), pause: noPause, log: silentLog };
  const settle = () => settleIncidents(ports);
  const page = () => pageOwed(ports);
  return {
    control,
    kms,
    pager,
    clock,
    ports,
    /** A key that is watched, of a customer's own account unless it is said to be ours, with a data store. */
    givenWatched({ kmsKeyArn = anArn(), customerId = 'acme', ...fields }: Partial<KmsKey> = {}): string {
      control.given('kms-key', aKmsKey({ option: 'customer-managed', kmsKeyArn, customerId, ...fields }));
      control.given('key-watch', aWatch({ kmsKeyArn, customerId }));
      control.given('data-store', aDataStore({ kmsKeyArn, customerId, dataStoreId: kmsKeyArn }));
      return kmsKeyArn;
    },
    signal: (fields: Partial<KeySignalReceived> = {}) =>
      assessKey(aSignal({ at: clock.now(), signalledAt: clock.now(), ...fields }), ports),
    settle,
    page,
    /** What schedules run, so many times, so many milliseconds apart. */
    async runs(times: number, everyMs: number) {
      for (let run = 0; run < times; run += 1) {
        clock.advance(everyMs);
        await settle();
        await page();
      }
    },
    incidents: () => ofKeys(control.all('incident')),
    watch: () => control.all('key-watch')[0],
    subjects: () => pager.pages.map(({ subject }) => subject),
    /** How many facts of that kind were committed. */
    count: (detailType: string) => control.outbox.filter((fact) => fact.detailType === detailType).length,
  };
}

/** What the operation of that name answers. */
export async function run<Answer>(
  name: string,
  input: unknown,
  world: RotationWorld,
  principal = ADA,
): Promise<Answer> {
  const operation = OPERATIONS.find((one) => one.name === name);
  if (!operation) throw new Error(`There is no operation ${name}.`);
  const ports: OperationPorts = { ...world.ports, aliases: { keyOf: async () => undefined } };
  return (await operation.run(input, { principal }, ports)) as Answer;
}

/** A key with its incidents; its watch names the one that is open. */
export function givenKey(world: RotationWorld, name: string, ...incidents: readonly Partial<KeyIncident>[]) {
  const kmsKeyArn = anArn(name);
  world.givenKey({ kmsKeyArn });
  const rows = incidents.map((fields) => anIncident({ kmsKeyArn, revision: 1, ...fields }));
  world.control.given('incident', ...rows);
  const open = rows.find(({ state }) => state === 'open');
  world.control.given('key-watch', aWatch({ kmsKeyArn, ...(open && { openIncidentId: open.incidentId }) }));
}

/** Over, and nobody is owed anything: out of the index. */
export function over(incidentId: string): Partial<KeyIncident> {
  const ended = { state: 'closed', recoveredAt: inMs(9_000), recoveryPagedAt: inMs(9_500) } as const;
  return { incidentId, ...ended, dueAt: undefined } as never;
}
