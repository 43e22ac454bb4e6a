/** The pages about what is no incident: what may take a key away soon, and a retirement that stopped by itself. */
import { durationText } from '../../duration-text';
import { elapsedMs } from '../../instants';
import type { RetirementStop } from '../../retirement/retirement';
import { type EarlyWarning, wordingOfWarning } from '../warnings/early-warning';
import { localTime } from './local-time';
import type { Page } from './page';
import { linesOf, nextLines, type Reader, runbookAt, subject } from './page-lines';

/** The page about what may take a key away soon. @param now From when the time that is left is counted. */
export function warningPage(
  { warningId, kind, kmsKeyArn, customerId, says, deadline, at, pagedAt }: EarlyWarning,
  reader: Reader,
  now: string,
): Page {
  const { whose: keyOf, happened, next, runbook: ownRunbook = kind } = wordingOfWarning(kind);
  const runbook = runbookAt(ownRunbook, reader);
  const whose = keyOf ?? (customerId === undefined ? 'A KMS key that customers share' : `The KMS key of ${customerId}`);
  const left = deadline === undefined ? '' : `${durationText(elapsedMs(now, deadline))} left: `;
  const body = linesOf([
    `${whose} ${happened}. It still serves.`,
    '',
    ...nextLines(next.replaceAll('KEY', kmsKeyArn).split('\n')),
    `Runbook:    ${runbook}`,
    'Severity:   warning',
    `What:       ${says}`,
    ...(deadline === undefined ? [] : [`Until:      ${localTime(reader.timeZone)(deadline)}`]),
    'At stake:',
    `            keywright impact ${kmsKeyArn}`,
    `Key:        ${kmsKeyArn}`,
  ]);
  return {
    incidentId: warningId,
    messageId: [warningId, Date.parse(pagedAt ?? at)].join('.'),
    about: 'opened',
    severity: 'warning',
    subject: subject(`${left}${whose} ${happened}`),
    body,
    at,
    runbook,
    details: { kmsKeyArn, cause: kind, ...(deadline !== undefined && { deadline }) },
  };
}

/** The page about a retirement that stopped by itself. */
export function stoppedPage({ stopId, at, kmsKeyArn, reason }: RetirementStop, reader: Reader): Page {
  const runbook = runbookAt('retirement-stopped', reader);
  const body = linesOf([
    'The retirement of a KMS key stopped: it is not deleted, and goes no further until a person says so.',
    '',
    'Next step:  find out who still uses the key. If they need it, put it back into use:',
    `            keywright retire undo ${kmsKeyArn} disable --reason "who needs it"`,
    '            If nobody does, let it go on:',
    `            keywright retire start ${kmsKeyArn}`,
    `Runbook:    ${runbook}`,
    `Why:        ${reason}`,
    `Since:      ${localTime(reader.timeZone)(at)}`,
    `Key:        ${kmsKeyArn}`,
  ]);
  return {
    incidentId: stopId,
    messageId: `${stopId}.opened`,
    about: 'opened',
    severity: 'warning',
    subject: subject('A retired KMS key is still used, or was changed in KMS'),
    body,
    at,
    runbook,
    details: { kmsKeyArn, cause: 'retirement-stopped' },
  };
}
