/** A page, as every kind of channel is given it. */
import type { Severity } from '../incidents/severity-level';

/**
 * `updated` and `acknowledged` are for channels that show an incident once, and change what they show. `grown` and `deadline` are words to
 * everybody who was paged: other keys are lost by the same; how long the key can still be given back.
 */
export type PageAbout = 'opened' | 'updated' | 'acknowledged' | 'grown' | 'deadline' | 'closed' | 'test';

export interface Page {
  /** What the page belongs to: every page about it has the same. */
  readonly incidentId: string;
  /** The same for every attempt at this page. */
  readonly messageId: string;
  readonly about: PageAbout;
  readonly severity: Severity;
  /** At most 99 ASCII characters. */
  readonly subject: string;
  /** Text for a person, in lines. */
  readonly body: string;
  /** UTC with milliseconds: when what it tells of became true. */
  readonly at: string;
  /** What to do, step by step: a URL, or a path in the repository. */
  readonly runbook?: string;
  /** Where whoever reads it says, by a form, that they have the incident in hand. Absent: there is nothing to acknowledge, or no link. */
  readonly acknowledgeUrl?: string;
  /** The same for programs: identifiers, counts, instants. */
  readonly details: Readonly<Record<string, string | number>>;
}
