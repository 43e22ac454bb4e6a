/** KMS request quotas: whose a call counts against, how large it is, and what re-encryption has taken of it. */
import type { KeyRef } from '../../keys/kms-key';

/** Which jobs go first. A job of a lower priority gets what the others cannot use, and never nothing. */
export const PRIORITIES = ['compromise', 'deadline', 'routine'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** One account's quota of symmetric cryptographic requests in one region, and how re-encryption shares what is left of it. */
export interface KmsQuota {
  /** `own/eu-central-1`; in a customer's account `123456789012/eu-central-1`. */
  readonly quotaId: string;
  /** Requests a second, where it is not AWS's default. */
  readonly perSecond?: number;
  /** Requests a second that are never taken: for callers that report nothing. */
  readonly reserved?: number;
  readonly leases: readonly Lease[];
  readonly outlook: Outlook;
  readonly revision: number;
}

/** What one worker may send for one job, and until when. */
export interface Lease {
  readonly workerId: string;
  readonly jobId: string;
  readonly priority: Priority;
  /** The part of the whole quota, from 0 to 1, that may be used at most. */
  readonly agreedShare: number;
  /** Requests a second that it could send. */
  readonly wanted: number;
  /** Requests a second that it may send. */
  readonly perSecond: number;
  readonly untilMs: number;
}

/** How things are, by what was heard last. */
export interface Outlook {
  readonly atMs: number;
  /** What part of what is left over is used, from 0 to 1: less after trouble, more while there is none. */
  readonly pace: number;
  /** When it was last slowed down. */
  readonly slowedAtMs: number;
  /** What the calls of applications were when they were last counted. Absent: nobody tells. */
  readonly live?: LiveRate;
  /** What an answer usually takes those that re-encrypt. */
  readonly baselineMs?: number;
}

export interface LiveRate {
  /** Of the last seconds, oldest first. */
  readonly counts: readonly Counted[];
  /** Over the last second. Absent: it was not counted for so long yet. */
  readonly perSecond?: number;
  /** How much it rose lately within a second. */
  readonly surge: number;
  readonly baselineMs?: number;
}

/** Requests of applications since ever. */
export interface Counted {
  readonly atMs: number;
  readonly calls: number;
  readonly throttled: number;
  readonly latencyMs: number;
}

/** What a request is for, and whose quota it counts against. */
export interface QuotaUse {
  readonly quotaId: string;
  readonly jobId: string;
  readonly priority: Priority;
  readonly agreedShare?: number;
}

/** What re-encryption takes of a customer's own quota as long as they have agreed to nothing else. */
const UNAGREED_SHARE = 0.1;

/** Who calls KMS when both keys are needed: a customer's role, where one is needed, has to be allowed to use the other key. */
export const callerFor = (from: KeyRef, to: KeyRef): KeyRef => (from.access.via === 'role' ? from : to);

/**
 * The quota that a ReEncrypt counts against, once: that of the caller's account, never of the keys' owners, in the region
 * of the key that it wraps under. Source: KMS developer guide, request quotas.
 */
export function quotaOf(from: KeyRef, to: KeyRef): string {
  const { access } = callerFor(from, to);
  return `${access.via === 'role' ? partOf(access.roleArn, 4) : OWN}/${partOf(to.kmsKeyArn, 3)}`;
}

const OWN = 'own';

/** `arn:aws:kms:REGION:ACCOUNT:key/ID` */
const partOf = (arn: string, at: number): string => arn.split(':')[at] ?? '';

/** All of our own quota may be used while nobody else needs it, and of a customer's what they agreed to. */
export const shareOf = ({ quotaId, agreedShare }: QuotaUse): number =>
  quotaId.startsWith(`${OWN}/`) ? 1 : (agreedShare ?? UNAGREED_SHARE);

/**
 * Symmetric cryptographic requests a second. Source: KMS developer guide, request quotas. It says 100,000 for the three
 * largest regions, and has said 50,000: the lower is never too much.
 */
const LARGEST = 50_000;
const LARGE = 20_000;
const DEFAULT_PER_SECOND = 10_000;

const BY_REGION: Readonly<Record<string, number>> = {
  'us-east-1': LARGEST,
  'us-west-2': LARGEST,
  'eu-west-1': LARGEST,
  'us-east-2': LARGE,
  'ap-southeast-1': LARGE,
  'ap-southeast-2': LARGE,
  'ap-northeast-1': LARGE,
  'eu-central-1': LARGE,
  'eu-west-2': LARGE,
};

/** What the quota is, as far as anybody has said. */
export const sizeOf = ({ quotaId, perSecond }: Pick<KmsQuota, 'quotaId' | 'perSecond'>): number =>
  perSecond ?? BY_REGION[quotaId.split('/')[1] ?? ''] ?? DEFAULT_PER_SECOND;
