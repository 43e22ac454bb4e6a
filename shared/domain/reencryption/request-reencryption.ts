/**
 * request-reencryption: a person has data keys wrapped anew, without a rotation: those of a KMS key, a customer or a data
 * store, to newer material or to another key. What an earlier job quarantined is tried again.
 */

import { refuseUnavailable } from '../availability/refuse-unavailable';
import { KeywrightError } from '../errors';
import { isInUse, type KmsKey } from '../keys/kms-key';
import type { Log } from '../ports';
import { retryOnConflict } from '../retry-on-conflict';
import { refuseBadWindow } from '../rotation/work-window';
import { dataStoreKey } from '../rows';
import { chooseTarget, type TargetPorts } from './choose-target';
import type { InventoryLine } from './inventory';
import { type BeginPorts, beginJob, type JobPlan } from './jobs/begin-job';
import { termsAsked } from './jobs/job-terms';
import type { ReencryptionJob, Selection } from './reencryption';
import type { ReencryptionRequest } from './reencryption-request';
import { type Part, partsOf, type SelectPorts } from './select-data-keys';

export type RequestPorts = BeginPorts & SelectPorts & TargetPorts & { readonly log: Log };

/** One job, or what it would be. */
export interface RequestedReencryption {
  readonly kmsKeyArn: string;
  readonly only: Selection;
  readonly toKmsKeyArn: string;
  readonly toKeyMaterialId: string;
  readonly inventory: readonly InventoryLine[];
  /** How many data keys the job will move, by that inventory: at the most, where only those wrapped before an instant are meant. */
  readonly toMove: number;
  /** Absent in a dry run, and where nothing is to be done. */
  readonly jobId?: string;
}

/**
 * Begins a job for each KMS key that what is meant is under. To another key the data stores that are meant move along:
 * their new data keys are made there.
 *
 * Safe to repeat: while a job for the same is not over, that one is given back and no other begins.
 *
 * @throws KeywrightError `state.not-found`, `state.forbids`, `input.invalid`, naming the field: nothing was touched;
 *   `kms.*`, `sts.*`.
 */
export async function requestReencryption(
  request: ReencryptionRequest,
  ports: RequestPorts,
): Promise<readonly RequestedReencryption[]> {
  if (request.window) refuseBadWindow(request.window, 'window');
  const targeted: Targeted[] = [];
  for (const part of await partsOf(request, ports)) {
    refuseRetired(part.from);
    await refuseUnavailable(part.from.kmsKeyArn, 'kmsKeyArn', ports);
    const to = await chooseTarget(part, request.toKmsKeyArn, ports);
    await refuseUnavailable(to.kmsKeyArn, request.toKmsKeyArn === undefined ? 'kmsKeyArn' : 'toKmsKeyArn', ports);
    refuseNewest(part, to);
    targeted.push({ part, to });
  }
  if (request.dryRun) return targeted.map(answerOf);

  const begun: RequestedReencryption[] = [];
  for (const { part } of targeted) begun.push(await begin(part, request, ports));
  return begun;
}

function refuseRetired(key: KmsKey): void {
  if (isInUse(key)) return;
  const { kmsKeyArn, state } = key;
  const message = `kmsKeyArn: the key is ${state}: it was verified that nothing is under it, so nothing is left to move.`;
  throw new KeywrightError('state.forbids', message, { kmsKeyArn, state });
}

/** Under the same key only what it has left behind moves: to its newest material. */
function refuseNewest({ from, only: { keyMaterialId } }: Part, to: KmsKey): void {
  const isMoved = to.kmsKeyArn !== from.kmsKeyArn || keyMaterialId === undefined;
  if (isMoved || from.olderMaterialIds?.includes(keyMaterialId)) return;
  const message = `keyMaterialId: ${keyMaterialId} is none that ${from.kmsKeyArn} has left behind. Name an older one, or another key as the target.`;
  throw new KeywrightError('input.invalid', message, { field: 'keyMaterialId' });
}

interface Targeted {
  readonly part: Part;
  readonly to: KmsKey;
}

