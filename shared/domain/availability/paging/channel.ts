/**
 * A channel that takes pages: where it is, whom it reaches, and which pages it takes. Channels are data: added, tested and
 * removed by people, and kept in one row an owner, so that who pages reads them by name and no index stands in the way.
 */
import { isOpen, type WorkWindow } from '../../rotation/work-window';
import { SEVERITIES, type Severity } from '../incidents/severity-level';

export const CHANNEL_KINDS = ['sns', 'pagerduty', 'webhook', 'slack', 'eventbridge'] as const;
export type ChannelKind = (typeof CHANNEL_KINDS)[number];

/** `first`: takes every page that it is for. `fallback`: where one of those fails. `escalation`: where nobody acknowledges. */
export const CHANNEL_ROLES = ['first', 'fallback', 'escalation'] as const;
export type ChannelRole = (typeof CHANNEL_ROLES)[number];

export interface Channel {
  /** What its owner calls it. */
  readonly name: string;
  readonly kind: ChannelKind;
  /** The ARN of a topic or a bus, or a URL. Of Slack the origin alone: its whole URL is the secret. */
  readonly target: string;
  readonly role: ChannelRole;
  readonly severities: readonly Severity[];
  /** The tiers of the customers whom its pages are about, by their service levels. Absent: whoever it is about. */
  readonly tiers?: readonly string[];
  /** When it takes pages, by the clock of its time zone. Absent: always. */
  readonly hours?: Omit<WorkWindow, 'timeZone'>;
  /** Of whoever reads its pages: a name of the IANA time zone database. */
  readonly timeZone: string;
  /** Of an escalation: how long nobody has acknowledged by then. */
  readonly afterMinutes?: number;
  /** Encrypted by KMS under an encryption context that names owner and channel. */
  readonly secret?: Uint8Array;
  readonly addedBy: string;
  readonly addedAt: string;
  /** The last test page that somebody asked for, and how it went. */
  readonly test?: ChannelTest;
}

export interface ChannelTest {
  readonly testId: string;
  readonly requestedAt: string;
  readonly endedAt?: string;
  /** Why it was not taken. */
  readonly failure?: string;
}

export interface ChannelFailure {
  readonly since: string;
  readonly reason: string;
}

/** The channels of one owner. */
export interface PageChannels {
  /** `oncall`, or `customer/` and a customer's id: their security contact. */
  readonly owner: string;
  /** Whose contact it is. */
  readonly customerId?: string;
  readonly channels: readonly Channel[];
  /** Channels whose last page was not taken, `default` among them. */
  readonly failing?: Readonly<Record<string, ChannelFailure>>;
  /** While one is failing: since when the first of them does. Those rows are found by it. */
  readonly dueAt?: string;
  readonly revision: number;
}

export const ONCALL = 'oncall';

/** Whose channels they are: on-call’s, or a customer’s. */
export const ownerOf = (customerId: string | undefined): string =>
  customerId === undefined ? ONCALL : `customer/${customerId}`;

/** So many an owner has: a page is sent to some at once, and all of them are one row. */
export const CHANNELS_MAX = 20;

/** The on-call topic of the stack: always there, and the last that is tried. */
export const DEFAULT_CHANNEL = 'default';

/** Without a word about it an escalation is due after so long. */
export const ESCALATION_MINUTES_DEFAULT = 15;

/** Kinds that show an incident once and change what they show. The others are told that it opened, and that it is over. */
const UPDATING: ReadonlySet<ChannelKind> = new Set(['pagerduty', 'webhook', 'eventbridge']);

/** Whether the channel is told what became of an incident. */
export const isUpdating = ({ kind }: Pick<Channel, 'kind'>): boolean => UPDATING.has(kind);

/** What tells a channel from every other: its secret is encrypted for it, and trouble that it has is named by it. */
export const channelIdOf = (owner: string, name: string): string => `${owner}/${name}`;

/** The stack's own channel as one of the others. Its pages wait for no hour, and need no secret. */
export const defaultChannel = (target: string): Channel => ({
  name: DEFAULT_CHANNEL,
  kind: 'sns',
  target,
  role: 'fallback',
  severities: ['critical', 'warning'],
  timeZone: 'UTC',
  addedBy: 'the stack',
  addedAt: '',
});

/** What takes the pages of drills, and nothing else. */
export const drillChannel = (target: string): Channel => ({
  ...defaultChannel(target),
  // No name that people can give theirs.
  name: 'drill topic',
  role: 'first',
  severities: SEVERITIES,
});

/** @param of The tiers of whom the page is about. Undefined: nobody knows, or it is about everybody; then it is for every channel. */
export const isForTiers = ({ tiers }: Pick<Channel, 'tiers'>, of: readonly string[] | undefined): boolean =>
  tiers === undefined || of === undefined || of.some((tier) => tiers.includes(tier));

/** Whether it takes a page of that severity now. */
export const takes = ({ severities, hours, timeZone }: Channel, severity: Severity, now: string): boolean =>
  severities.includes(severity) && (hours === undefined || isOpen({ ...hours, timeZone }, now));
