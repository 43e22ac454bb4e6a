/**
 * What we need of a key beside unwrapping, proven: by dry runs of KMS, action by action.
 *
 * Who proves it is the role that looks. Where we reach a key by a role of the customer's, applications go by the same one. Where
 * the key's policy lets us in, it lets in our account: what applications' own roles lack is not seen, and is in their own failures.
 */
import type { KeywrightError } from '../errors';
import type { KmsKey } from '../keys/kms-key';
import type { Context, KeyProver } from '../keys/ports';
import { type Answered, answerOf } from './answer';
import { isRefused } from './policy/loss-in-words';
import { needsOf } from './policy/needed-actions';
import type { LostAction } from './verdict';
import { type Refusal, refusalIn } from './whose-refusal';

/** How one action was answered. */
export interface Proof {
  /** `kms:GenerateDataKey` */
  readonly action: string;
  readonly answer: Answered;
  /** Of an action that KMS refused. */
  readonly refusal?: Refusal;
}

/** Asks for every use of the key that is not unwrapping. Never throws for what KMS answers. */
export async function proveActions(
  key: KmsKey,
  wrapped: Uint8Array,
  context: Context,
  prover: KeyProver,
): Promise<readonly Proof[]> {
  const [generate, reencrypt] = await Promise.all([
    answerOf(prover.proveGenerate(key, context)),
    answerOf(prover.proveReencrypt(key, wrapped, context)),
  ]);
  const needed = new Set<string>(needsOf(key).map(({ action }) => action));
  // One call asks for both sides: where KMS names the one that it refused, the other is not told of.
  const refusedSide = reencrypt.error?.details['action'];
  const sides = SIDES.filter((side) => refusedSide === undefined || refusedSide === side);
  return [
    proofOf('kms:GenerateDataKey', generate.error),
    ...sides.map((side) => proofOf(side, reencrypt.error)),
  ].filter(({ action }) => needed.has(action));
}

const SIDES = ['kms:ReEncryptFrom', 'kms:ReEncryptTo'];

function proofOf(action: string, error: KeywrightError | undefined): Proof {
  if (error?.code !== 'kms.access-denied') return { action, answer: error?.code ?? 'ok' };
  return { action, answer: error.code, refusal: refusalIn(error.details) };
}

/**
 * What the proofs say that we have no more. What was refused before is so still until an answer says otherwise: throttled, or not
 * told, is none.
 */
export function refusedActions(proofs: readonly Proof[], before: readonly LostAction[]): readonly LostAction[] {
  const told = new Set(proofs.filter(({ answer, refusal }) => answer === 'ok' || refusal).map(({ action }) => action));
  const refused = proofs.flatMap(({ action, refusal }) => (refusal ? [{ action, ...refusal }] : []));
  return [...refused, ...before.filter((one) => isRefused(one) && !told.has(one.action))];
}
