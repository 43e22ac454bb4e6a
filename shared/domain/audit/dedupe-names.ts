/**
 * By which names a stream knows what it holds: each name has an entry once.
 *
 * Whoever tells of a call vouches for it under names of their own. What a customer's account forwards can hold any id, also
 * one that a record of ours will have: it never takes the place of ours. Where ours is in the stream, their copy of the
 * same call is left out.
 */
import { hash } from 'node:crypto';
import type { KeyUse } from '../../../events/kms-key-use';

export interface EventNames {
  /** What the entry is known by from then on. */
  readonly dedupeKeys: readonly [string, ...string[]];
  /** Names under which the stream may hold the same already, better vouched for: then the entry is left out. */
  readonly supersededBy?: readonly string[];
}

type Named = Pick<KeyUse, 'eventId' | 'sharedEventId'>;

/** Of a record of our own account: its id, and the id that both accounts' copies of one call share. */
export function namesOfOwn({ eventId, sharedEventId }: Named): EventNames {
  const own = nameFrom(eventId);
  return { dedupeKeys: sharedEventId === undefined ? [own] : [own, sharedName(sharedEventId)] };
}

/** Beside the names of a record that a log file brought late: whoever reads the stream's names knows how it came. */
export const lateName = ({ eventId }: Pick<Named, 'eventId'>): string => nameFrom(`late:${eventId}`);

/** Of a record that another account forwarded. */
export function namesOfForwarded({ eventId, sharedEventId }: Named, account: string): EventNames {
  const forwarded = nameFrom(`from:${account}:${eventId}`);
  return { dedupeKeys: [forwarded], ...(sharedEventId !== undefined && { supersededBy: [sharedName(sharedEventId)] }) };
}

/** Of a fact of ours. */
export const namesOfFact = (factId: string): EventNames => ({ dedupeKeys: [nameFrom(`fact:${factId}`)] });

const sharedName = (sharedEventId: string): string => nameFrom(`shared:${sharedEventId}`);

/** Names are parts of keys, which are bounded: a longer text is known by its hash. CloudTrail's own ids are UUIDs. */
const NAME_CHARACTERS_MAX = 200;

function nameFrom(text: string): string {
  const isPlain = text.length <= NAME_CHARACTERS_MAX && /^[ -~]*$/.test(text);
  return isPlain ? text : `sha256:${hash('sha256', text, 'hex')}`;
}
