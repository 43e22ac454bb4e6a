/** How long a customer lets applications keep the plaintext of a data key, and what becomes of it when their KMS key is lost. */
import { DATA_KEY_WINDOW_MS_DEFAULT, DATA_KEY_WINDOW_MS_MAX } from '../keys/data-key';

/** What a confirmed loss does to data keys that are kept: they are forgotten at once, or kept until their window ends. */
export const ON_LOSS = ['flush', 'keep'] as const;
export type OnLoss = (typeof ON_LOSS)[number];

export const WINDOW_SECONDS_MAX = DATA_KEY_WINDOW_MS_MAX / 1000;

/** One row a customer who chose: by customer id. Applications read it, and nothing else about a customer. */
export interface CustomerWindow {
  readonly customerId: string;
  /** From 0, where every call asks KMS and nothing is kept, to an hour. */
  readonly windowSeconds: number;
  readonly onLoss: OnLoss;
  /** The principal that AWS names to the function URL. */
  readonly setBy: string;
  readonly setAt: string;
  readonly revision: number;
}

export type WindowTerms = Pick<CustomerWindow, 'windowSeconds' | 'onLoss'>;

/** Of a customer who did not choose. A loss is an act of theirs in most cases: it takes effect at once. */
export const WINDOW_DEFAULT: WindowTerms = { windowSeconds: DATA_KEY_WINDOW_MS_DEFAULT / 1000, onLoss: 'flush' };

/** What nobody can have chosen: whoever wrote it makes nothing readable for longer. */
const NOTHING_KEPT: WindowTerms = { windowSeconds: 0, onLoss: 'flush' };

/** The terms that a row holds; the default where there is none. One that could not have been set keeps nothing. */
export function windowTermsOf(row: WindowTerms | undefined): WindowTerms {
  if (row === undefined) return WINDOW_DEFAULT;
  const { windowSeconds, onLoss } = row;
  const isLegal = isWindow(windowSeconds) && ON_LOSS.includes(onLoss);
  return isLegal ? { windowSeconds, onLoss } : NOTHING_KEPT;
}

/** How long applications go on with what they keep once the key's loss is confirmed. */
export const keptMsOf = (row: WindowTerms | undefined): number => {
  const { windowSeconds, onLoss } = windowTermsOf(row);
  return onLoss === 'keep' ? windowSeconds * 1000 : 0;
};

/** Whether a customer may choose that. */
export const isWindow = (seconds: number): boolean =>
  Number.isInteger(seconds) && seconds >= 0 && seconds <= WINDOW_SECONDS_MAX;
