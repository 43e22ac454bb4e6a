/** What one stage of a containment is given, and what it comes to. */
import type { Fact } from '../../../../events/define-event';
import type { KmsKey } from '../../keys/kms-key';
import type { Write } from '../../ports';
import type { Compromise } from '../compromise';
import type { CompromisePorts } from '../ports';

/** What one step of a stage came to; `compromise` as it is to be committed. */
export type Step = {
  readonly compromise: Compromise;
  readonly writes?: readonly Write[];
  readonly facts?: readonly Fact[];
} & (
  | { readonly kind: 'on' }
  /** Somebody else has to finish something. */
  | { readonly kind: 'waiting'; readonly why: string }
  | { readonly kind: 'over' }
);

export type StageOf = (compromise: Compromise, key: KmsKey, ports: CompromisePorts) => Promise<Step>;
