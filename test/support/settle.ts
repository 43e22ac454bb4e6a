/** Delivers every fact to the verbs that read it, in order, until nothing new comes of it. */
import { containmentDue } from '../../events/containment-due';
import { dataKeysReencrypted } from '../../events/data-keys-reencrypted';
import type { Fact } from '../../events/define-event';
import { keyAvailabilityChanged } from '../../events/key-availability-changed';
import { keyCompromised } from '../../events/key-compromised';
import { keyRotated } from '../../events/key-rotated';
import { reencryptionBatchDue } from '../../events/reencryption-batch-due';
import { rotationDue } from '../../events/rotation-due';
import { serves } from '../../shared/domain/availability/key-availability';
import { containCompromise, containKey } from '../../shared/domain/compromise/contain-compromise';
import { resumeJobs } from '../../shared/domain/reencryption/jobs/resume-job';
import { reencryptBatch } from '../../shared/domain/reencryption/reencrypt-data-keys';
import { startReencryption } from '../../shared/domain/reencryption/start-reencryption';
import { retireKey } from '../../shared/domain/retirement/retire-key';
import { resumeRotation } from '../../shared/domain/rotation/resume-rotation';
import { rotateKey } from '../../shared/domain/rotation/rotate-key';
import type { RotationWorld } from './rotation-world';

type Ports = RotationWorld['ports'];
type Reader = (fact: Fact, ports: Ports) => Promise<unknown>;

/** As the rules in serverless.yml have it. */
const READERS: Readonly<Record<string, readonly Reader[]>> = {
  [rotationDue.detailType]: [({ detail }, ports) => rotateKey(rotationDue.read(detail), ports)],
  [keyRotated.detailType]: [
    ({ detail }, ports) => startReencryption(keyRotated.read(detail), ports),
    ({ detail }, ports) => containKey(keyRotated.read(detail), ports),
  ],
  [reencryptionBatchDue.detailType]: [({ detail }, ports) => reencryptBatch(reencryptionBatchDue.read(detail), ports)],
  [dataKeysReencrypted.detailType]: [
    ({ detail }, ports) => containKey(dataKeysReencrypted.read(detail), ports),
    ({ detail }, ports) => retireKey(dataKeysReencrypted.read(detail), ports),
  ],
  [keyCompromised.detailType]: [({ detail }, ports) => containKey(keyCompromised.read(detail), ports)],
  [keyAvailabilityChanged.detailType]: [resumed(resumeJobs), resumed(resumeRotation)],
  [containmentDue.detailType]: [({ detail }, ports) => containCompromise(containmentDue.read(detail), ports)],
};

function resumed(resume: (kmsKeyArn: string, ports: Ports) => Promise<unknown>): Reader {
  return async ({ detail }, ports) => {
    const { kmsKeyArn, to } = keyAvailabilityChanged.read(detail);
    if (serves(to)) await resume(kmsKeyArn, ports);
  };
}

/** More facts than this do not come to rest. */
const FACTS_MAX = 5_000;

/** @returns how many facts were delivered. */
export async function settle(world: RotationWorld, from = 0): Promise<number> {
  let at = from;
  for (let fact = world.control.outbox[at]; fact; fact = world.control.outbox[at]) {
    for (const reader of READERS[fact.detailType] ?? []) await reader(fact, world.ports);
    at += 1;
    if (at - from > FACTS_MAX) throw new Error(`does not come to rest: ${fact.detailType} again and again`);
  }
  return at;
}
