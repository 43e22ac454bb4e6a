import type { KeyAdministrator, KeyObserver } from '../../keys/ports';
import type { ControlStore, Log } from '../../ports';
import type { CertifyPorts } from '../verify/certificate';
import type { ReferencePorts } from '../verify/references';
import type { UsageSourcePorts } from '../verify/usage-sources';

export interface RetirePorts extends ReferencePorts, CertifyPorts, UsageSourcePorts {
  readonly control: ControlStore;
  readonly administrator: KeyAdministrator;
  readonly observer: Pick<KeyObserver, 'describe' | 'lastUse'>;
  readonly log: Log;
}

/** `not-due`: the key is in use, or nothing is to be done yet. `waiting`: for time to pass, or for a person. */
export type RetireOutcome = 'retired' | 'refused' | 'waiting' | 'went-on' | 'not-due';
