/** Valid rows for tests. A test names only what it is about. */
import { type KeySignalReceived, keySignalReceived } from '../../events/key-signal-received';
import {
  type Incident,
  isKeys,
  type KeyIncident,
  type OperatorIncident,
} from '../../shared/domain/availability/incidents/incident';
import type { KeyWatch } from '../../shared/domain/availability/key-watch';
import type { Channel } from '../../shared/domain/availability/paging/channel';
import type { Customer, DataStore } from '../../shared/domain/customers/customer';
import { NEVER } from '../../shared/domain/instants';
import type { DataKey } from '../../shared/domain/keys/data-key';
import type { KmsKey } from '../../shared/domain/keys/kms-key';
import type { Ids, Log } from '../../shared/domain/ports';
import type { Rotation } from '../../shared/domain/rotation/rotation';
import type { RotationPolicy } from '../../shared/domain/rotation/rotation-policy';
import type { ServiceLevel } from '../../shared/domain/service-levels/service-level';

export const NOW = '2026-11-24T12:00:00.000Z';
export const REGION = 'eu-central-1';
export const OUR_ACCOUNT = '111122223333';

/** The ARN of a key whose id tells it apart in a test's output: `anArn('old')`. */
export const anArn = (name = 'one', accountId = OUR_ACCOUNT): string =>
  `arn:aws:kms:${REGION}:${accountId}:key/${name}`;

/** 64 hex characters that end in the number. */
export const aMaterial = (number = 1): string => number.toString(16).padStart(64, '0');

/** An instant so many milliseconds after `NOW`. */
export const after = (ms: number, start = NOW): string => new Date(Date.parse(start) + ms).toISOString();

export const aCustomer = (fields: Partial<Customer> = {}): Customer => ({
  customerId: 'acme',
  name: 'Acme Ltd',
  option: 'customer-specific',
  revision: 0,
  ...fields,
});

/** What was promised to a customer. */
export const aServiceLevel = (fields: Partial<ServiceLevel> = {}): ServiceLevel => ({
  customerId: 'acme',
  targetPercent: 99.95,
  window: { days: 30 },
  exclude: [],
  setBy: 'somebody',
  setAt: NOW,
  dueAt: NEVER,
  revision: 0,
  ...fields,
});

export const aDataStore = (fields: Partial<DataStore> = {}): DataStore => ({
  customerId: 'acme',
  dataStoreId: 'documents',
  kind: 'application',
  kmsKeyArn: anArn(),
  capabilities: ['search'],
  revision: 0,
  ...fields,
});

export const aKmsKey = (fields: Partial<KmsKey> = {}): KmsKey => ({
  kmsKeyArn: anArn(),
  option: 'customer-specific',
  customerId: 'acme',
  access: { via: 'key-policy' },
  state: 'active',
  keyMaterialId: aMaterial(1),
  revision: 0,
  ...fields,
});

export const aPolicy = (fields: Partial<RotationPolicy> = {}): RotationPolicy => ({
  kmsKeyArn: anArn(),
  strategy: 'kms-on-demand',
  periodDays: 90,
  reencrypt: true,
  dueAt: NOW,
  revision: 0,
  ...fields,
});

export const aRotation = (fields: Partial<Rotation> = {}): Rotation => ({
  rotationId: 'rotation-1',
  kmsKeyArn: anArn(),
  customerId: 'acme',
  strategy: 'kms-on-demand',
  state: 'requested',
  startedBy: 'schedule',
  fromKeyMaterialId: aMaterial(1),
  requestedAt: NOW,
  revision: 0,
  ...fields,
});

export const aDataKey = (fields: Partial<DataKey> = {}): DataKey => ({
  customerId: 'acme',
  dataStoreId: 'documents',
  dataKeyId: 'data-key-1',
  kmsKeyArn: anArn(),
  keyMaterialId: aMaterial(1),
  wrapped: new Uint8Array([1, 2, 3]),
  createdAt: NOW,
  revision: 0,
  ...fields,
});

export const aWatch = (fields: Partial<KeyWatch> = {}): KeyWatch => ({
  kmsKeyArn: anArn(),
  customerId: 'acme',
  availability: 'available',
  verdict: { availability: 'available', evidence: 'a data key was unwrapped', at: NOW },
  since: NOW,
  canary: { wrapped: new Uint8Array([7]), keyMaterialId: aMaterial(1) },
  dueAt: NOW,
  revision: 0,
  ...fields,
});

/** An open incident about which on-call was paged. */
/** A hint at a key, as whoever assesses it reads it. */
export const aSignal = (fields: Partial<KeySignalReceived> = {}): KeySignalReceived =>
  keySignalReceived.read({
    factId: 'signal-1',
    at: NOW,
    kmsKeyArn: anArn(),
    signal: 'customer-event',
    observed: 'DisableKey',
    signalledAt: NOW,
    ...fields,
  });

export const anIncident = (fields: Partial<KeyIncident> = {}): KeyIncident => ({
  incidentId: 'incident-1',
  kmsKeyArn: anArn(),
  customerId: 'acme',
  state: 'open',
  cause: 'key-disabled',
  party: 'customer',
  evidence: 'the key is disabled',
  impact: {
    customerCount: 1,
    dataStoreCount: 1,
    customers: [{ customerId: 'acme', name: 'Acme Ltd' }],
    dataStores: [{ customerId: 'acme', dataStoreId: 'documents', capabilities: ['search'] }],
  },
  signalledAt: NOW,
  detectedAt: after(2_000),
  pagedAt: after(4_000),
  dueAt: NEVER,
  revision: 0,
  ...fields,
});

/** Trouble of our own that is open, about which on-call was paged. */
export const anOperatorIncident = (fields: Partial<OperatorIncident> = {}): OperatorIncident => ({
  incidentId: 'incident-9',
  kind: 'operator',
  trouble: 'kms-outage',
  subject: 'eu-central-1 of 111122223333',
  kmsKeyArns: [anArn('one'), anArn('two')],
  keyCount: 7,
  state: 'open',
  evidence: 'KMS does not answer',
  signalledAt: NOW,
  detectedAt: after(120_000),
  pagedAt: after(124_000),
  dueAt: NEVER,
  revision: 0,
  ...fields,
});

/** Those about keys, of incidents of every kind. */
export const ofKeys = (incidents: readonly Incident[]): readonly KeyIncident[] => incidents.filter(isKeys);

/** A channel that takes every page; its target is its name. */
export const aChannel = (name: string, fields: Partial<Channel> = {}): Channel => ({
  name,
  kind: 'webhook',
  target: name,
  role: 'first',
  severities: ['critical', 'warning'],
  timeZone: 'UTC',
  addedBy: 'arn:aws:iam::111122223333:user/ada',
  addedAt: NOW,
  ...fields,
});

/** Ids that tell their order, by text too: `id-000001`, `id-000002` … */
export function countedIds(): Ids {
  let count = 0;
  return {
    next() {
      count += 1;
      return `id-${String(count).padStart(6, '0')}`;
    },
  };
}

/** No time passes while a test waits. */
export const noPause = { wait: async (_ms: number): Promise<void> => undefined };

/** Whoever reads pages in a test. */
export const READER = { timeZone: 'UTC', runbooks: 'docs/runbooks' };

export const silentLog: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
