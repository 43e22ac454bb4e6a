/** The CloudTrail record of an entry, as it stands there: what reads CloudTrail reads it. Facts of ours have none. */
import type { EntryView } from '../entry-view';
import { jsonMember } from '../json-member';
import type { Formatted } from './formatted';

/** @returns undefined for an entry that has no record. */
export function cloudTrailRecordOf({ bytes, index }: EntryView): Formatted | undefined {
  const text = jsonMember(new TextDecoder().decode(bytes), 'record');
  // A test is sent as it is.
  if (text === undefined) return index < 0 ? { contentType: 'application/json', body: bytes } : undefined;
  return { contentType: 'application/json', body: Buffer.from(text) };
}
