/**
 * retire-key: a KMS key whose place another has taken goes out of the world, step by step, each verified.
 *
 * By its terms it is only ever disabled here, which can be undone. Deleting takes two people, and `delete-key`.
 */

import type { DataKeysReencrypted } from '../../../events/data-keys-reencrypted';
import { retryOnConflict } from '../retry-on-conflict';
import { workDue } from '../work-due-rows';
import { newRetirement } from './retirement';
import type { RetireOutcome, RetirePorts } from './steps/ports';
import { STEPS } from './steps/steps';
import { watch } from './steps/watch-references';
import { isAskedFor, type RetirementContext, retirementContext } from './verify/verify-unused';

/** So many are looked at in one run; the rest is due still and comes next. Most looks are a handful of reads. */
const RETIREMENTS_MAX = 500;
const CONCURRENCY = 4;

/** None is begun later: a part of a verification reads for minutes, and Lambda gives the function five. */
const RUN_MS = 60_000;

/**
 * Begins the retirement of a key that was replaced, or goes on with it after a job has moved what came late.
 *
 * Safe to repeat: a key that is retired stays so, and what refuses it is told once.
 *
 * @param ended The job that ended. One that moved data keys to newer material of the same key retires nothing.
 * @throws KeywrightError `kms.*` and `store.*` that may pass (retry).
 */
export async function retireKey(
  ended: Pick<DataKeysReencrypted, 'kmsKeyArn' | 'toKmsKeyArn' | 'at'>,
  ports: RetirePorts,
): Promise<RetireOutcome> {
  const { kmsKeyArn, toKmsKeyArn, at } = ended;
  if (kmsKeyArn === toKmsKeyArn) return 'not-due';
  return retryOnConflict(async () => {
    const key = await ports.control.find('kms-key', kmsKeyArn);
    if (key?.state !== 'retiring' && key?.state !== 'disabled') return 'not-due';
    const retirement = (await ports.control.find('retirement', kmsKeyArn)) ?? (await begun(key, ports));
    // A verification that is under way goes on by itself.
    if (retirement.scanCursor) return 'not-due';
    const open = retirementContext(key, retirement);
    // One that died half way is finished; everything else comes in its time.
    if (key.state === 'disabled')
      return retirement.stage === 'disable-due' ? STEPS['disable-due'](open, ports) : 'not-due';
    return isNews(at, open) ? watch(open, ports) : 'not-due';
  });
}

/** What happened before it began to watch, or before the last refusal, was seen. What changes without a job the next look sees. */
function isNews(at: string, { key: { retirementRefused }, retirement }: RetirementContext): boolean {
  const { stage, since, held, settleKms, revision } = retirement;
  if (revision === 0) return true;
  const seenAt = retirementRefused !== undefined && retirementRefused.at > since ? retirementRefused.at : since;
  return stage === 'watching' && !held && !settleKms && at > seenAt;
}

/** By the terms of the key's policy: those of the key that took its place may be others by now. */
async function begun(key: { readonly kmsKeyArn: string; readonly customerId?: string }, ports: RetirePorts) {
  const policy = await ports.control.find('rotation-policy', key.kmsKeyArn);
  return newRetirement(key, policy?.retirement, ports.clock.now());
}

/** Goes on with a retirement that is due, or with the next part of its scan. Safe to repeat. Throws as `retireKey` does. */
export async function advanceRetirement(
  { kmsKeyArn, part }: { readonly kmsKeyArn: string; readonly part?: number | undefined },
  ports: RetirePorts,
): Promise<RetireOutcome> {
  return retryOnConflict(async () => {
    const [key, retirement] = await Promise.all([
      ports.control.find('kms-key', kmsKeyArn),
      ports.control.find('retirement', kmsKeyArn),
    ]);
    if (!key || !retirement || !isAskedFor(retirement, part, ports.clock.now())) return 'not-due';
    return STEPS[retirement.stage](retirementContext(key, retirement), ports);
  });
}

/**
 * Goes on with every retirement that is due. Costs what is due. One that fails keeps no other back, and is due still, after all others.
 *
 * @returns how many there were, and how many of them failed.
 */
export async function reconcileRetirements(
  ports: RetirePorts,
): Promise<{ readonly due: number; readonly failed: number }> {
  const { succeeded, failed } = await workDue(
    'retirement',
    { max: RETIREMENTS_MAX, concurrency: CONCURRENCY, forMs: RUN_MS },
    ({ kmsKeyArn }) => advanceRetirement({ kmsKeyArn }, ports),
    ports,
  );
  for (const error of failed) ports.log.error('a retirement could not go on', { reason: String(error) });
  return { due: succeeded.length + failed.length, failed: failed.length };
}
