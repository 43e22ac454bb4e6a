/**
 * What is lost with the role by which we come to a key, before it bites. A session that is kept says nothing of the role's trust policy:
 * it goes on for up to an hour after that no longer lets us in. So each full look assumes the role anew.
 */
import type { KmsKey } from '../keys/kms-key';
import type { KeyProver } from '../keys/ports';
import { answerOf } from './answer';
import type { KeyWatch } from './key-watch';
import { isByRole } from './policy/loss-in-words';
import { needsOf } from './policy/needed-actions';
import type { LostAction } from './verdict';
import { refusalIn } from './whose-refusal';

/** A session lasts so long: what is refused anew is refused altogether after that. See adapters/kms-clients.ts. */
export const SESSION_MS = 3_600_000;

/** All that we do by the role, where STS refuses it. Where STS does not tell, what was lost is lost still. Never throws for an answer. */
export async function lostWithRole(
  key: KmsKey,
  { verdict }: KeyWatch,
  prover: Pick<KeyProver, 'proveRole'>,
): Promise<readonly LostAction[]> {
  if (key.access.via !== 'role') return [];
  const { error } = await answerOf(prover.proveRole(key));
  if (!error) return [];
  if (error.code !== 'sts.role-refused') return (verdict.lost ?? []).filter(isByRole);
  const refusal = refusalIn(error.details);
  const byRole = needsOf(key).filter(({ as }) => as === 'user');
  return byRole.map(({ action }) => ({ action, by: 'role', ...refusal }));
}
