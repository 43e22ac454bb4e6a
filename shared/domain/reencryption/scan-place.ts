/** How far a scan of the data-key table is. */

/** Where a scan goes on. */
export interface ScanPlace {
  readonly segment: number;
  readonly after?: string;
}
