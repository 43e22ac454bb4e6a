/** What pages and `explain` say of an incident of any kind. Each is a sentence, or several, for a person. */
export interface Sentences {
  /** The subject of the page that it opened, and of the page that it is over. */
  readonly title: string;
  readonly overTitle: string;
  readonly happened: string;
  /** What to do, the first first. */
  readonly next: readonly string[];
  readonly whoseAct?: string | undefined;
  /** What a policy no longer allows. */
  readonly lost?: readonly string[] | undefined;
  /** How what follows is meant. */
  readonly extent: 'Stopped' | 'At stake' | 'Meanwhile';
  readonly stopped: string;
  /** The data stores, or the keys, that it is about. */
  readonly named: readonly string[];
  readonly since: string;
  readonly until?: string | undefined;
  readonly about: { readonly label: string; readonly text: string };
  readonly lasted: string;
  readonly over: string;
}
