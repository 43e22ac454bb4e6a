/** The rule that a key is under. */
import type { KmsKey } from '../keys/kms-key';
import type { ControlStore } from '../ports';
import { type RotationRule, scopesOf } from './rotation-rule';

/** The rule that a key is under; undefined when there is none. */
export async function ruleFor(
  key: Pick<KmsKey, 'kmsKeyArn' | 'customerId' | 'option'>,
  control: Pick<ControlStore, 'find'>,
): Promise<RotationRule | undefined> {
  const rules = await Promise.all(scopesOf(key).map((scope) => control.find('rotation-rule', scope)));
  return rules.find((rule) => rule !== undefined);
}
