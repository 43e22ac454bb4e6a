/** What looks for trouble of one kind. */
import type { Clock, ControlStore } from '../../ports';
import type { Trouble } from '../incidents/trouble';
import type { FoundTrouble } from './trouble-watch';

export interface FinderPorts {
  readonly control: ControlStore;
  readonly clock: Clock;
}

export interface Finder {
  /** Troubles that it would find: of these, what it does not find is over. */
  readonly speaksFor: readonly Trouble[];
  /**
   * What there is now, found by index.
   *
   * @returns `isWhole`: nothing was left out, so that what is not found is not there.
   * @throws KeywrightError `store.unreachable` (retry): then nothing is known, and nothing is over.
   */
  readonly find: (
    ports: FinderPorts,
  ) => Promise<{ readonly found: readonly FoundTrouble[]; readonly isWhole: boolean }>;
}
