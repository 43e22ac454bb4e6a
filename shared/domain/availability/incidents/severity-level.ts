/** The levels that severities have, the gravest first. */

export const SEVERITIES = ['critical', 'warning', 'info'] as const;
/**
 * `critical`: data stores are stopped, or a loss would not be noticed. `warning`: nothing is stopped as far as we know, and it
 * may be soon. `info`: it is recorded, and nobody is paged.
 */
export type Severity = (typeof SEVERITIES)[number];
