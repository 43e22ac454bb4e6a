/** What is done with a key whose retirement is due, by the stage it is in. Every step may run twice. */
import type { RetirementStage } from '../retirement';
import type { RetirementContext } from '../verify/verify-unused';
import { awaitApproval } from './await-approval';
import { awaitDeletion } from './await-deletion';
import { unlessChangedInKms, unlessDeletedInKms } from './check-kms-state';
import { disable } from './disable-key';
import { checkDisabledPeriod } from './disabled-period';
import type { RetireOutcome, RetirePorts } from './ports';
import { checkQuietPeriod } from './quiet-period';
import { requestDeletion } from './request-deletion';
import { settleKms } from './settle-kms';
import { watch } from './watch-references';

type Step = (open: RetirementContext, ports: RetirePorts) => Promise<RetireOutcome>;

export const STEPS: Readonly<Record<RetirementStage, Step>> = {
  watching: async (open, ports) => (open.retirement.settleKms ? settleKms(open, ports) : watch(open, ports)),
  quiet: checkQuietPeriod,
  'disable-due': async (open, ports) =>
    open.key.state === 'disabled'
      ? ((await unlessDeletedInKms(open, ports)) ?? disable(open, ports))
      : awaitApproval(open, ports),
  disabled: async (open, ports) =>
    (await unlessChangedInKms(open, 'Disabled', ports)) ?? checkDisabledPeriod(open, ports),
  deletable: async (open, ports) => (await unlessChangedInKms(open, 'Disabled', ports)) ?? requestDeletion(open, ports),
  'deletion-scheduled': awaitDeletion,
  deleted: async () => 'not-due',
};
