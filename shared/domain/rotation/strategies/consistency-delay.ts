/** How long KMS may show what was before. */
import { MINUTE_MS } from '../../instants';

/** KMS shows a change everywhere within minutes. Source: KMS developer guide, eventual consistency. */
export const SETTLE_MS = 5 * MINUTE_MS;
