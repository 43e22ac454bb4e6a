/** A customer's account that forwards events to us: when one last came. */

/** One row an account. */
export interface Forwarder {
  readonly accountId: string;
  readonly customerId: string;
  readonly lastAt: string;
  /** It has sent a heartbeat: from then on its silence is told. */
  readonly beats: boolean;
  /** When it is silent for too long; absent of an account that never sent a heartbeat. */
  readonly dueAt?: string;
  readonly revision: number;
}
