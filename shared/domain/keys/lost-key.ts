/** What is said of a KMS key that was confirmed to be lost, to whoever needs it. */
import { KeywrightError } from '../errors';
import { utc } from '../instants';
import type { KmsKey } from './kms-key';

/** The refusal, with the cause as `lossCause`, and since when; undefined of a key that is not lost. */
export function lostKey({ kmsKeyArn, loss }: Pick<KmsKey, 'kmsKeyArn' | 'loss'>): KeywrightError | undefined {
  if (!loss) return undefined;
  const { cause: lossCause, since } = loss;
  const message = `KMS key ${kmsKeyArn} cannot be used since ${utc(since)} (${lossCause}). What needs it goes on as soon as it is back.`;
  return new KeywrightError('state.key-lost', message, { kmsKeyArn, lossCause, since });
}
