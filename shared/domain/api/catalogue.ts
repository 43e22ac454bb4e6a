/** Every operation of the API and of the command line, but for the approval: it has a function of its own. */
import type { ChannelPorts } from '../availability/paging/change-channels';
import type { CompromisePorts } from '../compromise/ports';
import type { StartDrillPorts } from '../drills/start-drill';
import type { FinishPorts } from '../reencryption/jobs/finish-job';
import type { RequestPorts } from '../reencryption/request-reencryption';
import type { ProofPorts } from '../retirement/identity-proof';
import type { BringBackPorts } from '../retirement/steps/restore-key';
import type { RulePorts } from '../rotation/set-rotation-rule';
import type { SubscriptionPorts } from '../subscriptions/change-subscriptions';
import { addAuditReaderOperation, listAuditReaders, removeAuditReaderOperation } from './audit-readers';
import { declareBackupOperation, listBackups, releaseBackupOperation } from './backups';
import { addChannelOperation, listChannels, removeChannelOperation, testChannelOperation } from './channels';
import {
  confirmNoneLeftOperation,
  declareCompromiseOperation,
  listCompromises,
  noteReprotectionOperation,
  showCompromise,
} from './compromises';
import { listCosts, showCosts } from './costs';
import { setCustomerWindowOperation, showCustomerWindow } from './customer-windows';
import { addCustomer, type CustomerPorts, changeCustomer, listCustomers, showCustomer } from './customers';
import { addDataStoreOperation, listDataStores } from './data-stores';
import { listDrills, showDrill, startDrillOperation } from './drills';
import type { FindKeyPorts } from './find-key';
import { acknowledgeIncidentOperation, explainIncidentOperation } from './incident-acts';
import { setKmsQuota, showKmsQuota } from './kms-quotas';
import { listIncidents } from './list-incidents';
import { listAllKeys, listKeys } from './list-keys';
import { listOptions } from './list-options';
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
import { inventoryOperation, retryReencryptionOperation, startReencryptionOperation } from './request-reencryption';
import { requestRotationOperation } from './request-rotation';
import {
  listRetirements,
  requestRetirementOperation,
  requestStepOperation,
  showCertificate,
  undoRetirementOperation,
} from './retirements';
import { showRotationPolicy } from './rotation-policy';
import { listServiceLevels, setServiceLevelOperation, showServiceLevel } from './service-levels';
import { setRotationRuleOperation } from './set-rotation-rule';
import { showImpact } from './show-impact';
import { showIncident } from './show-incident';
import { showStatus } from './show-status';
import {
  addSubscriptionOperation,
  listSubscriptions,
  pauseSubscriptionOperation,
  removeSubscriptionOperation,
  resendOperation,
  resumeSubscriptionOperation,
  rotateSecretOperation,
  showSubscription,
  testSubscriptionOperation,
} from './subscriptions';

/** What they need together. */
export type OperationPorts = FindKeyPorts &
  CustomerPorts &
  FinishPorts &
  RequestPorts &
  CompromisePorts &
  RulePorts &
  BringBackPorts &
  ChannelPorts &
  StartDrillPorts &
  SubscriptionPorts &
  ProofPorts;

export const OPERATIONS: readonly Operation<OperationPorts>[] = [
  listOptions,
  addCustomer,
  listCustomers,
  showCustomer,
  changeCustomer,
  addDataStoreOperation,
  listDataStores,
  listKeys,
  listAllKeys,
  requestRotationOperation,
  listRotations,
  showRotationPolicy,
  setRotationRuleOperation,
  listReencryptions,
  showReencryption,
  startReencryptionOperation,
  retryReencryptionOperation,
  inventoryOperation,
  pauseReencryption,
  resumeReencryption,
  cancelReencryption,
  setReencryptionPriority,
  showKmsQuota,
  setKmsQuota,
  planRetirement,
  listRetirements,
  requestRetirementOperation,
  requestStepOperation,
  undoRetirementOperation,
  showCertificate,
  declareBackupOperation,
  releaseBackupOperation,
  listBackups,
  declareCompromiseOperation,
  showCompromise,
  listCompromises,
  noteReprotectionOperation,
  confirmNoneLeftOperation,
  showStatus,
  listIncidents,
  showIncident,
  acknowledgeIncidentOperation,
  explainIncidentOperation,
  showImpact,
  showCustomerWindow,
  setCustomerWindowOperation,
  addAuditReaderOperation,
  removeAuditReaderOperation,
  listAuditReaders,
  setServiceLevelOperation,
  showServiceLevel,
  listServiceLevels,
  addChannelOperation,
  listChannels,
  testChannelOperation,
  removeChannelOperation,
  startDrillOperation,
  showDrill,
  listDrills,
  addSubscriptionOperation,
  listSubscriptions,
  showSubscription,
  pauseSubscriptionOperation,
  resumeSubscriptionOperation,
  removeSubscriptionOperation,
  testSubscriptionOperation,
  resendOperation,
  rotateSecretOperation,
  showCosts,
  listCosts,
];
