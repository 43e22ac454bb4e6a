/** Something still needs the key: it stays in use, people are told what it is, and what came late is moved. */

import { keyRetirementRefused } from '../../../../events/key-retirement-refused';
import { DAY_MS, later } from '../../instants';
import type { KmsKey } from '../../keys/kms-key';
import { moveDataStores } from '../../keys/move-data-stores';
import { newFact } from '../../outbox/new-fact';
import type { Change } from '../../ports';
import { beginJob } from '../../reencryption/jobs/begin-job';
import type { Retirement } from '../retirement';
import { certified } from '../verify/certificate';
import { inFull, inWords, type ReferenceReport, type References } from '../verify/references';
import { usageSourcesOf } from '../verify/usage-sources';
import type { RetirementContext } from '../verify/verify-unused';
import type { RetirePorts } from './ports';
import { backToWatching, enableInKms, inUse, watchAgain } from './restore-key';

/** Whether that was said before, and nothing can be moved for it: it is not told again, however often it is asked. */
export async function wasRefused(
  { key }: RetirementContext,
  { references }: ReferenceReport,
  ports: RetirePorts,
): Promise<boolean> {
  const isSame = key.retirementRefused?.references.join() === inFull(references).join();
  return isSame && (await targetForLatecomers(key, references, ports)) === undefined;
}

/**
 * Records and publishes why the key does not go, with a certificate that says so. A key that was disabled is enabled
 * before anything else. Data keys and data stores that came late are moved by a job of their own, whose end asks again.
 */
export async function refuse(open: RetirementContext, report: ReferenceReport, ports: RetirePorts): Promise<void> {
  const { references } = report;
  const words = inFull(references);
  ports.log.warn('retirement refused', { kmsKeyArn: open.key.kmsKeyArn, references: words });
  await enableInKms(open.key, ports);
  if (references.dataStores.length > 0 && open.key.replacedBy)
    await moveDataStores({ kmsKeyArn: open.key.kmsKeyArn, toKmsKeyArn: open.key.replacedBy }, ports);

  const key = refusedKey(inUse(open.key), words, ports.clock.now());
  const evidence = { checks: report.checks, witnesses: await usageSourcesOf(key, ports) };
  const issued = await certified('needed', { ...open, key, evidence }, ports);
  const back = backInUse(issued.retirement, references, ports);
  const job = await jobForLatecomers(key, references, ports);
  await ports.control.commit({
    writes: [
      ...(job?.writes ?? [{ entityType: 'kms-key', row: key } as const]),
      { entityType: 'retirement', row: back.row },
      ...(open.key.state === 'retiring' && open.key.quietSince === undefined
        ? []
        : await watchAgain(key.kmsKeyArn, ports)),
    ],
    facts: [refusal(key, references, ports), issued.fact, ...back.facts, ...(job?.facts ?? [])],
  });
}

/** That it was looked at again, and needed by the same. */
export async function noteStillNeeded(
  { key, retirement }: RetirementContext,
  report: ReferenceReport,
  ports: RetirePorts,
): Promise<void> {
  const now = ports.clock.now();
  await ports.control.commit({
    writes: [
      { entityType: 'kms-key', row: refusedKey(key, inFull(report.references), now) },
      { entityType: 'retirement', row: { ...retirement, dueAt: later(now, DAY_MS) } },
    ],
    facts: [],
  });
}

const refusedKey = (key: KmsKey, references: readonly string[], at: string): KmsKey => ({
  ...key,
  retirementRefused: { references, at },
});

const stillNeeded = (words: readonly string[]) => `still needed: ${words.join(', ')}`;

/** It is asked again by the end of a job, and looked at every day in case no job comes. */
function backInUse(retirement: Retirement, references: References, ports: RetirePorts) {
  const reason = stillNeeded(inFull(references));
  if (retirement.stage !== 'watching') {
    const { row, fact } = backToWatching(retirement, { reason: stillNeeded(inWords(references)) }, ports);
    return { row: { ...row, reason }, facts: [fact] };
  }
  return { row: { ...retirement, reason, dueAt: later(ports.clock.now(), DAY_MS) }, facts: [] };
}

/** What came late is moved; its end asks again. While a job is in flight that one's end will. */
async function jobForLatecomers(key: KmsKey, references: References, ports: RetirePorts): Promise<Change | undefined> {
  const to = await targetForLatecomers(key, references, ports);
  if (!to) return undefined;
  const { keyMaterialId: fromKeyMaterialId } = key;
  const plan = { jobId: ports.ids.next(), from: key, fromKeyMaterialId, to, toKeyMaterialId: to.keyMaterialId };
  return beginJob(plan, ports);
}

async function targetForLatecomers(key: KmsKey, references: References, { control }: RetirePorts) {
  const came = references.dataKeys + references.dataStores.length;
  if (came === 0 || references.jobs.length > 0 || key.replacedBy === undefined) return undefined;
  const to = await control.find('kms-key', key.replacedBy);
  return to?.state === 'active' ? to : undefined;
}

function refusal(key: KmsKey, references: References, ports: RetirePorts) {
  const { kmsKeyArn, customerId } = key;
  return newFact(keyRetirementRefused, ports, {
    kmsKeyArn,
    customerId,
    references: [...inWords(references)],
    dataKeys: references.dataKeys + references.quarantined + references.strays.length,
    dataStores: references.dataStores.length + references.misplaced.length,
  });
}
