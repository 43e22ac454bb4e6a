/** Object Lock: until when a version may not be deleted. Source: "Locking objects with Object Lock" in the S3 user guide. */
import type { Principal } from '../call';
import type { Iam } from '../contracts';
import { type Bucket, requireIn } from './buckets';
import { s3Error } from './errors';
import type { ObjectVersion } from './objects';
import { textOfTag } from './xml-text';

type Headers = Readonly<Record<string, string | undefined>>;

const DAY_MS = 86_400_000;

/** Headers of a version that Object Lock holds, as they are stored and answered. */
export interface Hold {
  readonly heldUntil: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** What the request's headers ask for, else the bucket's default retention. Throws AwsError. */
export function holdOf(bucket: Bucket, headers: Headers, now: number, permitted: () => void): Hold | undefined {
  const mode = headers['x-amz-object-lock-mode'];
  const until = headers['x-amz-object-lock-retain-until-date'];
  if (mode === undefined && until === undefined) return defaultHold(bucket, now);
  if (!bucket.hasLock) throw s3Error('InvalidArgument', {}, 'Bucket is missing Object Lock Configuration');
  permitted();
  const heldUntil = Date.parse(until ?? '');
  if (!isMode(mode) || Number.isNaN(heldUntil)) {
    throw s3Error(
      'InvalidArgument',
      {},
      'x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied',
    );
  }
  if (heldUntil <= now) throw s3Error('InvalidArgument', {}, 'The retain until date must be in the future!');
  return hold(mode, heldUntil);
}

/** Throws AccessDenied while a version is held. GOVERNANCE may be bypassed by whom the policies let. */
export function checkNotHeld(
  version: ObjectVersion,
  request: { readonly headers: Headers; readonly caller: Principal; readonly bucket: Bucket },
  { iam, now }: { readonly iam: Iam; readonly now: number },
) {
  if (version.heldUntil === undefined || version.heldUntil <= now) return;
  const wantsBypass = request.headers['x-amz-bypass-governance-retention'] === 'true';
  if (wantsBypass && version.headers['x-amz-object-lock-mode'] === 'GOVERNANCE') {
    requireIn(iam, request.caller, request.bucket, { action: 'BypassGovernanceRetention', key: version.key });
    return;
  }
  throw s3Error('AccessDenied', {}, 'Access Denied because object protected by object lock.');
}

function defaultHold(bucket: Bucket, now: number): Hold | undefined {
  const document = bucket.hasLock ? bucket.configurations['object-lock'] : undefined;
  const mode = document && textOfTag(document, 'Mode');
  if (document === undefined || !isMode(mode)) return undefined;
  const days = Number(textOfTag(document, 'Days') ?? 0) + 365 * Number(textOfTag(document, 'Years') ?? 0);
  return days > 0 ? hold(mode, now + days * DAY_MS) : undefined;
}

function hold(mode: string, heldUntil: number): Hold {
  const until = new Date(heldUntil).toISOString();
  const headers = { 'x-amz-object-lock-mode': mode, 'x-amz-object-lock-retain-until-date': until };
  return { heldUntil, headers };
}

function isMode(mode: string | undefined): mode is 'GOVERNANCE' | 'COMPLIANCE' {
  return mode === 'GOVERNANCE' || mode === 'COMPLIANCE';
}
