/** By which terms a key is rotated, and which rule they come from. */
import { ruleFor } from '../rotation/find-rule';
import type { RotationPolicy } from '../rotation/rotation-policy';
import type { RotationRule } from '../rotation/rotation-rule';
import { keyName } from './fields';
import { type FindKeyPorts, findKey } from './find-key';
import { defineOperation } from './operation';

export interface ShownPolicy {
  readonly kmsKeyArn: string;
  /** What the planner goes by; absent for a key that nothing rotates. */
  readonly policy?: Omit<RotationPolicy, 'revision'>;
  /** The most specific rule that is for the key; absent where its terms were given for it alone. */
  readonly rule?: Omit<RotationRule, 'revision' | 'appliedUpTo' | 'dueAt'>;
}

export const showRotationPolicy = defineOperation(
  'show-rotation-policy',
  { key: keyName },
  async (input, _caller, ports: FindKeyPorts): Promise<ShownPolicy> => {
    const key = await findKey(input.key, ports);
    const [policy, rule] = await Promise.all([
      ports.control.find('rotation-policy', key.kmsKeyArn),
      ruleFor(key, ports.control),
    ]);
    return {
      kmsKeyArn: key.kmsKeyArn,
      ...(policy && { policy: policyShown(policy) }),
      ...(rule && { rule: ruleShown(rule) }),
    };
  },
);

const policyShown = ({ revision: _store, ...policy }: RotationPolicy) => policy;

/** A rule without what only the product uses. */
export const ruleShown = ({ revision: _store, appliedUpTo: _place, dueAt: _work, ...rule }: RotationRule) => rule;
