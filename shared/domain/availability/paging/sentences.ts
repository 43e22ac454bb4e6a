/** What pages and `explain` say of an incident of any kind. Each is a sentence, or several, for a person. */
import type { outlookInWords } from '../incidents/loss-outlook';

export interface Sentences {
  /** The subject of the page that it opened, and of the page that it is over. */
  readonly title: string;
  readonly overTitle: string;
  /** Of one of many. */
  readonly grownTitle: string;
  /** The keys of the others. */
  readonly others: readonly string[];
  readonly happened: string;
  /** What to do, the first first. */
  readonly next: readonly string[];
  /** How much it weighs, and why. */
  readonly severity: string;
  readonly whoseAct?: string | undefined;
  /** Who did it, as far as an event tells. */
  readonly whoActed?: string | undefined;
  /** What a policy no longer allows. */
  readonly lost?: readonly string[] | undefined;
  /** How what follows is meant. */
  readonly extent: 'Stopped' | 'At stake' | 'Meanwhile';
  readonly stopped: string;
  /** The data stores, or the keys, that it is about. */
  readonly named: readonly string[];
  /** When what stops, what was promised to whom, and whose time it is. */
  readonly outlook?: ReturnType<typeof outlookInWords> | undefined;
  readonly since: string;
  readonly until?: string | undefined;
  /** When what still works stops. */
  readonly bites?: string | undefined;
  readonly about: { readonly label: string; readonly text: string };
  readonly lasted: string;
  readonly over: string;
}
