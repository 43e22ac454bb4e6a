/** What needs a KMS key is refused while the key is away, before anything begins that would only get stuck. */
import { KeywrightError } from '../errors';
import { utc } from '../instants';
import type { ControlStore } from '../ports';
import type { KeyWatch } from './key-watch';

interface WatchPorts {
  readonly control: Pick<ControlStore, 'find'>;
}

/** The watch of a key that was confirmed to be unavailable; undefined of every other. */
export async function unavailableWatch(kmsKeyArn: string, { control }: WatchPorts): Promise<KeyWatch | undefined> {
  const watch = await control.find('key-watch', kmsKeyArn);
  return watch?.availability === 'unavailable' ? watch : undefined;
}

/** The refusal of what needs the key, with its incident and the way out. @param instead What does without the key. */
export function whileAway(watch: KeyWatch, field: string, instead?: string): KeywrightError {
  const { kmsKeyArn, verdict, since, openIncidentId: incidentId } = watch;
  const see = incidentId === undefined ? '' : ` What is wrong with it: keywright explain ${incidentId}`;
  const other = instead === undefined ? '' : `, or ${instead}`;
  const message = `${field}: ${kmsKeyArn} is unavailable since ${utc(since)}: ${verdict.evidence}. Ask again once it is back${other}.${see}`;
  return new KeywrightError('state.forbids', message, { field, kmsKeyArn, cause: verdict.cause, incidentId });
}

/** @throws KeywrightError `state.forbids` while the key is unavailable: nothing was touched. */
export async function refuseUnavailable(kmsKeyArn: string, field: string, ports: WatchPorts): Promise<void> {
  const watch = await unavailableWatch(kmsKeyArn, ports);
  if (watch) throw whileAway(watch, field);
}
