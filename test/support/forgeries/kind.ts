/** A kind of event or call that somebody forges, replays or sends to the wrong place, and how it has to end. */
import type { DeployedProduct } from '../deployed-product';

/**
 * `refused`: whoever sends it is told so. `unmatched`: no rule of ours takes it. `ignored`: logged and counted as that, with the
 * reason. `parked`: among dead letters, with the reason. `looked`: somebody looks at the key, and finds it as it was. `kept`: in the
 * stream of the sender's own customer, and nowhere else.
 */
export type Ending = 'refused' | 'unmatched' | 'ignored' | 'parked' | 'looked' | 'kept';

export interface Kind {
  readonly name: string;
  readonly ends: Ending;
  /** Throws where it is refused. @returns the id of a record, where it is one. */
  send(world: ForgeryWorld): unknown;
}

export interface ForgeryWorld {
  readonly product: DeployedProduct;
  /** Whose key it is, in an account of their own. */
  readonly victim: Party;
  /** Another customer, whose events come in as the victim's do. */
  readonly neighbour: Party;
  /** An account that nobody let in, whose rule forwards to us all the same. */
  readonly strangerAccountId: string;
  /** A key of ours, of a third customer. */
  readonly ourKeyArn: string;
}

export interface Party {
  readonly customerId: string;
  readonly accountId: string;
  readonly kmsKeyArn: string;
}
