/** A record as it came, and from where: what an entry keeps of it, and is checked against. */
import type { JsonSlice } from './raw-json';

/** Where a record was taken from. */
export type Provenance =
  | {
      readonly via: 'eventbridge';
      /** The event's id, which stays the same where a rule forwards it. */
      readonly eventId: string;
      /** On whose bus it first appeared. */
      readonly account: string;
    }
  | {
      readonly via: 'file';
      /** Its name from `AWSLogs/` on, as it is in the bucket; else its own name, without folders. */
      readonly object: string;
      /** Its place among the values of the file, from 0. */
      readonly index: number;
      /** EventBridge never brought it: it was found when the hour's log files were compared with the streams. */
      readonly late?: true;
    };

export interface ReceivedRecord extends JsonSlice {
  /** The same text in UTF-8, where it is at hand. */
  readonly utf8?: Uint8Array;
  readonly provenance: Provenance;
}

/** A call that a function of this product made. */
export interface OwnCall {
  /** The function. */
  readonly component: string;
  readonly purpose?: string | undefined;
  /** Of the call, as AWS names it. */
  readonly requestId?: string | undefined;
}
