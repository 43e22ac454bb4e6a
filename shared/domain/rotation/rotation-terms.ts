/** By which terms a key is rotated. */
import type { RotationStrategy } from '../../../events/fields';
import type { RetirementTerms } from '../retirement/retirement-terms';
import type { WorkWindow } from './work-window';

/** By which strategy, how often and when a key is rotated, and what follows. */
export interface RotationTerms {
  readonly strategy: RotationStrategy;
  readonly periodDays: number;
  /** Whether data keys are re-encrypted after a rotation. */
  readonly reencrypt: boolean;
  /** When work may begin. Absent: at any time. */
  readonly window?: WorkWindow;
  /** What makes a rotation due before its time. */
  readonly triggers?: RotationTriggers;
  /** Of `kms-automatic`: what becomes of a setting that somebody changed in KMS. `repair` when absent. */
  readonly onDrift?: 'repair' | 'report';
  /** The part of a customer's own KMS request quota, from 0 to 1, that they agreed re-encryption may use. */
  readonly agreedShare?: number;
  /** How a key that was replaced goes. Absent: `RETIREMENT_DEFAULTS`. */
  readonly retirement?: RetirementTerms;
}

export interface RotationTriggers {
  /** How often one key material may encrypt. */
  readonly maxUses?: number;
  /** Facts about the key, by name: `incident-closed.v1`. */
  readonly facts?: readonly string[];
}
