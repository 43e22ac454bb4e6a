/** When a key is looked at again, and how thoroughly. */
import { elapsedMs, later, MINUTE_MS } from '../instants';
import { stableHash } from '../stable-hash';
import type { KeyWatch } from './key-watch';

/**
 * A key that is well is looked at this often, unless its customer was promised another pace; within these bounds. With the minute
 * that a run may be late, a loss of which nothing else tells is paged within five minutes.
 */
const EVERY_MS = 4 * MINUTE_MS;
const EVERY_MIN_MS = MINUTE_MS;
const EVERY_MAX_MS = 60 * MINUTE_MS;

/** Whatever is not as it should be is looked at in every run: a return is noticed within two minutes. */
const SOON_MS = MINUTE_MS / 2;

/** Brief looks between two full ones are of so long. What only a full one finds is found within it. */
const FULL_EVERY_MS = 60 * MINUTE_MS;

/**
 * Each key has a pace of its own, of 0.75 to 0.97 of what is asked for, so that keys which began together drift apart: a run
 * begins on the minute, and every fourth key is at another minute each time. None is late for what was promised and a minute.
 */
const PACE_MIN = 0.75;
const PACE_MAX = 0.97;

/** Full looks cost twice as much: those at keys that began together are spread over half of their time. */
const FULL_PACE_MIN = 0.5;

const HASH_END = 2 ** 32;

const paced = (ms: number, { kmsKeyArn }: Pick<KeyWatch, 'kmsKeyArn'>, min: number): number =>
  Math.floor(ms * (min + ((PACE_MAX - min) * stableHash(kmsKeyArn)) / HASH_END));

/** How often a key that is well is looked at, in milliseconds. */
export const intervalOf = ({ probeEverySeconds }: Pick<KeyWatch, 'probeEverySeconds'>): number =>
  probeEverySeconds === undefined ? EVERY_MS : Math.min(EVERY_MAX_MS, Math.max(EVERY_MIN_MS, probeEverySeconds * 1000));

/**
 * When the next look is due. @param isWell What the look found, not what was believed before it: the key serves, and nothing of it
 * is news.
 */
export const nextLookAt = (watch: KeyWatch, isWell: boolean, now: string): string =>
  later(now, isWell ? paced(intervalOf(watch), watch, PACE_MIN) : SOON_MS);

/** Whether a brief look is enough: the key was well, and a full look says so that is not long ago. */
export const isBriefEnough = (watch: KeyWatch, now: string): boolean =>
  watch.availability === 'available' &&
  watch.fullLookAt !== undefined &&
  elapsedMs(watch.fullLookAt, now) < paced(FULL_EVERY_MS, watch, FULL_PACE_MIN);
