/** What is kept of the second source: how far it is compared, and what was found in each of its hours. */
/** The trail of one account, in one region. */
export interface TrailScope {
  readonly accountId: string;
  readonly region: string;
}

/** What names a trail among rows. */
export const trailIdOf = ({ accountId, region }: TrailScope): string => `${accountId}/${region}`;

/** What names a digest, and proves it unchanged, in the one that follows it. */
export interface DigestLink {
  readonly bucket: string;
  readonly key: string;
  /** Hex, of the uncompressed bytes. */
  readonly sha256: string;
  /** Hex. */
  readonly signature: string;
}

/** What is wrong with a digest by itself. */
export type DigestFault = 'digest-unreadable' | 'digest-misplaced' | 'digest-key-unknown' | 'digest-signature-invalid';

/** Why something of an hour cannot be had. */
export type GapReason =
  | DigestFault
  /** CloudTrail wrote no digest for the hour, or it was taken away. */
  | 'digest-missing'
  /** The digest does not follow the one before it. */
  | 'chain-broken'
  /** A log file that the digest names is not there. */
  | 'file-missing'
  /** Its content has another hash than the digest says. */
  | 'file-changed'
  | 'file-too-large'
  /** Some of what it holds cannot be read as records. The rest was. */
  | 'file-damaged'
  /** A log file that no digest names. Nobody vouches for it: it was not read. */
  | 'file-unlisted'
  /** Records that the streams did not take, however often they were sent. */
  | 'not-appended';

export interface Gap {
  readonly reason: GapReason;
  /** The key of the file that it is about. */
  readonly object?: string;
}

/** How an hour's digest stands to the one before it. `begun`: it is the first that was followed. */
export type ChainState = 'begun' | 'linked' | 'broken' | 'missing';

/** An hour of the trail, as its digest bounds it, that was compared. */
export interface TrailWindow {
  readonly from: string;
  readonly to: string;
  readonly chain: ChainState;
  /** Log files that the digest names. */
  readonly files: number;
  /** The first of them, at most `GAPS_KEPT`. */
  readonly gaps: readonly Gap[];
  readonly gapCount: number;
}

/** Gaps kept one by one of an hour. */
export const GAPS_KEPT = 20;

/** One way through the log files of an hour. It is over when a whole way found nothing that the streams lack. */
export interface Pass {
  /** The digest whose files they are. */
  readonly key: string;
  readonly number: number;
  /** The log file that is next. */
  readonly fileAt: number;
  /** Entries that were sent because the streams lacked them. */
  readonly missing: number;
  /** The gaps that it began with: those of the digest itself. */
  readonly begin: { readonly gaps: readonly Gap[]; readonly gapCount: number };
  readonly gaps: readonly Gap[];
  readonly gapCount: number;
  /** What was sent shall be appended before the next one begins. */
  readonly notBefore?: string;
}

/** How far a trail is compared. One row a trail. */
export interface TrailCursor {
  readonly trailId: string;
  /** Up to when: the end of the last hour, or when following began. */
  readonly until: string;
  /** The digest that the next one has to follow; absent until the first is found. */
  readonly digest?: DigestLink;
  /** The day that the last hour was counted to. */
  readonly day?: string;
  /** Since when a digest is overdue. */
  readonly waitingSince?: string;
  readonly pass?: Pass;
  readonly revision: number;
}

/** The hours of a trail that ended on one day (UTC). A digest that comes too late counts to the day that it came on. */
export interface TrailDay {
  readonly trailId: string;
  readonly day: string;
  readonly windows: readonly TrailWindow[];
  /** The next day that has hours: none will be added to this one. */
  readonly nextDay?: string;
  readonly revision: number;
}

/** Records of an hour's log files that belong in one customer's stream. */
export interface HourCount {
  /** Those that were in the stream before the files were compared. */
  readonly events: number;
  /** Those that the files alone brought. */
  readonly late: number;
  /** How far they are counted: the pass, and the log files of it that are. */
  readonly pass: number;
  readonly files: number;
}

/** What one customer has in the hours of one day, by the instant at which each hour began. */
export interface CustomerDay {
  readonly customerId: string;
  readonly day: string;
  readonly hours: Readonly<Record<string, HourCount>>;
  readonly revision: number;
}

/** How far a customer is told what is complete. One row a customer. */
export interface Completeness {
  readonly customerId: string;
  /** The day that is stated next; absent until the trail has an hour. */
  readonly day?: string;
  /** Hours of that day whose gaps are told. */
  readonly told: number;
  /** The first entry that no statement covers yet. */
  readonly nextIndex: number;
  /** When it is looked at again. */
  readonly dueAt: string;
  readonly revision: number;
}

/** The id of what a trail has on a day. */
export const trailDayKey = (trailId: string, day: string): string => `${trailId}/${day}`;

/** The id of what a customer has on a day. */
export const customerDayKey = (customerId: string, day: string): string => `${day}/${encodeURIComponent(customerId)}`;
