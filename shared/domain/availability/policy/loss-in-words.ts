/** What a key policy no longer allows, and the statements at fault, in a sentence for a person. */
import type { LostAction } from '../verdict';

/** `the key policy does not allow kms:GenerateDataKey (statement "Use" does not cover it)` */
export function lossInWords(lost: readonly LostAction[]): string {
  const byFault = new Map<string, string[]>();
  for (const one of lost) byFault.set(faultInWords(one), [...(byFault.get(faultInWords(one)) ?? []), one.action]);
  const parts = [...byFault].map(([fault, actions]) => `${actions.join(', ')} (${fault})`);
  return `the key policy does not allow ${parts.join('; ')}`;
}

/** Why it is lost: the statement at fault. */
export function faultInWords({ statement, isExplicit }: LostAction): string {
  if (statement === undefined) return 'no statement is for us';
  return isExplicit ? `denied by statement "${statement}"` : `statement "${statement}" does not cover it`;
}
