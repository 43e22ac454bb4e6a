/** That a KMS key was used, or that somebody tried to. */

/** That a key was used, and when. */
export interface ObservedUse {
  readonly kmsKeyArn: string;
  readonly at: string;
}

export interface BlockedUse extends ObservedUse {
  readonly eventId: string;
  /** What was tried, and how it failed, in AWS's words. */
  readonly observed: string;
}
