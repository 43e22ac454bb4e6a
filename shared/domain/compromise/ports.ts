/** What declaring, containing and ending a compromise need of the world. */

import type { DataKeyStore } from '../keys/ports';
import type { Clock, ControlStore, Ids, Log } from '../ports';

export interface CompromisePorts {
  readonly control: ControlStore;
  readonly dataKeys: DataKeyStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}
