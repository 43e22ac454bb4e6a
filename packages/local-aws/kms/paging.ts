/** One page of a list, with a marker for the next. */
import { AwsError, type Json, type JsonObject } from '../call';

/** AWS's default page. Source: `Limit` of each List operation in @aws-sdk/client-kms. */
const DEFAULT_LIMIT = 50;

interface Page {
  readonly Limit?: number | undefined;
  readonly Marker?: string | undefined;
}

/** @throws AwsError InvalidMarkerException for a marker that no page gave. */
export function paged(name: string, items: readonly Json[], { Limit = DEFAULT_LIMIT, Marker }: Page): JsonObject {
  const start = Marker === undefined ? 0 : offsetOf(Marker);
  const end = start + Limit;
  const members = { [name]: items.slice(start, end) };
  if (end >= items.length) return { ...members, Truncated: false };
  return { ...members, Truncated: true, NextMarker: Buffer.from(`after:${end}`).toString('base64url') };
}

function offsetOf(marker: string): number {
  const [, offset] = /^after:(\d+)$/.exec(Buffer.from(marker, 'base64url').toString('utf8')) ?? [];
  if (offset === undefined) throw new AwsError('InvalidMarkerException', 'Marker is invalid.');
  return Number(offset);
}
