/** How far a verification is that takes more than one run. */
import type { ScanPlace } from '../../reencryption/scan-place';

/** Where a verification has come to that takes more than one run. Up to there nothing was found. */
export interface ScanCursor {
  /** The number of the part that comes next. */
  readonly part: number;
  readonly next: ScanPlace;
}
