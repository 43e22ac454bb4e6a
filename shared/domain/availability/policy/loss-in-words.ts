/** What we have no more of what we need of a key, and what is at fault, in a sentence for a person. */
import type { LostAction } from '../verdict';
import { wordsOf } from '../whose-refusal';

/** `the key policy does not allow kms:GenerateDataKey (statement "Use" does not cover it)` */
export function lossInWords(lost: readonly LostAction[]): string {
  const refused = lost.filter(isRefused);
  const byPolicy = lost.filter((one) => !isRefused(one));
  return [
    ...(byPolicy.length > 0 ? [`the key policy does not allow ${byFault(byPolicy)}`] : []),
    ...(refused.length > 0 ? [`we may not ${byFault(refused)}`] : []),
  ].join('; ');
}

/** Whether it is KMS that says so: the policy that we read does not. */
export const isRefused = ({ refusedBy }: LostAction): boolean => refusedBy !== undefined;

/** Whether it is the role that is lost: what is done in a session that began before still works. */
export const isByRole = ({ by }: LostAction): boolean => by === 'role';

function byFault(lost: readonly LostAction[]): string {
  const actions = new Map<string, string[]>();
  for (const one of lost) actions.set(faultInWords(one), [...(actions.get(faultInWords(one)) ?? []), one.action]);
  return [...actions].map(([fault, names]) => `${names.join(', ')} (${fault})`).join('; ');
}

/** The statement of the role that is at fault, where it was read. */
export function ofRole({ policy, statement, isExplicit }: LostAction): readonly string[] {
  if (policy === undefined) return [];
  if (statement === undefined) return [`the role’s policy "${policy}" allows nothing`];
  const where = `statement "${statement}" of the role’s policy "${policy}"`;
  return [isExplicit ? `denied by ${where}` : `${where} does not cover it`];
}

/** Why it is lost: the statement at fault, or what KMS said. */
export function faultInWords(lost: LostAction): string {
  const { statement, isExplicit, by, refusedBy } = lost;
  if (by === 'role')
    return `the role lets us in no more${statement === undefined ? '' : `: see statement "${statement}"`}`;
  if (refusedBy !== undefined) return [wordsOf({ refusedBy, isExplicit, call: 'kms' }), ...ofRole(lost)].join('; ');
  if (by === 'grant') return 'the grant that allowed it is gone';
  if (statement === undefined) return 'no statement is for us';
  if (by === 'context') return `statement "${statement}" asks for another encryption context than ours`;
  return isExplicit ? `denied by statement "${statement}"` : `statement "${statement}" does not cover it`;
}
