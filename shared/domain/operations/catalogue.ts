/** Every operation of the API and of the command line. */
import type { CompromisePorts } from '../compromise/ports';
import type { FinishPorts } from '../reencrypt-data-keys/finish-job';
import type { RequestPorts } from '../reencrypt-data-keys/request-reencryption';
import type { RulePorts } from '../set-rotation-rule';
import {
  confirmNoneLeftOperation,
  declareCompromiseOperation,
  listCompromises,
  noteReprotectionOperation,
  showCompromise,
} from './compromises';
import type { FindKeyPorts } from './find-key';
import { setKmsQuota, showKmsQuota } from './kms-quotas';
import { listKeys } from './list-keys';
import { listRotations } from './list-rotations';
import type { Operation } from './operation';
import { planRetirement } from './plan-retirement';
import {
  cancelReencryption,
  listReencryptions,
  pauseReencryption,
  resumeReencryption,
  setReencryptionPriority,
  showReencryption,
} from './reencryption-jobs';
import { censusOperation, startReencryptionOperation } from './request-reencryption';
import { requestRotationOperation } from './request-rotation';
import { showRotationPolicy } from './rotation-policy';
import { setRotationRuleOperation } from './set-rotation-rule';

/** What they need together. */
export type OperationPorts = FindKeyPorts & FinishPorts & RequestPorts & CompromisePorts & RulePorts;

export const OPERATIONS: readonly Operation<OperationPorts>[] = [
  listKeys,
  requestRotationOperation,
  listRotations,
  showRotationPolicy,
  setRotationRuleOperation,
  listReencryptions,
  showReencryption,
  startReencryptionOperation,
  censusOperation,
  pauseReencryption,
  resumeReencryption,
  cancelReencryption,
  setReencryptionPriority,
  showKmsQuota,
  setKmsQuota,
  planRetirement,
  declareCompromiseOperation,
  showCompromise,
  listCompromises,
  noteReprotectionOperation,
  confirmNoneLeftOperation,
];