function answerOf({ part, to }: Targeted): RequestedReencryption {
  const { from, only, inventory } = part;
  return {
    kmsKeyArn: from.kmsKeyArn,
    only,
    toKmsKeyArn: to.kmsKeyArn,
    toKeyMaterialId: to.keyMaterialId,
    inventory,
    toMove: moving({ part, to }).reduce((sum, { dataKeys }) => sum + dataKeys, 0),
  };
}

/** Of the same key, what is under its newest material is where it should be. */
const moving = ({ part: { from, only, inventory }, to }: Targeted): readonly InventoryLine[] =>
  inventory.filter(
    ({ isNewest, keyMaterialId }) =>
      (!isNewest || to.kmsKeyArn !== from.kmsKeyArn) && (only.keyMaterialId ?? keyMaterialId) === keyMaterialId,
  );

async function begin(part: Part, request: ReencryptionRequest, ports: RequestPorts): Promise<RequestedReencryption> {
  return retryOnConflict(async () => {
    const { control, ids, log } = ports;
    const from = (await control.find('kms-key', part.from.kmsKeyArn)) ?? part.from;
    const targeted = { part: { ...part, from }, to: await chooseTarget({ ...part, from }, request.toKmsKeyArn, ports) };
    const answer = answerOf(targeted);
    const underWay = await jobUnderWay(answer, from, ports);
    if (underWay) return { ...answer, jobId: underWay.jobId };
    if (await isDone(answer, ports)) return answer;

    const jobId = ids.next();
    const terms = await termsAsked({ from, to: targeted.to }, request, ports);
    await control.commit(beginJob({ jobId, ...planOf(targeted), terms }, ports));
    log.info('re-encryption begun', { jobId, kmsKeyArn: from.kmsKeyArn, toKmsKeyArn: answer.toKmsKeyArn });
    return { ...answer, jobId };
  });
}

function planOf(targeted: Targeted): Omit<JobPlan, 'jobId'> {
  const { to, part } = targeted;
  const { from, only } = part;
  const isLeft = from.state === 'active' && to.kmsKeyArn !== from.kmsKeyArn;
  return {
    from,
    fromKeyMaterialId: only.keyMaterialId ?? mostOf(moving(targeted)) ?? from.keyMaterialId,
    to,
    toKeyMaterialId: to.keyMaterialId,
    ...(Object.keys(only).length > 0 && { only }),
    ...(isLeft && { movesDataStores: true }),
  };
}

async function jobUnderWay(answer: RequestedReencryption, { jobIds = [] }: KmsKey, { control }: RequestPorts) {
  const jobs = await Promise.all(jobIds.map((jobId) => control.find('reencryption-job', jobId)));
  return jobs.find((job): job is ReencryptionJob => job !== undefined && meaningOf(job) === meaningOf(answer));
}

const meaningOf = ({ kmsKeyArn, only, toKmsKeyArn, toKeyMaterialId }: ReencryptionJob | RequestedReencryption) => {
  const { within, keyMaterialId, wrappedBefore } = only ?? {};
  const { customerId, dataStoreId } = within ?? {};
  const meant = [kmsKeyArn, customerId, dataStoreId, keyMaterialId, wrappedBefore, toKmsKeyArn, toKeyMaterialId];
  return JSON.stringify(meant);
};

/** A data store was read through. Of a whole key the index tells, which may lag: its job finds out. */
async function isDone(
  { kmsKeyArn, only: { within }, toKmsKeyArn, toMove }: RequestedReencryption,
  ports: RequestPorts,
) {
  if (within === undefined || toMove > 0) return false;
  const dataStore = await ports.control.find('data-store', dataStoreKey(within.customerId, within.dataStoreId));
  return toKmsKeyArn === kmsKeyArn || dataStore?.kmsKeyArn !== kmsKeyArn;
}

const mostOf = (lines: readonly InventoryLine[]): string | undefined =>
  [...lines].sort((a, b) => b.dataKeys - a.dataKeys)[0]?.keyMaterialId;
