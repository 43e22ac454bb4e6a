/** One event about keys as it goes through the steps: what it is, then whose it is as well. */

import type { RoleChange } from '../../../../events/cloudtrail-iam-record';
import type { KmsRecord } from '../../../../events/cloudtrail-kms-record';
import type { Fact } from '../../../../events/define-event';
import type { KeyUse } from '../../../../events/kms-key-use';
import type { EventNames } from '../dedupe-names';
import type { ReceivedRecord } from '../received-record';
import type { Attribution } from '../whose-record';

/** A CloudTrail record of KMS. */
export interface RecordEvent {
  readonly kind: 'record';
  readonly record: KmsRecord;
  readonly use: KeyUse;
  readonly received: ReceivedRecord;
  /** When it happened, by what is believed of it: nothing happens later than now. */
  readonly at: string;
  readonly names: EventNames;
  /** Whose copy it is, and who sent it. */
  readonly account: string;
  /** From our own account. Any other's was forwarded by a customer, who is believed about that customer only. */
  readonly isOwn: boolean;
}

/** A fact of ours, as the outbox has it. */
export interface FactEvent {
  readonly kind: 'fact';
  readonly fact: Fact;
  readonly names: EventNames;
}

/** An event of KMS itself that a key or its material is gone. Its CloudTrail twin goes into the streams. */
export interface LossEvent {
  readonly kind: 'loss';
  readonly detailType: string;
  readonly kmsKeyArn: string;
  readonly at: string;
  readonly account: string;
}

/** A role in an account was changed: keys that are reached by it may be lost with it. It is in no stream, which are about keys. */
export interface RoleEvent {
  readonly kind: 'role';
  readonly change: RoleChange;
  readonly at: string;
  readonly account: string;
}

export type KeyEvent = RecordEvent | FactEvent | LossEvent | RoleEvent;

/** An event that goes no further, and why. */
export interface Ignored {
  readonly ignored: string;
}

/** An event, and what it is believed about. */
export interface Attributed {
  readonly event: KeyEvent;
  /** In whose streams it belongs. */
  readonly attributions: readonly Attribution[];
  /** The registered keys that it tells of. */
  readonly kmsKeyArns: readonly string[];
}
