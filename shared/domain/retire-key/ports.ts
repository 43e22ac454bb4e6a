import type { ControlStore, KeyAdministrator, KeyObserver, Log } from '../ports';
import type { CertifyPorts } from './certificate';
import type { ReferencePorts } from './references';
import type { WitnessPorts } from './uses';

export interface RetirePorts extends ReferencePorts, CertifyPorts, WitnessPorts {
  readonly control: ControlStore;
  readonly administrator: KeyAdministrator;
  readonly observer: Pick<KeyObserver, 'describe' | 'lastUse'>;
  readonly log: Log;
}
