/** What a customer’s contact is told: of them and theirs alone. Who else uses a key, and how many, is nowhere in it. */
import type { Party } from '../../../../events/fields';
import type { KeyIncident } from '../incidents/incident';
import { isAtStake, severityOf } from '../incidents/severity';
import { actDetails, customersAct } from '../key-acts';
import { happenedTo } from '../paging/cause-words';
import { localTime } from '../paging/local-time';
import type { Page } from '../paging/page';
import { linesOf, subject } from '../paging/page-lines';
import type { CustomerNotice } from './customer-notice';

const NEXT: Readonly<Record<Party, string>> = {
  customer: 'if nobody meant it, undo it in your AWS account. Your service comes back by itself with the key.',
  provider: 'none of yours. We are at it, and tell you when it is over.',
  unknown: 'look whether somebody changed the key, its policy or its role in your AWS account. We look at our side.',
};

const KEEPS = 'Your data stays protected, and is under no other key meanwhile.';

/** A key that we took out of use never came back. */
const endOf = ({ recoveredAt }: KeyIncident): string =>
  recoveredAt === undefined ? 'is out of use: we took it out, since nothing needs it any more' : 'is available again';

/** @param isTheirs Whether the key is this customer’s alone: one that others use as well is not named. */
export function noticePage(
  notice: CustomerNotice,
  incident: KeyIncident,
  { isTheirs, timeZone }: { readonly isTheirs: boolean; readonly timeZone: string },
): Page {
  const { incidentId, about, dataStores, dataStoreCount, customerId } = notice;
  const { cause, party, recoverableUntil, signalledAt, recoveredAt, outOfUseAt, detectedAt } = incident;
  const when = localTime(timeZone);
  const act = isTheirs ? customersAct(incident) : undefined;
  const key = isTheirs ? 'Your KMS key' : 'The KMS key that protects your data';
  const isOver = about === 'closed';
  const endedAt = recoveredAt ?? outOfUseAt ?? detectedAt;
  const title = `${key} ${isOver ? endOf(incident) : happenedTo(incident)}`;
  const unnamed = dataStoreCount - dataStores.length;
  const body = linesOf([
    `${title}.`,
    '',
    `Next step:  ${isOver ? 'none.' : NEXT[party ?? 'unknown']}`,
    ...(isOver ? [] : [`            ${KEEPS}`]),
    `${isOver || !isAtStake(incident) ? 'Concerned: ' : 'At stake:  '} ${dataStores.join(', ')}${unnamed > 0 ? ` and ${unnamed} more` : ''}`,
    ...(act ? [`Who acted:  ${act.by} in your account ${act.accountId}: ${act.operation} at ${when(act.at)}`] : []),
    `Since:      ${when(signalledAt)}`,
    ...(isOver ? [`Until:      ${when(endedAt)}`] : []),
    ...(!isOver && recoverableUntil
      ? [`Deadline:   ${when(recoverableUntil)}. After that the data is lost for good.`]
      : []),
    ...(isTheirs ? [`Key:        ${incident.kmsKeyArn}`] : []),
    `Incident:   ${incidentId}`,
  ]);
  return {
    incidentId,
    messageId: `${incidentId}.${customerId}.${about}`,
    about,
    severity: severityOf(incident),
    subject: subject(isOver ? `Over: ${title}` : title),
    body,
    at: isOver ? endedAt : detectedAt,
    details: {
      customerId,
      cause,
      ...(party !== undefined && { party }),
      ...(act && actDetails(act)),
      dataStoreCount,
      detectedAt,
      ...(recoverableUntil !== undefined && { recoverableUntil }),
      ...(isTheirs && { kmsKeyArn: incident.kmsKeyArn }),
    },
  };
}
