/**
 * Incidents, as people look for them. Open ones are in the index of what is due (`owed-page.ts`), and each is named by its
 * key's watch; what is over is found by its key or its customer. No table is scanned: it costs what is open, or what the key
 * has had.
 */
import { refusal } from '../../errors';
import type { KmsKey } from '../../keys/kms-key';
import type { ControlStore } from '../../ports';
import type { KeyWatch } from '../key-watch';
import { type Incident, isKeys, isOver, type KeyIncident } from './incident';

interface FindPorts {
  readonly control: ControlStore;
}

/** A page of the index: an incident is a few KB, and at most 400. */
const PAGE = 100;

/** @throws KeywrightError `state.not-found`, naming the field `incidentId`. */
export async function incidentOf(incidentId: string, { control }: FindPorts): Promise<Incident> {
  const incident = await control.find('incident', incidentId);
  if (incident) return incident;
  throw refusal(
    'state.not-found',
    'incidentId',
    `there is no incident ${incidentId}. List those that are open: keywright incidents`,
  );
}

/**
 * Every incident that is open, or over and on-call is still to be told so. In no order. Eventually consistent: one that
 * opens or ends meanwhile may be in it or not.
 */
export async function* unsettledIncidents({ control }: FindPorts): AsyncIterable<Incident> {
  let after: string | undefined;
  do {
    const { rows, next } = await control.page('incident', { limit: PAGE, ...(after !== undefined && { after }) });
    yield* rows;
    after = next;
  } while (after !== undefined);
}

/** The open incidents of these keys, read strongly consistent. */
export async function* openIncidentsOf(keys: readonly KmsKey[], { control }: FindPorts): AsyncIterable<Incident> {
  for (const { kmsKeyArn } of keys) {
    const watch = await control.find('key-watch', kmsKeyArn);
    const incident = watch && (await openIncidentOf(watch, { control }));
    if (incident) yield incident;
  }
}

/** The incident that the watch of a key names, if it is not over; read strongly consistent. */
export async function openIncidentOf(
  { openIncidentId }: Pick<KeyWatch, 'openIncidentId'>,
  { control }: FindPorts,
): Promise<KeyIncident | undefined> {
  const incident = openIncidentId === undefined ? undefined : await control.find('incident', openIncidentId);
  return incident && isKeys(incident) && !isOver(incident) ? incident : undefined;
}

/**
 * Every incident of these keys and of this customer, the open ones first; the others eventually consistent. Costs what
 * they have had. One may come several times.
 */
export async function* incidentsOf(
  keys: readonly KmsKey[],
  customerId: string | undefined,
  ports: FindPorts,
): AsyncIterable<Incident> {
  yield* openIncidentsOf(keys, ports);
  for (const { kmsKeyArn } of keys) yield* ports.control.ofKmsKey('incident', kmsKeyArn);
  // Those of keys of theirs that they no longer use.
  if (customerId !== undefined) yield* ports.control.ofCustomer('incident', customerId);
}
