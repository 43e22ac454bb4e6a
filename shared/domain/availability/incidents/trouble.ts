/**
 * Trouble of our own: what keeps us from seeing, using or telling, while no customer did anything. A closed list, each with how
 * much it weighs, its runbook, and what to do first.
 */

import type { Severity } from './severity-level';

export const TROUBLES = [
  'kms-outage',
  'sts-outage',
  'network',
  'throttled',
  'own-permissions',
  'cannot-tell',
  'probes-failing',
  'probes-silent',
  'relay-silent',
  'pages-silent',
  'channel-failing',
  'subscription-disabled',
  'notice-late',
  'republish-silent',
  'recording-silent',
  'reconciliation-silent',
  'trail-silent',
  'forwarder-silent',
] as const;
export type Trouble = (typeof TROUBLES)[number];

interface TroubleWording {
  /** Never recorded alone: whatever keeps us from seeing, using or telling is told to somebody. */
  readonly severity: Exclude<Severity, 'info'>;
  /** A page of docs/runbooks. */
  readonly runbook: Trouble;
  /** A sentence without its end: what happened. `SUBJECT` stands for what has the trouble. */
  readonly happened: string;
  /** What it means while it lasts. */
  readonly means: string;
  /** The next step, for somebody who has just woken up, each command on a line of its own. */
  readonly next: string;
  /** A sentence without its end: how it is over. */
  readonly over: string;
}

const EACH_KEY_APART =
  'Applications may be refused as well. A key that anything tells to be disabled, deleted or denied is paged for itself all the same.';

