/**
 * request-reencryption: a person has the data keys of a KMS key wrapped anew, without a rotation.
 *
 * Of a key in use, what is under its older materials moves to its newest; of a key whose place another has taken,
 * everything moves to that one. What an earlier job set aside is tried again.
 */
import { decideAnew } from '../decide-anew';
import { KeywrightError } from '../errors';
import { type KmsKey, toObserve } from '../kms-key';
import type { ControlStore, DataKeyStore, KeyObserver, Log } from '../ports';
import type { ReencryptionJob } from '../reencryption';
import { refuseBadWindow } from '../work-window';
import { type BeginPorts, beginJob } from './begin-job';
import { type CensusLine, censusOf } from './census';
import { type AskedTerms, termsAsked } from './job-terms';
import { successorOf } from './start-reencryption';

export interface RequestPorts extends BeginPorts {
  readonly control: ControlStore;
  readonly dataKeys: DataKeyStore;
  readonly observer: Pick<KeyObserver, 'describe'>;
  readonly log: Log;
}

export interface ReencryptionRequest extends AskedTerms {
  readonly kmsKeyArn: string;
  readonly dryRun?: boolean;
}

export interface RequestedReencryption {
  readonly kmsKeyArn: string;
  readonly toKmsKeyArn: string;
  readonly toKeyMaterialId: string;
  /** What is under the key at this moment, by the index. */
  readonly census: readonly CensusLine[];
  /** Data keys that the job will move, by the index. */
  readonly toMove: number;
  /** Absent in a dry run. */
  readonly jobId?: string;
}

/**
 * Begins a job for what is left to move.
 *
 * Safe to repeat: while a job of that key to the same material is not over, that one is given back and no other begins.
 *
 * @throws KeywrightError `state.not-found`, `state.forbids`, `input.invalid`: nothing was touched; `kms.*`, `sts.*`.
 */
export async function requestReencryption(
  { kmsKeyArn, priority, window, dryRun = false }: ReencryptionRequest,
  ports: RequestPorts,
): Promise<RequestedReencryption> {
  if (window) refuseBadWindow(window, 'window');
  return decideAnew(async () => {
    const from = await keyInUse(kmsKeyArn, ports);
    const to = from.replacedBy === undefined ? from : await successorOf(from.replacedBy, ports);
    await refuseUnfit(to, ports);
    const census = await censusOf(from, ports);
    const isMoved = ({ isNewest }: CensusLine) => !isNewest || to.kmsKeyArn !== kmsKeyArn;
    const moving = census.filter(isMoved);
    const answer = {
      kmsKeyArn,
      toKmsKeyArn: to.kmsKeyArn,
      toKeyMaterialId: to.keyMaterialId,
      census,
      toMove: moving.reduce((sum, { dataKeys }) => sum + dataKeys, 0),
    };
    if (dryRun) return answer;

    const running = await jobUnderWay(from, to, ports);
    if (running) return { ...answer, jobId: running.jobId };
    const jobId = ports.ids.next();
    const fromKeyMaterialId = mostOf(moving) ?? from.keyMaterialId;
    const terms = await termsAsked({ from, to }, { priority, window }, ports);
    const plan = { jobId, from, fromKeyMaterialId, to, toKeyMaterialId: to.keyMaterialId, terms };
    await ports.control.commit(beginJob(plan, ports));
    ports.log.info('re-encryption begun', { jobId, kmsKeyArn, toKmsKeyArn: to.kmsKeyArn });
    return { ...answer, jobId };
  });
}

async function keyInUse(kmsKeyArn: string, { control }: RequestPorts): Promise<KmsKey> {
  const key = await control.find('kms-key', kmsKeyArn);
  if (!key) throw new KeywrightError('state.not-found', `kmsKeyArn: ${kmsKeyArn} is not registered.`, { kmsKeyArn });
  if (key.state === 'active' || key.state === 'retiring') return key;
  const message = `kmsKeyArn: the key is ${key.state}: it was proved that nothing is under it, so nothing is left to move.`;
  throw new KeywrightError('state.forbids', message, { kmsKeyArn, state: key.state });
}

/** What KMS would refuse for every single data key is refused once, before anything begins. */
async function refuseUnfit(to: KmsKey, { observer }: RequestPorts): Promise<void> {
  const { kmsKeyArn } = to;
  const { keyState, keySpec, keyUsage } = await observer.describe(toObserve(to));
  const details = { kmsKeyArn, keyState, keySpec, keyUsage };
  if (keySpec !== 'SYMMETRIC_DEFAULT' || keyUsage !== 'ENCRYPT_DECRYPT') {
    const message = `kmsKeyArn: ${kmsKeyArn} is a ${keySpec} key for ${keyUsage}. Data keys need a symmetric key for ENCRYPT_DECRYPT.`;
    throw new KeywrightError('input.invalid', message, details);
  }
  if (keyState !== 'Enabled') {
    const message = `kmsKeyArn: ${kmsKeyArn} is ${keyState} in KMS. Enable it, then ask again.`;
    throw new KeywrightError('state.forbids', message, details);
  }
}

async function jobUnderWay({ jobIds = [], kmsKeyArn }: KmsKey, to: KmsKey, { control }: RequestPorts) {
  const jobs = await Promise.all(jobIds.map((jobId) => control.find('reencryption-job', jobId)));
  return jobs.find(
    (job): job is ReencryptionJob =>
      job?.kmsKeyArn === kmsKeyArn && job.toKmsKeyArn === to.kmsKeyArn && job.toKeyMaterialId === to.keyMaterialId,
  );
}

const mostOf = (lines: readonly CensusLine[]): string | undefined =>
  [...lines].sort((a, b) => b.dataKeys - a.dataKeys)[0]?.keyMaterialId;
