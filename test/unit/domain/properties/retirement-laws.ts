/** What must hold of keys on their way out, at every moment and at the end. */

import type { KmsKey } from '../../../../shared/domain/keys/kms-key';
import type { DeclaredBackup } from '../../../../shared/domain/retirement/declared-backup';
import type { RetirementStep } from '../../../../shared/domain/retirement/retirement';
import type { RetirementTerms } from '../../../../shared/domain/retirement/retirement-terms';
import type { MemoryControlStore } from '../../../support/memory-control-store';
import type { Memory } from './key-laws';
import { keysOf, type Life } from './key-lives';
import { PEOPLE } from './retirements-in-lives';

/** What somebody said, whatever was made of it. */
export interface Saying {
  readonly did: 'asked' | 'approved';
  readonly kmsKeyArn: string;
  readonly step: RetirementStep;
  readonly certificateHash: string;
  readonly by: string;
}

/** On which certificate a step is decided. */
const DECIDED_ON: Readonly<Record<RetirementStep, string>> = {
  disable: 'safe-to-disable',
  'schedule-deletion': 'safe-to-delete',
};

/** KMS is asked: one person asked for it and another approved, both for the key's last certificate of that kind. @returns what it says. */
export function refuseUnapproved(
  kmsKeyArn: string,
  step: RetirementStep,
  control: MemoryControlStore,
  { said }: Memory,
): { readonly terms: RetirementTerms } {
  const certificates = control.outbox
    .map(({ detail }) => detail)
    .filter((detail) => detail['kmsKeyArn'] === kmsKeyArn && detail['verdict'] === DECIDED_ON[step]);
  const { certificateHash: last, certificate } = certificates.at(-1) ?? {};
  const whoDid = (did: Saying['did']) =>
    said.flatMap((one) =>
      one.did === did && one.kmsKeyArn === kmsKeyArn && one.step === step && one.certificateHash === last
        ? (PEOPLE[one.by] ?? [])
        : [],
    );
  const approvers = whoDid('approved');
  if (whoDid('asked').some((person) => approvers.some((other) => other !== person)))
    return JSON.parse(String(certificate).split('\n')[1] ?? '');
  throw new Error(`KMS was asked for what no two people decided: ${step} ${kmsKeyArn} ${JSON.stringify(said)}`);
}

export function checkRetirements(life: Life, { takenAway }: Memory): void {
  const { kms, control } = life.world;
  for (const key of keysOf(life)) {
    const backups = keptBackupsOf(key.kmsKeyArn, life);
    if (backups.length === 0) continue;
    if (key.state === 'disabled' || key.state === 'deletion-scheduled')
      broken('a retired key is still needed by a backup', { key, backups });
    // What an attempt that died may have left behind in KMS is set right, at the latest when that is due.
    const retirement = control.all('retirement').find(({ kmsKeyArn }) => kmsKeyArn === key.kmsKeyArn);
    const isUsable = kms.stateOf(key.kmsKeyArn) === 'Enabled' || takenAway.has(key.kmsKeyArn);
    if (!isUsable && !retirement?.settleKms) broken('a backup is under a key that we disabled', { key, backups });
  }
}

/** KMS shows what we say, and what nothing needs is retired unless people keep it. */
export function checkRetired(life: Life): void {
  const { kms, control, dataKeys } = life.world;
  for (const key of keysOf(life).filter(({ replacedBy }) => replacedBy !== undefined)) {
    const keyState = kms.stateOf(key.kmsKeyArn);
    if (keyState !== SHOWN_AS[key.state]) broken('KMS shows a replaced key otherwise than we do', { key, keyState });
    const retirement = control.all('retirement').find(({ kmsKeyArn }) => kmsKeyArn === key.kmsKeyArn);
    const isNeeded =
      dataKeys.all().some(({ kmsKeyArn }) => kmsKeyArn === key.kmsKeyArn) ||
      keptBackupsOf(key.kmsKeyArn, life).length > 0;
    const isKept = retirement?.held !== undefined || retirement?.stage === 'disable-due';
    const isRetired = key.retiredAt !== undefined && key.state !== 'retiring';
    if (isRetired ? isNeeded : !isNeeded && !isKept)
      broken('a replaced key is neither retired nor needed', { key, retirement });
  }
}

const SHOWN_AS: Readonly<Record<KmsKey['state'], string>> = {
  active: 'Enabled',
  retiring: 'Enabled',
  disabled: 'Disabled',
  'deletion-scheduled': 'PendingDeletion',
};

export const keptBackupsOf = (arn: string, { world: { control, clock } }: Life): readonly DeclaredBackup[] =>
  control
    .all('declared-backup')
    .filter(({ kmsKeyArn, releasedAt, retainUntil }) => kmsKeyArn === arn && !releasedAt && retainUntil > clock.now());

function broken(law: string, where: unknown): never {
  throw new Error(`${law}: ${JSON.stringify(where)}`);
}
