/** What would stop if a KMS key went away now: what a page about it would say, before there is one. */

import { type AffectedStore, affectedStores } from '../availability/incidents/affected-stores';
import type { Impact } from '../availability/incidents/incident';
import { impactOf } from '../availability/incidents/key-impact';
import { WINDOW_MINUTES } from '../availability/incidents/store-loss';
import { availabilityOf, type KeyAvailability } from '../availability/key-availability';
import { COUNTED_MAX, dataKeysOf } from '../compromise/protected-data';
import type { DataKeyStore } from '../keys/ports';
import type { ControlStore } from '../ports';
import { keyName } from './fields';
import { type FindKeyPorts, findKey } from './find-key';
import { defineOperation } from './operation';

export interface KeyImpact extends KeyAvailability {
  readonly kmsKeyArn: string;
  readonly customerCount: number;
  readonly dataStoreCount: number;
  /** The first of them. */
  readonly customers: Impact['customers'];
  /** The first of them, each with what becomes of it. */
  readonly dataStores: readonly AffectedStore[];
  /** Data keys of applications that only this key opens. Counted up to a bound: `more` says that there are others. */
  readonly dataKeys: { readonly count: number; readonly more: boolean };
  /** How long applications hold data keys: unless their customer chose otherwise, and at the most. */
  readonly windowMinutes: typeof WINDOW_MINUTES;
}

type ImpactPorts = FindKeyPorts & { readonly control: ControlStore; readonly dataKeys: DataKeyStore };

export const showImpact = defineOperation(
  'show-impact',
  { key: keyName },
  async (input, _caller, ports: ImpactPorts): Promise<KeyImpact> => {
    const key = await findKey(input.key, ports);
    const { kmsKeyArn } = key;
    const [watch, impact, under] = await Promise.all([
      ports.control.find('key-watch', kmsKeyArn),
      impactOf(kmsKeyArn, ports.control),
      dataKeysOf(key, ports),
    ]);
    return {
      kmsKeyArn,
      ...availabilityOf(watch),
      ...impact,
      dataStores: await affectedStores(impact, ports),
      dataKeys: { count: under.length, more: under.length === COUNTED_MAX },
      windowMinutes: WINDOW_MINUTES,
    };
  },
);
