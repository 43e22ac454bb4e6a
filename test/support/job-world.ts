/** A re-encryption job that has begun and worked nothing yet. */
import { reencryptionBatchDue } from '../../events/reencryption-batch-due';
import { reencryptionChanged } from '../../events/reencryption-changed';
import { requestReencryption } from '../../shared/domain/reencryption/request-reencryption';
import type { WorkWindow } from '../../shared/domain/rotation/work-window';
import { anArn } from './make';
import { rotationWorld } from './rotation-world';

export const ANN = 'arn:aws:iam::111122223333:user/ann';
export const DATA_KEYS = 3;
export const HOUR_MS = 3_600_000;

/** Tests begin on a Tuesday at noon. */
export const TONIGHT: WorkWindow = { days: ['tue'], from: '22:00', to: '23:00', timeZone: 'UTC' };

type Asked = Omit<Parameters<typeof requestReencryption>[0], 'kmsKeyArn'>;

/** A key that left `DATA_KEYS` data keys behind under older material, and the job that moves them. */
export async function begunJob(request: Asked = {}) {
  const world = rotationWorld();
  const key = world.givenKey();
  for (let at = 0; at < DATA_KEYS; at += 1) await world.givenDataKey(`data-key-${at}`);
  const keyMaterialId = world.kms.rotate(anArn());
  world.control.given('kms-key', { ...key, keyMaterialId, olderMaterialIds: [key.keyMaterialId] });
  await requestReencryption({ kmsKeyArn: anArn(), ...request }, world.ports);

  const job = () => {
    const [row] = world.control.all('reencryption-job');
    if (!row) throw new Error('no job began');
    return row;
  };
  const detailsOf = (detailType: string) =>
    world.control.outbox.filter((fact) => fact.detailType === detailType).map(({ detail }) => detail);
  return {
    world,
    ports: world.ports,
    jobId: job().jobId,
    job,
    key: () => world.control.find('kms-key', anArn()),
    /** What was said of the job's changes. */
    changes: () => detailsOf(reencryptionChanged.detailType),
    /** How many batches were asked for. */
    batches: () => detailsOf(reencryptionBatchDue.detailType).length,
  };
}
