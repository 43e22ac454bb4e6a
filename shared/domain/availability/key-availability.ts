/** What people are told of a key's availability: what its watch last confirmed, or that nobody looks. */
import type { Availability, Party } from '../../../events/fields';
import { NEVER } from '../instants';
import type { KeyWatch } from './key-watch';
import type { Cause } from './verdict';

export interface KeyAvailability {
  /** `unknown`: it is not watched, or not any more since we took it out of use. */
  readonly availability: Availability;
  /** When the availability began; absent while nobody looks. */
  readonly availabilitySince?: string;
  readonly cause?: Cause;
  /** Whose act a loss is. */
  readonly party?: Party;
  /** The incident that is open about it. */
  readonly incidentId?: string;
}

/** Whether a key that is so can be used: at risk it still can. */
export const serves = (availability: Availability): boolean =>
  availability === 'available' || availability === 'at-risk';

/** What was confirmed before nobody looked any more is no longer known. */
export function availabilityOf(watch: KeyWatch | undefined): KeyAvailability {
  if (!watch || watch.dueAt === NEVER) return { availability: 'unknown' };
  const { availability, since, verdict, openIncidentId } = watch;
  return {
    availability,
    availabilitySince: since,
    ...(verdict.cause !== undefined && { cause: verdict.cause }),
    ...(verdict.party !== undefined && { party: verdict.party }),
    ...(openIncidentId !== undefined && { incidentId: openIncidentId }),
  };
}
