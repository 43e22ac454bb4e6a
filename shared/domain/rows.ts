/** The rows of the control table: which nouns there are, and what names each of their rows. */

import type { AuditLog } from './audit/log/audit-log';
import {
  type Completeness,
  type CustomerDay,
  customerDayKey,
  type TrailCursor,
  type TrailDay,
  trailDayKey,
} from './audit/trail/trail-rows';
import type { BlindSpot } from './availability/blind-spot';
import type { Incident } from './availability/incidents/incident';
import type { IncidentGroup } from './availability/incidents/incident-group';
import type { KeyWatch } from './availability/key-watch';
import type { CustomerNotice, NoticeRound } from './availability/notices/customer-notice';
import type { PageChannels } from './availability/paging/channel';
import type { PageDelivery } from './availability/paging/page-delivery';
import type { Forwarder } from './availability/self-watch/forwarder';
import type { Heartbeat } from './availability/self-watch/heartbeat';
import type { IgnoredSender } from './availability/self-watch/ignored-sender';
import { type TroubleWatch, troubleWatchId } from './availability/self-watch/trouble-watch';
import type { EarlyWarning } from './availability/warnings/early-warning';
import type { Compromise, Exposure } from './compromise/compromise';
import { type CostShare, costShareKey, type KeyUsage, keyUsageKey, type UsageMeter } from './costs/usage';
import type { AuditReader } from './customers/audit-reader';
import type { Customer, DataStore } from './customers/customer';
import type { CustomerWindow } from './customers/customer-window';
import type { StoreResource } from './customers/store-resource';
import type { Drill, DrillSchedule } from './drills/drill';
import type { CustomerAlias } from './keys/customer-alias';
import type { DataStoreCount } from './keys/data-store-count';
import type { KmsKey } from './keys/kms-key';
import type { KmsQuota } from './reencryption/quota/kms-quota';
import type { ReencryptionJob, ReencryptionShard } from './reencryption/reencryption';
import type { Approval } from './retirement/approval';
import type { DeclaredBackup } from './retirement/declared-backup';
import type { UsedProof } from './retirement/proven-caller';
import type { Retirement, RetirementStop } from './retirement/retirement';
import type { Rotation } from './rotation/rotation';
import type { RotationPolicy } from './rotation/rotation-policy';
import type { RotationRule } from './rotation/rotation-rule';
import type { ServiceLevel } from './service-levels/service-level';
import type { SlaInterval } from './service-levels/sla-interval';
import type { LedgerRound } from './sla-ledger/ledger-round';
import {
  type DeliveryLog,
  type DisabledSubscription,
  type ParkedEntry,
  parkedKey,
  type Subscription,
  subscriptionKey,
} from './subscriptions/subscription';

export interface Rows {
  customer: Customer;
  'customer-window': CustomerWindow;
  'audit-reader': AuditReader;
  'data-store': DataStore;
  'data-store-count': DataStoreCount;
  'store-resource': StoreResource;
  'kms-key': KmsKey;
  'rotation-policy': RotationPolicy;
  'rotation-rule': RotationRule;
  'customer-alias': CustomerAlias;
  rotation: Rotation;
  'reencryption-job': ReencryptionJob;
  'reencryption-shard': ReencryptionShard;
  'kms-quota': KmsQuota;
  'key-watch': KeyWatch;
  incident: Incident;
  'incident-group': IncidentGroup;
  'blind-spot': BlindSpot;
  'trouble-watch': TroubleWatch;
  heartbeat: Heartbeat;
  forwarder: Forwarder;
  'ignored-sender': IgnoredSender;
  'page-channels': PageChannels;
  'page-delivery': PageDelivery;
  'customer-notice': CustomerNotice;
  'notice-round': NoticeRound;
  compromise: Compromise;
  exposure: Exposure;
  retirement: Retirement;
  'retirement-stop': RetirementStop;
  approval: Approval;
  'used-proof': UsedProof;
  'declared-backup': DeclaredBackup;
  'service-level': ServiceLevel;
  'sla-interval': SlaInterval;
  'ledger-round': LedgerRound;
  'early-warning': EarlyWarning;
  drill: Drill;
  'drill-schedule': DrillSchedule;
  subscription: Subscription;
  'delivery-log': DeliveryLog;
  'parked-entry': ParkedEntry;
  'usage-meter': UsageMeter;
  'key-usage': KeyUsage;
  'cost-share': CostShare;
  'audit-log': AuditLog;
  'disabled-subscription': DisabledSubscription;
  'trail-cursor': TrailCursor;
  'trail-day': TrailDay;
  'customer-day': CustomerDay;
  completeness: Completeness;
}
export type EntityType = keyof Rows;

