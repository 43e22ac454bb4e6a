/** declare-compromise: a person says that somebody else may have used a KMS key, or may know data keys. */

import { keyCompromised } from '../../../events/key-compromised';
import { invalid } from '../errors';
import type { KmsKey } from '../keys/kms-key';
import { defined } from '../optional-fields';
import { newFact } from '../outbox/new-fact';
import { mustFind } from '../require-row';
import { retryOnConflict } from '../retry-on-conflict';
import { type Compromise, compromiseTransition } from './compromise';
import type { CompromiseRequest, Declaration } from './declaration';
import { declareDataKeys } from './declare-data-keys';
import { dueFact } from './facts';
import type { CompromisePorts } from './ports';
import { type Protects, protectedBy } from './protected-data';
import { listedAnew } from './stages/inventory-data-keys';

export type Declared = { readonly compromise: Compromise } | { readonly protects: Protects };

/**
 * Declares a compromise and sets off what contains it. From the declaration on, data keys that are compromised are not
 * used for new data; a KMS key is replaced, and what is under it moved, before anything else.
 *
 * Safe to repeat: the same declaration gives the same compromise back. One that asks for new data keys where the first
 * did not is taken as the wish for them.
 *
 * @throws KeywrightError `input.invalid`, `state.not-found`, `state.forbids` before anything is touched.
 */
export async function declareCompromise(request: CompromiseRequest, ports: CompromisePorts): Promise<Declared> {
  refuseUnclear(request, ports);
  if (request.dryRun) return { protects: await protectedBy(request, ports) };
  const compromise =
    'kmsKeyArn' in request ? await declareKmsKey(request, ports) : await declareDataKeys(request, ports);
  return { compromise };
}

function refuseUnclear({ reason, since }: Declaration, { clock }: CompromisePorts): void {
  if (reason.trim() === '') throw invalid('reason', 'must say why, in words for whoever reads the audit stream.');
  if (since === undefined) return;
  if (Number.isNaN(Date.parse(since)) || new Date(since).toISOString() !== since) {
    throw invalid('since', 'must be a UTC instant with milliseconds, as 2026-01-31T12:00:00.000Z.');
  }
  if (since > clock.now()) throw invalid('since', `${since} is yet to come. Name the first moment of the exposure.`);
}

type KmsKeyRequest = Extract<CompromiseRequest, { readonly kmsKeyArn: string }>;

/** The key's row is the fence: of two declarations one commits, and the other finds it. */
async function declareKmsKey(request: KmsKeyRequest, ports: CompromisePorts): Promise<Compromise> {
  return retryOnConflict(async () => {
    const key = await mustFind('kms-key', request.kmsKeyArn, ports);
    if (key.isForDrills) throw invalid('key', 'is the key of drills: it protects nothing that could be compromised.');
    if (key.compromise)
      return declaredBefore(await mustFind('compromise', key.compromise.compromiseId, ports), request, ports);
    const compromise = newCompromise(key, request, ports);
    const { compromiseId, declaredAt: at } = compromise;
    await ports.control.commit({
      writes: [
        { entityType: 'compromise', row: compromise },
        { entityType: 'kms-key', row: { ...key, compromise: { compromiseId, at } } },
      ],
      facts: [declaredFact(compromise, key, ports)],
    });
    ports.log.warn('key declared compromised', { compromiseId, kmsKeyArn: key.kmsKeyArn, declaredBy: request.by });
    return { ...compromise, revision: 1 };
  });
}

async function declaredBefore(compromise: Compromise, request: KmsKeyRequest, ports: CompromisePorts) {
  if (compromise.replaceDataKeys || !request.replaceDataKeys) return compromise;
  const row = listedAnew({ ...compromise, replaceDataKeys: true }, ports);
  await ports.control.commit({ writes: [{ entityType: 'compromise', row }], facts: [dueFact(row, ports)] });
  return { ...row, revision: row.revision + 1 };
}

function newCompromise(key: KmsKey, request: KmsKeyRequest, { clock, ids }: CompromisePorts): Compromise {
  const { reason, since, by, replaceDataKeys = false } = request;
  const now = clock.now();
  return compromiseTransition(undefined, {
    compromiseId: ids.next(),
    what: 'kms-key',
    kmsKeyArn: key.kmsKeyArn,
    ...defined({ customerId: key.customerId }),
    reason,
    ...defined({ since }),
    declaredBy: by,
    declaredAt: now,
    replaceDataKeys,
    state: 'open',
    stage: 'notify',
    step: 0,
    dataStores: 0,
    affected: 0,
    cleared: 0,
    dataKeys: 0,
    dueAt: now,
    revision: 0,
  });
}

function declaredFact(compromise: Compromise, { kmsKeyArn, customerId }: KmsKey, ports: CompromisePorts) {
  const { compromiseId, reason, since, declaredBy, declaredAt } = compromise;
  return newFact(keyCompromised, ports, {
    at: declaredAt,
    compromiseId,
    kmsKeyArn,
    customerId,
    reason,
    since,
    declaredBy,
  });
}
