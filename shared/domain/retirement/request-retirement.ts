/** request-retirement: a person wants a key that was replaced to go, by terms of its own, or one that was held to go on. */

import { retirementDue } from '../../../events/retirement-due';
import { isHeldByCustomer } from '../customers/encryption-options';
import { refusal } from '../errors';
import type { KmsKey } from '../keys/kms-key';
import { newFact } from '../outbox/new-fact';
import type { Clock, ControlStore, Ids } from '../ports';
import { mustFind } from '../require-row';
import { retryOnConflict } from '../retry-on-conflict';
import { moved } from './move-retirement';
import { newRetirement, type Retirement, type RetirementStage } from './retirement';
import {
  isSameTerms,
  type RetirementTerms,
  refuseRetirementTerms,
  type SaidTerms,
  termsWith,
} from './retirement-terms';

export interface RetirementRequest {
  readonly kmsKeyArn: string;
  readonly by: string;
  /** By which terms. What is left out stays as it is, or as its policy has it. */
  readonly terms?: SaidTerms | undefined;
  /** Tells what would happen, and touches nothing. */
  readonly dryRun?: boolean;
}

export interface RequestRetirementPorts {
  readonly control: ControlStore;
  readonly clock: Clock;
  readonly ids: Ids;
}

/**
 * Begins or goes on with a retirement, at once. Safe to repeat. Whether the key may go is verified by what carries it out.
 *
 * @throws KeywrightError `input.invalid`, `state.not-found`, `state.forbids`: nothing was touched.
 */
export async function requestRetirement(
  request: RetirementRequest,
  ports: RequestRetirementPorts,
): Promise<Retirement> {
  const { kmsKeyArn, by, terms: said = {}, dryRun } = request;
  const { control, clock } = ports;
  return retryOnConflict(async () => {
    const key = await mustFind('kms-key', kmsKeyArn, ports, 'key');
    const before = await control.find('retirement', kmsKeyArn);
    refuse(key, before);
    const now = clock.now();
    const policy = before ? undefined : await control.find('rotation-policy', kmsKeyArn);
    const { held: _over, ...begun } = before ?? newRetirement(key, policy?.retirement, now);
    const terms = termsWith(begun.terms, said);
    refuseRetirementTerms(terms);
    refuseForOne(begun.terms, terms, key);
    const asked: Retirement = { ...begun, terms, asked: { by, at: now }, dueAt: now };
    const backTo = isSameTerms(begun.terms, terms) ? undefined : certifiedAnewFrom(begun.stage, key);
    const back = backTo && moved(asked, { to: backTo, againMs: 0, reason: 'its terms were changed', by }, ports);
    const row = back?.row ?? asked;
    if (dryRun) return row;
    const due = newFact(retirementDue, ports, { at: now, kmsKeyArn });
    await control.commit({ writes: [{ entityType: 'retirement', row }], facts: back ? [back.fact, due] : [due] });
    return row;
  });
}

/**
 * Where other terms take it back to, so that it is verified and certified again: what two people agree to is what their
 * certificate says, its terms among it. Undefined where no certificate waits for them, or what it was for is being done.
 */
function certifiedAnewFrom(stage: RetirementStage, { state }: KmsKey): RetirementStage | undefined {
  if (stage === 'deletable') return 'disabled';
  return stage === 'disable-due' && state === 'retiring' ? 'watching' : undefined;
}

/** What takes two people no one lifts alone, and what two people agreed to no one changes while it goes on counting. */
function refuseForOne(before: RetirementTerms, after: RetirementTerms, { state }: KmsKey): void {
  if (!before.approveDisable) return;
  if (!after.approveDisable) {
    const problem = 'two people have to agree before the key is disabled, and nobody lifts that alone. Let two agree.';
    throw refusal('state.forbids', 'retirement.approveDisable', problem);
  }
  if (state === 'retiring' || before.onUse === after.onUse) return;
  const problem = 'two people agreed to it when the key was disabled. Undo the step `disable`, and let two agree anew.';
  throw refusal('state.forbids', 'retirement.onUse', problem);
}

function refuse(key: KmsKey, before: Retirement | undefined): void {
  if (isHeldByCustomer(key.option)) throw forbids('the key is the customer’s: only they disable or delete it.');
  if (key.state === 'active') throw forbids('it is in use. Rotate it by the strategy replace: then it may go.');
  if (key.state === 'deletion-scheduled' || before?.stage === 'deleted')
    throw forbids('its deletion is scheduled or over.');
}

const forbids = (problem: string) => refusal('state.forbids', 'key', problem);
