/**
 * A key that comes and goes is one incident until it has been quiet. The key itself is available at once: only that it is over
 * waits, so that nobody is told six times in a minute.
 */
import { elapsedMs, later, MINUTE_MS } from '../../instants';
import { transition } from '../../legal-moves';
import { INCIDENT_MOVES, type KeyIncident } from './incident';

/** A loss that lasted longer is no flap, unless the key came back before. */
const LONG_LOSS_MS = 5 * MINUTE_MS;

/** How long a key has to stay after its first return, and after every later one. */
const QUIET_MS = 30_000;
const QUIET_AFTER_FLAPS_MS = 5 * MINUTE_MS;

/**
 * The incident once its key is verified to be back: over, or quiet from now on. What leads others is over with them.
 *
 * @param isByProbe Nobody told of it, and probes are a minute apart: what they see come and go is no flap.
 */
export function recovered(incident: KeyIncident, at: string, isByProbe: boolean): KeyIncident {
  const returns = (incident.returns ?? 0) + 1;
  const isLong = isByProbe || elapsedMs(incident.lostAt ?? incident.detectedAt, at) > LONG_LOSS_MS;
  const isPlain = returns === 1 && isLong;
  const { quietUntil: _before, ...kept } = incident;
  const back = { ...kept, recoveredAt: at, returns };
  if (isPlain && incident.members === undefined) return closed(back);
  const quietMs = isPlain ? 0 : returns === 1 ? QUIET_MS : QUIET_AFTER_FLAPS_MS;
  return transition<KeyIncident>(INCIDENT_MOVES, incident, {
    ...back,
    state: 'recovering',
    quietUntil: later(at, quietMs),
  });
}

/** The incident as its key is lost again: the same one, from another moment on. */
export function lostAgain(incident: KeyIncident, at: string): KeyIncident {
  if (incident.state === 'open') return incident;
  const { recoveredAt: _return, quietUntil: _quiet, dueAt: _due, ...kept } = incident;
  return transition<KeyIncident>(INCIDENT_MOVES, incident, { ...kept, state: 'open', lostAt: at });
}

/** The incident once it has been quiet. */
export function closed({ quietUntil: _quiet, ...incident }: KeyIncident): KeyIncident {
  return transition<KeyIncident>(INCIDENT_MOVES, incident, { ...incident, state: 'closed' });
}
