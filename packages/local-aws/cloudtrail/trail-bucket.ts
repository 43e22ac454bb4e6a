/**
 * Where the trail of an account writes to, and how its objects are called.
 * Source: CloudTrail User Guide, "Getting and viewing your CloudTrail log files" and "CloudTrail digest file structure".
 */
import { randomBytes } from 'node:crypto';
import type { Objects } from '../contracts';
import type { Store } from '../store';

export const TRAIL_NAME = 'management-events';

/** A trail of an account in one region: what log files and digests are kept apart by. */
export interface TrailScope {
  readonly accountId: string;
  readonly region: string;
}

/** The bucket that an account's trail writes to. */
export function trailBucket(accountId: string): string {
  return `aws-cloudtrail-logs-${accountId}`;
}

/** Makes the bucket where there is none. The first region stays the home region of the account's trail. */
export function homeRegion(store: Store, objects: Objects, { accountId, region }: TrailScope): string {
  const homes = store.table<string>('cloudtrail.home-regions');
  const known = homes.get(accountId);
  if (known !== undefined) return known;
  objects.createBucket(trailBucket(accountId), { accountId, region });
  homes.set(accountId, region);
  return region;
}

export function logFileKey({ accountId, region }: TrailScope, nowMs: number): string {
  const { day, minute } = timeParts(nowMs);
  const unique = randomBytes(12).toString('base64').replace(/\W/g, 'x');
  return `AWSLogs/${accountId}/CloudTrail/${region}/${day}/${accountId}_CloudTrail_${region}_${minute}_${unique}.json.gz`;
}

export function digestKey({ accountId, region }: TrailScope, home: string, endMs: number): string {
  const { day, second } = timeParts(endMs);
  const name = `${accountId}_CloudTrail-Digest_${region}_${TRAIL_NAME}_${home}_${second}`;
  return `AWSLogs/${accountId}/CloudTrail-Digest/${region}/${day}/${name}.json.gz`;
}

/** `2026/01/31`, `20260131T2359Z` and `20260131T235959Z`. */
function timeParts(ms: number): { day: string; minute: string; second: string } {
  const digits = new Date(ms).toISOString().replace(/\D/g, '');
  const date = digits.slice(0, 8);
  return {
    day: `${date.slice(0, 4)}/${date.slice(4, 6)}/${date.slice(6)}`,
    minute: `${date}T${digits.slice(8, 12)}Z`,
    second: `${date}T${digits.slice(8, 14)}Z`,
  };
}
