/** By which terms a job is worked: how urgent it is, when it may be, and how much of a customer's own quota it may use. */

import type { KmsKey } from '../../keys/kms-key';
import { defined } from '../../optional-fields';
import type { ControlStore } from '../../ports';
import { nextOpening } from '../../rotation/work-window';
import type { ReencryptionJob } from '../reencryption';

export type JobTerms = Pick<ReencryptionJob, 'priority' | 'window' | 'agreedShare'>;

/** The keys that a job moves data keys between. */
interface Between {
  readonly from: KmsKey;
  readonly to: KmsKey;
}

/** What a person may say of it. */
export interface AskedTerms {
  readonly priority?: JobTerms['priority'] | undefined;
  readonly window?: JobTerms['window'] | undefined;
}

interface TermsPorts {
  readonly control: Pick<ControlStore, 'find'>;
}

/** Of a job that follows a rotation: inside the window of the policy, which is for all work on the key. */
export async function termsAfterRotation(between: Between, ports: TermsPorts): Promise<JobTerms> {
  const window = (await policiesOf(between, ports)).find((policy) => policy?.window)?.window;
  return termsAsked(between, { window }, ports);
}

/** Of a job that somebody asks for: at once, unless they name a window. */
export async function termsAsked(
  between: Between,
  { priority, window }: AskedTerms,
  ports: TermsPorts,
): Promise<JobTerms> {
  const agreed = (await policiesOf(between, ports)).flatMap((policy) => policy?.agreedShare ?? []);
  return {
    ...defined({ priority, window }),
    ...(agreed.length > 0 && { agreedShare: Math.min(...agreed) }),
  };
}

const policiesOf = ({ from, to }: Between, { control }: TermsPorts) =>
  Promise.all([from, to].map(({ kmsKeyArn }) => control.find('rotation-policy', kmsKeyArn)));

/** The first instant, not before `now`, at which the job may be worked. Somebody who has a key waits for no window. */
export const opensAt = ({ priority, window }: JobTerms, now: string): string =>
  priority === 'compromise' ? now : nextOpening(window, now);
