/** What a customer used, as their audit log tells it, and how far it is counted. */
import type { RequestClass } from './prices';

/** Of one month. */
export interface Usage {
  readonly entries: number;
  /** Requests that the payer's account made, by operation, failed ones among them; what AWS added since is `other`. */
  readonly requests: Readonly<Record<string, number>>;
  /** The same requests, by what they cost. */
  readonly requestsByClass: Readonly<Partial<Record<RequestClass, number>>>;
  readonly failedRequests: number;
  /** Of records of other accounts: AWS charges those accounts for them. */
  readonly requestsOfOthers: number;
  /** Data keys and key pairs that KMS made. */
  readonly dataKeys: number;
  /** Times that a key got new key material. */
  readonly rotations: number;
  /** Of entries and their hashes in the log. */
  readonly bytes: number;
  /** Those bytes, each for the hours from its entry to the end of the month. */
  readonly byteHours: number;
  /** How often the payer's account used each of its keys, with success or not. */
  readonly keyUses: Readonly<Record<string, number>>;
}

export const NO_USAGE: Usage = {
  entries: 0,
  requests: {},
  requestsByClass: {},
  failedRequests: 0,
  requestsOfOthers: 0,
  dataKeys: 0,
  rotations: 0,
  bytes: 0,
  byteHours: 0,
  keyUses: {},
};

/** A key of the payer's account, from the first entry that names it. */
export interface KeyCharge {
  /** Until when it is charged already. */
  readonly chargedTo: string;
  /** The same of the key material that each of its first two rotations added. */
  readonly materialsChargedTo: readonly string[];
  /** Deletion is scheduled: from then on AWS charges nothing, and all of it once that is cancelled. */
  readonly stoppedAt?: string;
}

/** How far a customer's log is counted: all that the next entry is counted with. */
export interface UsageMeter {
  readonly customerId: string;
  /** The account that AWS charges for keys and requests. */
  readonly payerAccountId: string;
  /** The month that is counted. */
  readonly month: string;
  /** Index of the first entry that was counted in it, and of the next one. */
  readonly fromIndex: number;
  readonly nextIndex: number;
  readonly usage: Usage;
  /** Of entries that are dated after the month, while it is not closed yet. */
  readonly after: Usage;
  /** In the log when the month began. */
  readonly storedBytes: number;
  readonly keys: Readonly<Record<string, KeyCharge>>;
  /** Times that a key was named which has no place among them any more: a customer has so many at most. */
  readonly keysLeftOut: number;
  /** What each subscription had delivered when the month began. */
  readonly deliveredBefore: Readonly<Record<string, number>>;
  readonly dueAt: string;
  readonly revision: number;
}

/** Kept apart from every other customer's, so that a shared key is shared out by what each used it. */
export interface KeyUsage {
  readonly customerId: string;
  readonly kmsKeyArn: string;
  readonly month: string;
  readonly uses: number;
  /** Epoch seconds: DynamoDB’s time to live. */
  readonly expiresAt: number;
  readonly revision: number;
}

/** Of the keys a customer has, so many are counted: their row stays small, and one commit holds them all. */
export const KEYS_MAX = 60;

/** What a customer used of a key in a month, and their part of what it costs. */
export interface KeyShare {
  readonly kmsKeyArn: string;
  readonly hours: number;
  /** Hours of the key material that its first two rotations added. */
  readonly materialHours: number;
  readonly uses: number;
  /** Uses of all who share it; absent of a key that nobody shares. */
  readonly usesOfAll?: number;
  readonly microUsd: number;
}

/** One line of a share. */
export interface CostLine {
  /** `request`, `key`, `storage`, `delivery-sqs`: by the name of its price. */
  readonly item: string;
  readonly unit: string;
  readonly units: number;
  /** Absent where the table has no price. */
  readonly microUsd?: number;
}

/** What a customer’s keys and their stream cost in a month. */
export interface CostShare {
  readonly customerId: string;
  readonly month: string;
  readonly payerAccountId: string;
  readonly prices: string;
  /** The entries of the log that were counted since the month before was closed: from one index to before another. */
  readonly fromIndex: number;
  readonly logSize: number;
  readonly usage: Omit<Usage, 'keyUses'>;
  readonly keys: readonly KeyShare[];
  readonly keysLeftOut: number;
  readonly lines: readonly CostLine[];
  readonly totalMicroUsd: number;
  readonly revision: number;
}

/** The id of a customer’s share of a month. */
export const costShareKey = ({ customerId, month }: Pick<CostShare, 'customerId' | 'month'>): string =>
  `${encodeURIComponent(customerId)}/${month}`;

/** The id of what a customer used a key in a month. */
export const keyUsageKey = (usage: Pick<KeyUsage, 'customerId' | 'month' | 'kmsKeyArn'>): string =>
  `${costShareKey(usage)}/${usage.kmsKeyArn}`;
