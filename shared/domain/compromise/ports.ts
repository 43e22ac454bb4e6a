/** What declaring, containing and ending a compromise need of the world. */

import { KeywrightError } from '../errors';
import type { DataKeyStore } from '../keys/ports';
import type { Clock, ControlStore, Ids, Log } from '../ports';
import type { Compromise } from './compromise';

export interface CompromisePorts {
  readonly control: ControlStore;
  readonly dataKeys: DataKeyStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/** @throws KeywrightError `state.not-found`. */
export async function compromiseOf(
  compromiseId: string,
  { control }: Pick<CompromisePorts, 'control'>,
): Promise<Compromise> {
  const compromise = await control.find('compromise', compromiseId);
  if (compromise) return compromise;
  const message = `compromiseId: there is no compromise ${compromiseId}. Use the id that its declaration gave.`;
  throw new KeywrightError('state.not-found', message, { field: 'compromiseId', compromiseId });
}
