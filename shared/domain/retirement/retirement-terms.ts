/** By which terms a KMS key that was replaced is retired. Part of a rotation policy, or given by a person for one key. */
import { invalid } from '../errors';

export interface RetirementTerms {
  /** For how many days nothing may use the key before it is disabled. */
  readonly quietDays: number;
  /** Whether two people have to agree before it is disabled. They always have to before it is deleted. */
  readonly approveDisable: boolean;
  /** For how many days it is disabled, and missed by nobody, before it may be deleted. */
  readonly disabledDays: number;
  /** How long KMS waits before it deletes: until then the deletion can be called off. */
  readonly waitingDays: number;
  /** When somebody uses it while it is disabled: it is enabled again, or its retirement stops and on-call is told. */
  readonly onUse: 'enable' | 'alert';
}

/** What goes for a key whose policy says nothing: disabled as soon as it is verified that nothing needs it. */
export const RETIREMENT_DEFAULTS: RetirementTerms = {
  quietDays: 0,
  approveDisable: false,
  disabledDays: 30,
  waitingDays: 30,
  onUse: 'enable',
};

/** Some of the terms. */
export type SaidTerms = { readonly [Name in keyof RetirementTerms]?: RetirementTerms[Name] | undefined };

/** What is not said stays as it was. */
export const termsWith = (before: RetirementTerms, said: SaidTerms): RetirementTerms => ({
  quietDays: said.quietDays ?? before.quietDays,
  approveDisable: said.approveDisable ?? before.approveDisable,
  disabledDays: said.disabledDays ?? before.disabledDays,
  waitingDays: said.waitingDays ?? before.waitingDays,
  onUse: said.onUse ?? before.onUse,
});

/** Whether two terms say the same. */
export const isSameTerms = (one: RetirementTerms, other: RetirementTerms): boolean =>
  NAMES.every((name) => one[name] === other[name]);

const NAMES = Object.keys(RETIREMENT_DEFAULTS) as readonly (keyof RetirementTerms)[];

const LIMITS = {
  quietDays: { min: 0, max: 3_650 },
  disabledDays: { min: 0, max: 3_650 },
  /** Source: KMS API reference, ScheduleKeyDeletion, PendingWindowInDays. */
  waitingDays: { min: 7, max: 30 },
} as const;

/** @throws KeywrightError `input.invalid`, naming the field: `retirement.waitingDays: …`. */
export function refuseRetirementTerms(terms: RetirementTerms): void {
  for (const [name, { min, max }] of Object.entries(LIMITS)) {
    const days = terms[name as keyof typeof LIMITS];
    if (Number.isInteger(days) && days >= min && days <= max) continue;
    throw invalid(`retirement.${name}`, `must be a whole number of days from ${min} to ${max}.`);
  }
}
