/** What pages and `explain` say of trouble of our own. */
import type { OperatorIncident } from '../incidents/incident';
import { weightOf } from '../incidents/severity';
import { troubleText } from '../incidents/trouble';
import { localTime } from './local-time';
import type { Sentences } from './sentences';

const WHOSE_ACT =
  'nobody’s among customers, as far as we know: it is trouble of our own, or of AWS. Count the time as ours.';

/** The sentences of an operator incident. Keys are named without whose they are. */
export function sentencesOfTrouble(incident: OperatorIncident, timeZone: string): Sentences {
  const when = localTime(timeZone);
  const { trouble, subject, evidence, signalledAt, detectedAt, recoveredAt, kmsKeyArns, keyCount } = incident;
  const others = keyCount - kmsKeyArns.length;
  const happened = troubleText(incident, 'happened');
  const over = troubleText(incident, 'over');
  const { severity, because } = weightOf(incident);
  return {
    title: keyCount === 0 ? happened : `${happened}: ${keysOf(keyCount)}`,
    overTitle: over,
    grownTitle: happened,
    others: [],
    happened: `${happened}.`,
    next: troubleText(incident, 'next').split('\n'),
    severity: `${severity}: ${because}`,
    whoseAct: WHOSE_ACT,
    extent: 'Meanwhile',
    stopped: troubleText(incident, 'means'),
    named: [...kmsKeyArns, ...(others > 0 ? [`and ${keysOf(others)} more`] : [])],
    since: `${when(signalledAt)}, confirmed by our own looks at ${when(detectedAt)}: ${evidence}`,
    about: { label: 'Trouble', text: `${trouble} of ${subject}` },
    lasted: 'Lasted',
    over: `${over} since ${when(recoveredAt ?? detectedAt)}.`,
  };
}

const keysOf = (count: number): string => `${count} KMS key${count === 1 ? '' : 's'}`;
