/** Where the retirement of a key stands, as people see it: what it waits for, until when, and how it is taken back. */

import { DAY_MS, later } from '../instants';
import { SHARDS } from '../keys/data-key';
import { defined } from '../optional-fields';
import type { ControlStore } from '../ports';
import { type Approval, isOpen } from '../retirement/approval';
import { quietDaysOf, type Retirement, type RetirementStep, UNDO } from '../retirement/retirement';
import { approvalKey } from '../rows';

export interface ShownRetirement
  extends Pick<Retirement, 'kmsKeyArn' | 'customerId' | 'terms' | 'stage' | 'since' | 'reason' | 'asked' | 'held'> {
  /** What happens next, or who has to do something for it. */
  readonly waitsFor: string;
  /** Until when, where a date is known: nothing goes on before it. */
  readonly until?: string;
  readonly undo: string;
  /** The last certificate; `show-certificate` gives the signed note. */
  readonly certificate?: { readonly hash: string; readonly verdict: string; readonly issuedAt: string };
  /** The request for the step that it waits for, approved or not. */
  readonly approval?: Omit<Approval, 'kmsKeyArn' | 'customerId' | 'requesterId' | 'approverId' | 'revision'>;
}

/** The step that two people have to agree to, by the stage that waits for it. */
const STEP_OF: Readonly<Partial<Record<Retirement['stage'], RetirementStep>>> = {
  'disable-due': 'disable',
  deletable: 'schedule-deletion',
};

export interface OutlookPorts {
  readonly control: Pick<ControlStore, 'find'>;
  readonly clock: { now(): string };
}

/** A retirement as people and programs see it, with what it waits for. */
export async function shownRetirement(retirement: Retirement, ports: OutlookPorts): Promise<ShownRetirement> {
  const { kmsKeyArn, customerId, terms, stage, since, reason, asked, held, certificate } = retirement;
  const approval = await openApproval(retirement, ports);
  return {
    kmsKeyArn,
    ...defined({ customerId }),
    terms,
    stage,
    since,
    ...defined({ reason, asked, held }),
    ...outlookOf(retirement, approval),
    undo: UNDO[stage],
    ...(certificate && { certificate: { ...withoutNote(certificate) } }),
    ...(approval && { approval: shownApproval(approval) }),
  };
}

const withoutNote = ({ hash, verdict, issuedAt }: NonNullable<Retirement['certificate']>) => ({
  hash,
  verdict,
  issuedAt,
});

/** An approval without what only the product uses. */
export const shownApproval = ({
  kmsKeyArn: _key,
  customerId: _whose,
  requesterId: _asked,
  approverId: _approved,
  revision: _store,
  ...approval
}: Approval) => approval;

async function openApproval(retirement: Retirement, { control, clock }: OutlookPorts): Promise<Approval | undefined> {
  const step = STEP_OF[retirement.stage];
  const approval = step && (await control.find('approval', approvalKey(retirement.kmsKeyArn, step)));
  return approval && isOpen(approval, retirement, clock.now()) ? approval : undefined;
}

type Outlook = Pick<ShownRetirement, 'waitsFor' | 'until'>;

function outlookOf(retirement: Retirement, approval: Approval | undefined): Outlook {
  const { held, stage, scanCursor } = retirement;
  if (held && stage !== 'deleted') {
    return { waitsFor: `a person who lets it go on: ${held.by} holds it, because ${held.reason}` };
  }
  if (scanCursor)
    return { waitsFor: `a scan that reads every data key: ${scanCursor.next.segment} of ${SHARDS} parts are read` };
  return OUTLOOKS[stage](retirement, approval);
}

const OUTLOOKS: Readonly<Record<Retirement['stage'], (row: Retirement, approval?: Approval) => Outlook>> = {
  watching: ({ dueAt }) => ({ waitsFor: 'verification that nothing needs the key', until: dueAt }),
  quiet: (row) => ({
    waitsFor: 'a time without any use of the key',
    until: later(row.quietSince ?? row.since, quietDaysOf(row) * DAY_MS),
  }),
  'disable-due': ({ terms }, approval) =>
    terms.approveDisable ? approvalOutlook('disable', approval) : { waitsFor: 'KMS to disable the key' },
  disabled: ({ terms, since, disabledAt = since }) => ({
    waitsFor: 'a time in which nobody misses the disabled key',
    until: later(disabledAt, terms.disabledDays * DAY_MS),
  }),
  deletable: (_row, approval) => approvalOutlook('schedule-deletion', approval),
  'deletion-scheduled': ({ deletionDate }) => ({
    waitsFor: 'KMS to delete the key',
    ...defined({ until: deletionDate }),
  }),
  deleted: () => ({ waitsFor: 'nothing: KMS has deleted the key' }),
};

function approvalOutlook(step: RetirementStep, approval: Approval | undefined): Outlook {
  if (!approval) return { waitsFor: `a person who asks for ${step}, and another who approves` };
  if (approval.approvedBy !== undefined) return { waitsFor: `${step}, which two people agreed on` };
  const { requestedBy, expiresAt } = approval;
  return { waitsFor: `another person than ${requestedBy} to approve ${step}`, until: expiresAt };
}