/** Nouns whose rows are looked at again when their `dueAt` has come, while they have one. */
export const DUE_ENTITY_TYPES = [
  'customer',
  'rotation-policy',
  'rotation-rule',
  'key-watch',
  'reencryption-job',
  'compromise',
  'retirement',
  'incident',
  'page-channels',
  'page-delivery',
  'customer-notice',
  'notice-round',
  'retirement-stop',
  'blind-spot',
  'trouble-watch',
  'forwarder',
  'ignored-sender',
  'service-level',
  'ledger-round',
  'early-warning',
  'drill',
  'subscription',
  'usage-meter',
  'audit-log',
  'disabled-subscription',
  'completeness',
] as const satisfies readonly EntityType[];
export type DueEntityType = (typeof DUE_ENTITY_TYPES)[number];

type IdOf = { readonly [N in EntityType]: (row: Rows[N]) => string };

/** The id of a row among those of its noun. */
export const idOf: IdOf = {
  customer: (row) => row.customerId,
  'customer-window': (row) => row.customerId,
  'audit-reader': (row) => row.principal,
  'data-store': (row) => dataStoreKey(row.customerId, row.dataStoreId),
  'data-store-count': (row) => row.kmsKeyArn,
  'store-resource': (row) => row.resource,
  'kms-key': (row) => row.kmsKeyArn,
  'rotation-policy': (row) => row.kmsKeyArn,
  'rotation-rule': (row) => row.scope,
  'customer-alias': (row) => row.aliasArn,
  rotation: (row) => row.rotationId,
  'reencryption-job': (row) => row.jobId,
  'reencryption-shard': (row) => `${row.jobId}/${row.shard}`,
  'kms-quota': (row) => row.quotaId,
  'key-watch': (row) => row.kmsKeyArn,
  incident: (row) => row.incidentId,
  'incident-group': (row) => row.groupId,
  'blind-spot': (row) => row.kmsKeyArn,
  'trouble-watch': troubleWatchId,
  heartbeat: (row) => row.name,
  forwarder: (row) => row.accountId,
  'ignored-sender': (row) => row.accountId,
  'page-channels': (row) => row.owner,
  'page-delivery': (row) => row.incidentId,
  'customer-notice': (row) => noticeKey(row),
  'notice-round': (row) => roundKey(row.incidentId, row.about),
  compromise: (row) => row.compromiseId,
  exposure: (row) => exposureKey(row.compromiseId, row),
  retirement: (row) => row.kmsKeyArn,
  'retirement-stop': (row) => row.stopId,
  approval: (row) => approvalKey(row.kmsKeyArn, row.step),
  'used-proof': (row) => row.proofId,
  'declared-backup': (row) => row.backupId,
  'service-level': (row) => row.customerId,
  'sla-interval': (row) => intervalKey(row.incidentId, row.customerId),
  'ledger-round': (row) => row.incidentId,
  'early-warning': (row) => row.warningId,
  drill: (row) => row.drillId,
  'drill-schedule': (row) => row.scheduleId,
  subscription: subscriptionKey,
  'delivery-log': subscriptionKey,
  'parked-entry': parkedKey,
  'usage-meter': (row) => row.customerId,
  'key-usage': keyUsageKey,
  'cost-share': costShareKey,
  'audit-log': (row) => row.customerId,
  'disabled-subscription': subscriptionKey,
  'trail-cursor': (row) => row.trailId,
  'trail-day': (row) => trailDayKey(row.trailId, row.day),
  'customer-day': (row) => customerDayKey(row.customerId, row.day),
  completeness: (row) => row.customerId,
};

/** The id of a data store's row. Separators inside names are escaped, so that no two data stores share an id. */
export function dataStoreKey(customerId: string, dataStoreId: string): string {
  return `${encodeURIComponent(customerId)}/${encodeURIComponent(dataStoreId)}`;
}

/** The id of the row that says what a compromise means for a data store. */
export function exposureKey(
  compromiseId: string,
  { customerId, dataStoreId }: { readonly customerId: string; readonly dataStoreId: string },
): string {
  return `${compromiseId}/${dataStoreKey(customerId, dataStoreId)}`;
}

/** The id of what a customer is told of an incident. */
export const noticeKey = ({
  incidentId,
  customerId,
  about,
}: Pick<CustomerNotice, 'incidentId' | 'customerId' | 'about'>): string =>
  `${incidentId}/${about}/${encodeURIComponent(customerId)}`;

/** The id of how far those whom an incident concerns are told that it opened, or that it is over. */
export const roundKey = (incidentId: string, about: NoticeRound['about']): string => `${incidentId}/${about}`;

/** The id of the approval of a step: a key has one of each at a time. */
export const approvalKey = (kmsKeyArn: string, step: Approval['step']): string => `${kmsKeyArn}/${step}`;

/** The id of the interval of an incident and a customer. */
export const intervalKey = (incidentId: string, customerId: string): string =>
  `${incidentId}/${encodeURIComponent(customerId)}`;

/** A row as it is read after its commit. */
export const committed = <Row extends { readonly revision: number }>(row: Row): Row => ({
  ...row,
  revision: row.revision + 1,
});
