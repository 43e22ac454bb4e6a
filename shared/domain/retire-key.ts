/**
 * retire-key: a KMS key whose place another has taken is disabled, once it is proved that nothing needs it.
 *
 * `retiring` keeps new data stores and jobs away; `disabled` is committed before KMS is asked, so that whoever would
 * bring the key back finds out; and the proof is made again after KMS has disabled it, because a data key that was made
 * a moment before may have been stored a moment after. What the second proof finds brings the key back at once. Nothing
 * is ever deleted here: that takes a second person.
 */
import type { DataKeysReencrypted } from '../../events/data-keys-reencrypted';
import { keyRetired } from '../../events/key-retired';
import { keyRetirementRefused } from '../../events/key-retirement-refused';
import { decideAnew } from './decide-anew';
import type { KmsKey } from './kms-key';
import { moveDataStores } from './move-data-stores';
import type { Change, Clock, ControlStore, DataKeyStore, Ids, KeyAdministrator, Log } from './ports';
import { beginJob } from './reencrypt-data-keys/begin-job';
import { inWords, isNeeded, type References, referencesTo } from './retire-key/references';

export interface RetirePorts {
  readonly control: ControlStore;
  readonly dataKeys: DataKeyStore;
  readonly administrator: KeyAdministrator;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/** `not-due`: the key is in use, or retired already. */
export type RetireOutcome = 'retired' | 'refused' | 'not-due';

/**
 * Retires a key that is `retiring`, or records and publishes why not.
 *
 * Safe to repeat: a key that is retired stays so, and the same request is refused with a fact once. Data keys and data
 * stores that came late are moved by a job of their own, whose end asks again.
 *
 * @param ended The job that ended. One that moved data keys to newer material of the same key retires nothing.
 * @throws KeywrightError `kms.*` and `store.*` that may pass (retry).
 */
export async function retireKey(
  ended: Pick<DataKeysReencrypted, 'kmsKeyArn' | 'toKmsKeyArn' | 'jobId'>,
  ports: RetirePorts,
): Promise<RetireOutcome> {
  const { kmsKeyArn, toKmsKeyArn, jobId } = ended;
  if (kmsKeyArn === toKmsKeyArn) return 'not-due';
  return decideAnew(async () => {
    const key = await ports.control.find('kms-key', kmsKeyArn);
    if (key?.state === 'retiring') return retire(key, jobId, ports);
    if (key?.state === 'disabled' && key.retiredAt === undefined) return disable(key, jobId, ports);
    return 'not-due';
  });
}

async function retire(key: KmsKey, by: string, ports: RetirePorts): Promise<RetireOutcome> {
  const references = await referencesTo(key, ports);
  if (isNeeded(references)) return wasRefused(key, by) ? 'refused' : refuse(key, references, by, ports);
  await ports.control.commit({ writes: [{ noun: 'kms-key', row: { ...key, state: 'disabled' } }], facts: [] });
  return disable({ ...key, state: 'disabled', revision: key.revision + 1 }, by, ports);
}

async function disable(key: KmsKey, by: string, ports: RetirePorts): Promise<RetireOutcome> {
  await ports.administrator.disable(key);
  const late = await referencesTo(key, ports);
  if (isNeeded(late)) {
    await ports.administrator.enable(key);
    return refuse({ ...key, state: 'retiring' }, late, by, ports);
  }
  await ports.control.commit(retired(key, ports));
  ports.log.info('key retired', { kmsKeyArn: key.kmsKeyArn });
  return 'retired';
}

function retired({ retirementRefused: _settled, ...key }: KmsKey, { clock, ids }: RetirePorts): Change {
  const { kmsKeyArn, customerId, replacedBy } = key;
  const at = clock.now();
  const fact = keyRetired.of({
    factId: ids.next(),
    at,
    kmsKeyArn,
    ...(customerId !== undefined && { customerId }),
    ...(replacedBy !== undefined && { replacedBy }),
  });
  return { writes: [{ noun: 'kms-key', row: { ...key, retiredAt: at } }], facts: [fact] };
}

const wasRefused = ({ retirementRefused }: KmsKey, by: string) => retirementRefused?.by.includes(by) === true;

async function refuse(key: KmsKey, references: References, by: string, ports: RetirePorts): Promise<RetireOutcome> {
  const words = inWords(references);
  ports.log.warn('retirement refused', { kmsKeyArn: key.kmsKeyArn, references: words });
  if (references.dataStores.length > 0 && key.replacedBy)
    await moveDataStores({ kmsKeyArn: key.kmsKeyArn, toKmsKeyArn: key.replacedBy }, ports);

  const askedBy = wasRefused(key, by) ? (key.retirementRefused?.by ?? []) : [...(key.retirementRefused?.by ?? []), by];
  const refused: KmsKey = { ...key, retirementRefused: { by: askedBy, references: words, at: ports.clock.now() } };
  const job = await jobForLatecomers(refused, references, ports);
  const writes = job?.writes ?? [{ noun: 'kms-key', row: refused } as const];
  await ports.control.commit({ writes, facts: [refusal(refused, references, ports), ...(job?.facts ?? [])] });
  return 'refused';
}

/** What came late is moved; its end asks again. While a job is in flight that one's end will. */
async function jobForLatecomers(key: KmsKey, references: References, ports: RetirePorts): Promise<Change | undefined> {
  const came = references.dataKeys + references.dataStores.length;
  const to = key.replacedBy ? await ports.control.find('kms-key', key.replacedBy) : undefined;
  if (came === 0 || references.jobs.length > 0 || to?.state !== 'active') return undefined;
  const { keyMaterialId: fromKeyMaterialId } = key;
  const plan = { jobId: ports.ids.next(), from: key, fromKeyMaterialId, to, toKeyMaterialId: to.keyMaterialId };
  return beginJob(plan, ports);
}

function refusal(key: KmsKey, references: References, { clock, ids }: RetirePorts) {
  const { kmsKeyArn, customerId } = key;
  return keyRetirementRefused.of({
    factId: ids.next(),
    at: clock.now(),
    kmsKeyArn,
    ...(customerId !== undefined && { customerId }),
    references: [...inWords(references)],
    dataKeys: references.dataKeys + references.setAside,
    dataStores: references.dataStores.length,
  });
}