export const TROUBLE: Readonly<Record<Trouble, TroubleWording>> = {
  'kms-outage': {
    severity: 'critical',
    runbook: 'kms-outage',
    happened: 'KMS does not answer us in SUBJECT',
    means: EACH_KEY_APART,
    next: 'Look at the AWS health dashboard for KMS in that region. If AWS is well: look at our VPC endpoint, DNS and network.',
    over: 'KMS answers us again in SUBJECT',
  },
  'sts-outage': {
    severity: 'critical',
    runbook: 'sts-outage',
    happened: 'STS does not answer us in SUBJECT',
    means: `Keys that we reach by a customer's role are out of reach. ${EACH_KEY_APART}`,
    next: 'Look at the AWS health dashboard for STS in that region. If AWS is well: look at our VPC endpoint, DNS and network.',
    over: 'STS answers us again in SUBJECT',
  },
  network: {
    severity: 'critical',
    runbook: 'network',
    happened: 'No answer of KMS reaches us in SUBJECT',
    means: EACH_KEY_APART,
    next: 'Look at our network in that region: VPC endpoint, DNS, routes, security groups. If they are well: look at the AWS health dashboard.',
    over: 'Answers of KMS reach us again in SUBJECT',
  },
  throttled: {
    severity: 'warning',
    runbook: 'throttled',
    happened: 'KMS throttles us in SUBJECT',
    means: `Keys are looked at late. ${EACH_KEY_APART}`,
    next: 'Find out what uses up the KMS request quota of that account and region (CloudWatch, AWS/Usage), slow it down, or ask AWS for more.',
    over: 'KMS no longer throttles us in SUBJECT',
  },
  'own-permissions': {
    severity: 'critical',
    runbook: 'own-permissions',
    happened: 'A policy of our own keeps us from KMS keys in SUBJECT',
    means: EACH_KEY_APART,
    next: 'Look at our last deployment, and at the policy that is named below: a permission of ours is missing or denied. Put it back.',
    over: 'Our own policies let us use KMS keys in SUBJECT again',
  },
  'cannot-tell': {
    severity: 'warning',
    runbook: 'cannot-tell',
    happened: 'Looks at KMS keys in SUBJECT tell nothing',
    means: 'What we believed of these keys before stands, and may be wrong.',
    next: 'Look at the log of assess-key and probe-keys for these keys: the error that is named below is one that nobody foresaw.',
    over: 'Looks at KMS keys in SUBJECT tell again',
  },
  'probes-failing': {
    severity: 'warning',
    runbook: 'probes-failing',
    happened: 'Probes of KMS keys fail in SUBJECT',
    means: 'An idle key that goes away is noticed by an event or an application alone.',
    next: 'Look at the log of probe-keys: the reason of each failure is there.',
    over: 'Probes of KMS keys no longer fail in SUBJECT',
  },
  'probes-silent': {
    severity: 'critical',
    runbook: 'probes-silent',
    happened: 'KMS keys are not probed in time: SUBJECT does not run, or not for all of them',
    means: 'An idle key that goes away is noticed by an event or an application alone.',
    next: 'Look whether SUBJECT is started, for each of its four parts, and fails: its schedules, its queue, its log.',
    over: 'KMS keys are probed in time again by SUBJECT',
  },
  'relay-silent': {
    severity: 'critical',
    runbook: 'relay-silent',
    happened: 'Facts do not come back from the bus: SUBJECT does not publish, or the bus does not deliver',
    means: 'Signals, pages and work that facts begin come late, by schedules alone.',
    next: 'Look at the log and the dead letters of SUBJECT, at the stream of the control table, and at the rules of the fact bus.',
    over: 'Facts come back from the bus again, through SUBJECT',
  },
  'pages-silent': {
    severity: 'critical',
    runbook: 'pages-silent',
    happened: 'Pages that are owed are not sent: SUBJECT has not run, or no channel takes them',
    means: 'Incidents are open that on-call does not know of.',
    next: 'List them:\nkeywright status\nThen look at the log of SUBJECT and at the channels that it sends to.',
    over: 'Pages are sent again by SUBJECT',
  },
  'channel-failing': {
    severity: 'warning',
    runbook: 'channel-failing',
    happened: 'The paging channel SUBJECT takes no pages',
    means: 'Pages go by the other channels. Whoever reads this one alone is told nothing.',
    next: 'See why:\nkeywright channel list\nAdd the channel anew with what is right. It is tried again by itself.',
    over: 'The paging channel SUBJECT takes pages again',
  },
  'subscription-disabled': {
    severity: 'warning',
    runbook: 'subscription-disabled',
    happened: 'The audit log is no longer sent to SUBJECT',
    means: 'The customer is not told what happens to their keys by this way. Nothing is lost: the log has every entry.',
    next: 'See why:\nkeywright subscriptions show CUSTOMER NAME\nAsk the customer to mend the destination, then resume it:\nkeywright subscriptions resume CUSTOMER NAME',
    over: 'The audit log is sent to SUBJECT again, or that subscription is removed',
  },
  'notice-late': {
    severity: 'critical',
    runbook: 'notice-late',
    happened: 'Customers are not told in time of what they lost: SUBJECT is late, or their channels take nothing',
    means: 'By contract somebody is to tell them, and nobody has.',
    next: 'Call the customer that is named below before the time is over. Then see what keeps the notice back:\nkeywright status',
    over: 'No customer waits for SUBJECT any more',
  },
  'republish-silent': {
    severity: 'warning',
    runbook: 'republish-silent',
    happened: 'Nobody looks for facts that were not published: SUBJECT has not run',
    means: 'A fact that the stream of the control table loses is not published until it runs.',
    next: 'Look whether SUBJECT is started and fails: its schedule, its queue, its log.',
    over: 'SUBJECT has run again',
  },
  'recording-silent': {
    severity: 'critical',
    runbook: 'recording-silent',
    happened: 'Nothing is recorded of what happens to keys: SUBJECT does not work its queue',
    means: 'Customers’ events signal nothing, and audit streams stand still. Nothing is lost: it waits in the queue.',
    next: 'Look at the log, the queue and the dead letters of SUBJECT.',
    over: 'What happens to keys is recorded again by SUBJECT',
  },
  'reconciliation-silent': {
    severity: 'warning',
    runbook: 'reconciliation-silent',
    happened: 'What we believe of keys has not been compared with KMS: SUBJECT is late',
    means: 'Signals and probes find losses all the same.',
    next: 'Look at the log of SUBJECT.',
    over: 'What we believe of keys is compared with KMS again by SUBJECT',
  },
  'trail-silent': {
    severity: 'warning',
    runbook: 'trail-silent',
    happened:
      'The log files of our CloudTrail trail are not compared with the audit streams: SUBJECT does not run, or digests are overdue',
    means: 'What EventBridge loses is not brought, and customers are told of no complete day.',
    next: 'Look at the log of SUBJECT, and whether the trail logs, with log file validation:\naws cloudtrail get-trail-status --name TRAIL',
    over: 'Log files are compared again by SUBJECT',
  },
  'forwarder-silent': {
    severity: 'warning',
    runbook: 'forwarder-silent',
    happened: 'No event comes from SUBJECT any more',
    means: 'What happens to their keys is noticed by probes and applications alone, later.',
    next: 'Ask them to look at the rules of the onboarding kit that forward events to our bus, at the role of the rules, and at whether an organisation’s policy denies events:PutEvents.',
    over: 'Events come from SUBJECT again',
  },
};

/** Of a row that a newer build wrote, and that an older one reads after it was put back: somebody is to look. */
const UNHEARD_OF: TroubleWording = {
  severity: 'critical',
  runbook: 'cannot-tell',
  happened: 'Trouble of our own in SUBJECT that this version has no words for',
  means: 'What it keeps us from is not known to this version.',
  next: 'Look at the incident, and at what the version that found it says of it: keywright incidents',
  over: 'The trouble of our own in SUBJECT is over',
};

/** How the trouble is told, and how much it weighs. */
export const troubleWording = (trouble: Trouble): TroubleWording =>
  (TROUBLE as Partial<typeof TROUBLE>)[trouble] ?? UNHEARD_OF;

/** A sentence about a trouble, without its end, with what has it. */
export const troubleText = (
  { trouble, subject }: { readonly trouble: Trouble; readonly subject: string },
  which: 'happened' | 'means' | 'next' | 'over',
): string => troubleWording(trouble)[which].replaceAll('SUBJECT', subject);
