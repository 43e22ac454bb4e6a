/** Retirements as a person reads them. */
import type { RetirementPlan } from '../../shared/domain/api/plan-retirement';
import type { ShownRetirement } from '../../shared/domain/api/retirement-outlook';
import { utc } from '../../shared/domain/instants';
import type { RetirementTerms } from '../../shared/domain/retirement/retirement-terms';
import { printable } from '../output/printable-text';
import { grouped, table } from '../output/table';
import { wrapped } from '../output/wrapped';

const NAMED_MAX = 10;

export function showPlan({ kmsKeyArn, state, replacedBy, retiredAt, needs, ...plan }: RetirementPlan): string {
  const { jobs, backups, dataStores, dataKeys } = needs;
  const counts = [
    `${grouped(dataStores.length)} data stores`,
    `${grouped(dataKeys)} data keys`,
    `${grouped(jobs.length)} jobs`,
    `${grouped(backups.length)} backups`,
  ];
  return [
    kmsKeyArn,
    `  ${state}${retiredAt === undefined ? '' : ` since ${utc(retiredAt)}`}`,
    ...(replacedBy === undefined ? [] : [`  ${replacedBy}\n  took its place`]),
    wrapped(`needed by ${counts.join(', ')}`, '  '),
    ...dataStores.slice(0, NAMED_MAX).map((id) => `    data store ${id}`),
    ...jobs.map((jobId) => `    re-encryption job ${jobId}`),
    ...backups.slice(0, NAMED_MAX).map((backupId) => `    backup ${backupId}`),
    ...(plan.refused
      ? [
          wrapped(
            printable(`the verification of ${utc(plan.refused.at)} found ${plan.refused.references.join(', ')}`),
            '  ',
          ),
        ]
      : []),
    ...(plan.retirement ? stageLines(plan.retirement) : []),
    wrapped(plan.next),
    ...(plan.retirement ? commandLines(plan.retirement) : []),
  ].join('\n');
}

export function showRetirement(retirement: ShownRetirement, { dryRun = false } = {}): string {
  return [
    retirement.kmsKeyArn,
    ...stageLines(retirement),
    wrapped(
      `waits for ${retirement.waitsFor}${retirement.until === undefined ? '' : `, until ${utc(retirement.until)}`}`,
      '  ',
    ),
    ...(dryRun ? ['Nothing was touched.'] : commandLines(retirement)),
  ].join('\n');
}

const COLUMNS = [{ title: 'key' }, { title: 'stage' }, { title: 'since' }, { title: 'until' }, { title: 'waits for' }];

export function showRetirements(retirements: readonly ShownRetirement[], more: boolean): string {
  const [only] = retirements;
  if (only === undefined)
    return 'No retirement. Start one of a key that was replaced:\n  keywright retire start KEY_ARN';
  if (retirements.length === 1) return showRetirement(only);
  const rows = retirements.map(({ kmsKeyArn, stage, since, until, waitsFor }) => {
    return [kmsKeyArn, stage, utc(since), until === undefined ? '' : utc(until), waitsFor];
  });
  return [table(COLUMNS, rows), ...(more ? ['There are more; name a key or a customer to see its own.'] : [])].join(
    '\n',
  );
}

function stageLines({
  stage,
  since,
  reason,
  asked,
  held,
  terms,
  certificate,
  undo,
}: ShownRetirement): readonly string[] {
  return [
    line(`stage ${stage} since ${utc(since)}${reason === undefined ? '' : `: ${reason}`}`),
    line(`terms: ${termsText(terms)}`),
    ...(asked ? [line(`asked for by ${asked.by} at ${utc(asked.at)}`)] : []),
    ...(held ? [line(`held by ${held.by} since ${utc(held.at)}: ${held.reason}`)] : []),
    ...(certificate
      ? [line(`certificate ${certificate.hash}: ${certificate.verdict}, ${utc(certificate.issuedAt)}`)]
      : []),
    line(`undo: ${undo}`),
  ];
}

const line = (text: string): string => wrapped(printable(text), '  ');

function termsText({ quietDays, approveDisable, disabledDays, waitingDays, onUse }: RetirementTerms): string {
  return [
    `${quietDays} days quiet`,
    approveDisable ? 'disabled when two people agree' : 'disabled without asking',
    `${disabledDays} days disabled`,
    `deleted when two people agree, after ${waitingDays} days`,
    onUse === 'enable' ? 'a use enables it again' : 'a use stops it and pages',
  ].join('; ');
}

/** What a person types next, where a person is what it waits for. */
function commandLines({ kmsKeyArn, stage, held, certificate, terms, approval }: ShownRetirement): readonly string[] {
  if (held && stage !== 'deleted') return ['Let it go on:', `  keywright retire start ${kmsKeyArn}`];
  const waitsForPeople = stage === 'deletable' || (stage === 'disable-due' && terms.approveDisable);
  if (!waitsForPeople || !certificate || approval?.approvedBy !== undefined) return [];
  const step = stage === 'deletable' ? 'schedule-deletion' : 'disable';
  const rest = `${kmsKeyArn} ${step} --certificate ${certificate.hash}`;
  return approval
    ? ['Approve it:', `  keywright retire approve ${rest}`]
    : ['Ask for it:', `  keywright retire request ${rest} --reason TEXT`];
}
