import { customerNotified } from '../../../events/customer-notified';
import { customerOnboarded } from '../../../events/customer-onboarded';
import { incidentClosed } from '../../../events/incident-closed';
import { incidentOpened } from '../../../events/incident-opened';
import { keyAvailabilityChanged } from '../../../events/key-availability-changed';
import type { INCIDENT_MOVES } from '../../../shared/domain/availability/incidents/incident';
import type { WATCH_MOVES } from '../../../shared/domain/availability/key-watch';
import type { NOTICE_MOVES } from '../../../shared/domain/availability/notices/customer-notice';
import type { About, Way } from './describe';

const CONFIRMED: readonly Way[] = [{ by: ['outside'], fact: keyAvailabilityChanged }];
const BY_ITSELF: readonly Way[] = [{ by: ['Keywright'], fact: keyAvailabilityChanged }];

export const WATCH: About<typeof WATCH_MOVES> = {
  title: 'Availability of a KMS key',
  states: {
    available: {
      entry: 'A data key of our own was made or unwrapped under it.',
      begins: [{ by: ['one person'], fact: customerOnboarded }, { by: ['Keywright'] }],
      next: { 'at-risk': CONFIRMED, unavailable: CONFIRMED },
    },
    'at-risk': {
      entry: 'It works, and two looks agree that it will stop or has lost a safeguard. An incident is open.',
      next: { available: CONFIRMED, unavailable: CONFIRMED, unknown: BY_ITSELF },
    },
    unavailable: {
      entry: 'Two looks agree that it does not work, and on the one cause. An incident is open.',
      next: { available: CONFIRMED, 'at-risk': CONFIRMED, unknown: BY_ITSELF },
    },
    unknown: {
      entry: 'We took it out of use while it was lost. It is not looked at until it is in use again.',
      next: { available: BY_ITSELF, 'at-risk': BY_ITSELF, unavailable: BY_ITSELF },
    },
  },
};

export const INCIDENT: About<typeof INCIDENT_MOVES> = {
  title: 'Incident',
  states: {
    open: {
      entry: 'A loss is confirmed. The key’s watch names the incident, and on-call is owed a page.',
      begins: [{ by: ['outside'], fact: incidentOpened }],
      next: {
        recovering: [{ by: ['outside'], fact: keyAvailabilityChanged }],
        closed: [
          { by: ['outside'], fact: incidentClosed },
          { by: ['outside'], fact: incidentOpened },
          { by: ['Keywright'], fact: keyAvailabilityChanged },
        ],
      },
    },
    recovering: {
      entry: 'The key is available again, and that it is over waits until it has been quiet. On-call is not paged.',
      next: {
        open: [{ by: ['outside'], fact: keyAvailabilityChanged }],
        closed: [
          { by: ['Keywright'], fact: incidentClosed },
          { by: ['outside'], fact: incidentOpened },
        ],
      },
    },
    closed: {
      entry:
        'The key is available again; or another incident follows, since a key that was at risk is lost; or we took the key out of use.',
      next: {},
    },
  },
};

export const NOTICE: About<typeof NOTICE_MOVES> = {
  title: 'Notice of an incident to a customer',
  states: {
    owed: {
      entry: 'Their stream has it, and a channel of theirs is to take it. It is sent again for a day.',
      begins: [{ by: ['Keywright'], fact: customerNotified }],
      next: { sent: [{ by: ['Keywright'] }], recorded: [{ by: ['Keywright'] }] },
    },
    sent: { entry: 'A channel of theirs took it.', next: {} },
    recorded: {
      entry: 'Their stream has it: no channel of theirs is for it, or none took it for a day.',
      begins: [{ by: ['Keywright'], fact: customerNotified }],
      next: {},
    },
  },
};
