/**
 * What works in which key state, as one table. Source: KMS developer guide, "Key states of KMS keys"; where it names
 * DisabledException or KMSInvalidStateException for a key that awaits deletion, the second, which is what AWS answered
 * when recorded. Conditions that the table ties to a key's origin or store are checked by the operations themselves.
 */
import { AwsError } from '../../call';
import { type KeyState, type KmsKey, stateOf } from './kms-key';

type Refusal = keyof typeof REFUSALS;
type Row = Readonly<Record<KeyState, 'ok' | Refusal>>;

const REFUSALS = {
  disabled: ['DisabledException', 'is disabled.'],
  pendingDeletion: ['KMSInvalidStateException', 'is pending deletion.'],
  notPendingDeletion: ['KMSInvalidStateException', 'is not pending deletion.'],
  pendingImport: ['KMSInvalidStateException', 'is pending import.'],
  external: ['UnsupportedOperationException', 'origin is EXTERNAL which is not valid for this operation.'],
  unavailable: ['KMSInvalidStateException', 'is unavailable.'],
  creating: ['KMSInvalidStateException', 'is creating.'],
  updating: ['KMSInvalidStateException', 'is updating.'],
} as const;

const always: Row = {
  Enabled: 'ok',
  Disabled: 'ok',
  PendingDeletion: 'ok',
  PendingReplicaDeletion: 'ok',
  PendingImport: 'ok',
  Unavailable: 'ok',
  Creating: 'ok',
  Updating: 'ok',
};

const awaitingDeletion = { PendingDeletion: 'pendingDeletion', PendingReplicaDeletion: 'pendingDeletion' } as const;

const use: Row = {
  ...always,
  ...awaitingDeletion,
  Disabled: 'disabled',
  PendingImport: 'pendingImport',
  Unavailable: 'unavailable',
  Creating: 'creating',
};

export const STATE_ROWS = {
  /** Encrypt, Decrypt, GenerateDataKey*, ReEncrypt, Sign, Verify, GenerateMac, VerifyMac, DeriveSharedSecret, GetPublicKey. */
  use,
  createGrant: { ...use, Unavailable: 'ok' },
  /** DescribeKey, policies, ListGrants, RetireGrant, RevokeGrant, ListResourceTags, DeleteAlias, GetKeyLastUsage. */
  look: always,
  enableOrDisable: {
    ...always,
    ...awaitingDeletion,
    PendingImport: 'pendingImport',
    Creating: 'creating',
    Updating: 'updating',
  },
  scheduleDeletion: { ...always, ...awaitingDeletion, Updating: 'updating' },
  cancelDeletion: {
    Enabled: 'notPendingDeletion',
    Disabled: 'notPendingDeletion',
    PendingDeletion: 'ok',
    PendingReplicaDeletion: 'ok',
    PendingImport: 'notPendingDeletion',
    Unavailable: 'notPendingDeletion',
    Creating: 'notPendingDeletion',
    Updating: 'notPendingDeletion',
  },
  automaticRotation: { ...use, PendingImport: 'external', Unavailable: 'ok' },
  rotateOnDemand: { ...use, Unavailable: 'ok' },
  listRotations: always,
  rotationStatus: { ...always, PendingImport: 'external' },
  importMaterial: { ...always, ...awaitingDeletion, Creating: 'creating' },
  deleteMaterial: { ...always, Creating: 'creating', Updating: 'updating' },
  /** CreateAlias, UpdateAlias (its new target), TagResource, UntagResource, UpdateKeyDescription. */
  label: { ...always, ...awaitingDeletion },
  replicate: { ...use, Unavailable: 'ok', Updating: 'updating' },
} as const satisfies Record<string, Row>;

export type StateRow = keyof typeof STATE_ROWS;

/** @throws AwsError with the key's ARN and the reason, when the key's state forbids the operation. */
export function requireState(key: KmsKey, row: StateRow): void {
  const verdict = STATE_ROWS[row][stateOf(key)];
  if (verdict === 'ok') return;
  const [code, reason] = REFUSALS[verdict];
  throw new AwsError(code, `${key.arn} ${reason}`);
}
