/** What is said of each cause: what happened to the key, and the next step. Plain words first. */
import type { Party } from '../../../../events/fields';
import type { KeyIncident } from '../incidents/incident';
import { isByRole } from '../policy/loss-in-words';
import type { Cause } from '../verdict';

interface Wording {
  /** Completes "Acme Corp's key …". */
  readonly happened: string;
  /** The next step, for somebody who has just woken up, each command on a line of its own. `KEY` stands for the key's ARN. */
  readonly next: string;
}

const NOTHING_OF_OURS = 'Nothing of ours needs a restart: Keywright notices the key’s return by itself and tells you.';

const WORDING: Record<Cause, Wording> = {
  'key-disabled': {
    happened: 'was disabled',
    next: `Ask the key’s owner to enable it:\naws kms enable-key --key-id KEY\n${NOTHING_OF_OURS}`,
  },
  'key-pending-deletion': {
    happened: 'is scheduled for deletion',
    next: `Ask the key’s owner to call the deletion off and to enable the key, which comes back disabled:\naws kms cancel-key-deletion --key-id KEY\naws kms enable-key --key-id KEY\n${NOTHING_OF_OURS}`,
  },
  'key-deleted': {
    happened: 'no longer exists',
    next: 'Find out with the key’s owner whether this was meant. Data protected by this key alone cannot be read again.',
  },
  'key-material-missing': {
    happened: 'lost its imported key material',
    next: `Ask the key’s owner to import the same key material again.\n${NOTHING_OF_OURS}`,
  },
  'key-material-expired': {
    happened: 'lost its imported key material: its time is over',
    next: `Ask the key’s owner to import the same key material again, with a later date or none.\n${NOTHING_OF_OURS}`,
  },
  'key-material-deleted': {
    happened: 'lost its imported key material: it was deleted',
    next: `Ask the key’s owner whether this was meant, and to import the same key material again.\n${NOTHING_OF_OURS}`,
  },
  'key-material-expiring': {
    happened: 'serves, but its imported key material expires within a day',
    next: 'Ask the key’s owner to import the same key material again before, with a later date or none.',
  },
  'key-policy': {
    happened: 'no longer lets us use it: its policy or a grant changed',
    next: `Ask the key’s owner to restore our statement in the key policy, as the onboarding kit has it.\n${NOTHING_OF_OURS}`,
  },
  'grant-gone': {
    happened: 'no longer lets us use it: the grant that allowed it is gone',
    next: `Ask the key’s owner to grant it again, or to put our statement into the key policy, as the onboarding kit has it.\n${NOTHING_OF_OURS}`,
  },
  'context-refused': {
    happened: 'no longer lets us use it: its policy asks for another encryption context than ours',
    next: `Ask the key’s owner to restore the condition of our statement in the key policy, as the onboarding kit has it.\n${NOTHING_OF_OURS}`,
  },
  'role-refused': {
    happened: 'is out of reach: the role in the customer’s account does not let us in',
    next: `If nobody changed a policy of our own: ask the customer to restore the role and its trust policy, external id included.\n${NOTHING_OF_OURS}`,
  },
  'role-gone': {
    happened: 'is out of reach: the role that the customer opened to us does not exist any more',
    next: `Ask the customer to make the role again, under the same name, as the onboarding kit has it.\n${NOTHING_OF_OURS}`,
  },
  'trust-lost': {
    happened: 'is out of reach: the trust policy of the role in the customer’s account no longer lets us in',
    next: `Ask the customer to restore the trust policy of the role, as the onboarding kit has it: our account, with the external id that was agreed on.\n${NOTHING_OF_OURS}`,
  },
  'external-id-refused': {
    happened: 'is out of reach: the role in the customer’s account asks for another external id than ours',
    next: `Ask the customer to put back the external id of their onboarding kit in the trust policy of the role.\n${NOTHING_OF_OURS}`,
  },
  'role-permissions': {
    happened: 'is out of reach: the role in the customer’s account may no longer use it',
    next: `Ask the customer to restore the permissions of the role that they opened to us, as the onboarding kit has them.\n${NOTHING_OF_OURS}`,
  },
  'customer-scp': {
    happened:
      'is out of reach: a service control policy of the customer’s organisation refuses the role that they opened to us',
    next: `Ask the customer to let that role use the key in their service control policies.\n${NOTHING_OF_OURS}`,
  },
  'customer-rcp': {
    happened: 'is out of reach: a resource control policy of the customer’s organisation refuses us',
    next: `Ask the customer to let us through in their resource control policies.\n${NOTHING_OF_OURS}`,
  },
  'access-denied': {
    happened: 'refuses us, and AWS does not say by whose policy',
    next: `Look at our last deployment, and at our service control and VPC endpoint policies. If nobody changed them: ask the key’s owner about the key policy, grants and roles.\n${NOTHING_OF_OURS}`,
  },
  'partial-loss': {
    happened: 'serves, but refuses part of what we need, and AWS does not say by whose policy',
    next: `Look at our last deployment first. If nobody changed a policy of ours: ask the key’s owner about the key policy, grants and roles, for what is named below.\n${NOTHING_OF_OURS}`,
  },
  'alias-moved': {
    happened: 'serves, but its alias points at another key',
    next: 'Ask the key’s owner whether they mean to replace the key. If so, it is a rotation:\nkeywright rotate KEY',
  },
  'wrong-region-or-account': {
    happened: 'is not where we were told that it is: KMS knows no such key in that region and account',
    next: 'Compare the ARN that is registered with the key’s owner. Register the key again if it is wrong.',
  },
  'key-store-unavailable': {
    happened: 'is out of reach: its key store is disconnected',
    next: `Ask the key’s owner to connect the key store.\n${NOTHING_OF_OURS}`,
  },
  'own-permissions': {
    happened: 'is refused to us by a policy of our own: we cannot look at it, and applications may be refused as well',
    next: `Look at our last deployment, and at the policy that is named below: a permission of ours is missing or denied.\n${NOTHING_OF_OURS}`,
  },
  'own-scp': {
    happened:
      'is refused to us by a service control policy of our own organisation: we cannot look at it, and applications may be refused as well',
    next: `Look at what changed in our service control policies, and take it back.\n${NOTHING_OF_OURS}`,
  },
  'own-endpoint-policy': {
    happened:
      'is refused to us by the policy of a VPC endpoint of ours: we cannot look at it, and applications may be refused as well',
    next: `Look at what changed in the policy of our KMS and STS endpoints, and take it back.\n${NOTHING_OF_OURS}`,
  },
  'kms-outage': { happened: 'is out of reach: KMS does not answer', next: 'Look at the AWS health dashboard.' },
  'sts-outage': { happened: 'is out of reach: STS does not answer', next: 'Look at the AWS health dashboard.' },
  network: {
    happened: 'is out of reach: no answer of KMS reaches us',
    next: 'Look at our network first: name resolution, routes and VPC endpoints of KMS. Then at the AWS health dashboard.',
  },
  throttled: { happened: 'is throttled', next: 'Look at what uses up the KMS request quota.' },
  unconfirmed: { happened: 'does not work, for a reason we cannot tell', next: 'Look at the log of assess-key.' },
};

/** What to do about a key that we hold ourselves, where the customer would be asked otherwise. */
const OUR_KEY_NEXT: Readonly<Partial<Record<Cause, string>>> = {
  'key-disabled': `Find out who disabled it (DisableKey in CloudTrail) and whether it was meant. If not, enable it:\naws kms enable-key --key-id KEY\n${NOTHING_OF_OURS}`,
  'key-pending-deletion': `Call the deletion off, and enable the key, which comes back disabled:\naws kms cancel-key-deletion --key-id KEY\naws kms enable-key --key-id KEY\nScheduleKeyDeletion in CloudTrail says who asked for it.\n${NOTHING_OF_OURS}`,
  'key-deleted':
    'Find out who deleted it (ScheduleKeyDeletion in CloudTrail). Data protected by this key alone cannot be read again.',
  'key-material-missing': `Import the same key material again.\n${NOTHING_OF_OURS}`,
  'key-material-expired': `Import the same key material again, with a later date or none.\n${NOTHING_OF_OURS}`,
  'key-material-deleted': `Find out who deleted it (DeleteImportedKeyMaterial in CloudTrail), and import the same key material again.\n${NOTHING_OF_OURS}`,
  'key-material-expiring': 'Import the same key material again before, with a later date or none.',
  'key-policy': `Find out who changed its policy or its grants (PutKeyPolicy and RevokeGrant in CloudTrail), and put our statement back.\n${NOTHING_OF_OURS}`,
  'grant-gone': `Find out who took the grant (RevokeGrant and RetireGrant in CloudTrail), and grant it again.\n${NOTHING_OF_OURS}`,
  'context-refused': `Find out who changed its policy (PutKeyPolicy in CloudTrail), and put the condition of our statement back.\n${NOTHING_OF_OURS}`,
  'alias-moved':
    'Find out who moved it (UpdateAlias in CloudTrail). Move it back, or rotate the key:\nkeywright rotate KEY',
  'wrong-region-or-account':
    'Compare the ARN that is registered with the key, and register the key again if it is wrong.',
  'key-store-unavailable': `Connect its key store again.\n${NOTHING_OF_OURS}`,
};

/** Of a key that still serves, by whose policy it is. */
const LOSING = 'serves, but its policy no longer allows all that we need';
const LOSS_WORDING: Record<'customer' | 'provider', Wording> = {
  customer: {
    happened: LOSING,
    next: `Ask the key’s owner to restore our statement in the key policy, as the onboarding kit has it, for what is named below.\n${NOTHING_OF_OURS}`,
  },
  provider: {
    happened: LOSING,
    next: `Find out who changed the policy of our key (PutKeyPolicy in CloudTrail), and put back what is named below.\n${NOTHING_OF_OURS}`,
  },
};

const ROLE_LOST = 'serves for an hour at most: the role in the customer’s account lets us in no more';

/** Of what is lost in part the cause says what to do; that the key serves is said whatever the cause. */
export function wordingOf({ cause, party, lost }: Pick<KeyIncident, 'cause' | 'party' | 'lost'>): Wording {
  if (!lost) return causeWording(cause, party);
  if (lost.some(isByRole)) return { ...causeWording(cause, party), happened: ROLE_LOST };
  if (cause === 'key-policy') return LOSS_WORDING[party === 'provider' ? 'provider' : 'customer'];
  return { ...causeWording(cause, party), happened: 'serves, but we may no longer do all that we need' };
}

/** Completes “The key …”. */
export const happenedTo = (incident: KeyIncident): string => wordingOf(incident).happened;

/** A cause that only a newer build knows is told as one that we cannot tell: its page is sent. */
function causeWording(cause: Cause, party: Party | undefined): Wording {
  const { happened, next } = (WORDING as Partial<typeof WORDING>)[cause] ?? WORDING.unconfirmed;
  return { happened, next: (party === 'provider' && OUR_KEY_NEXT[cause]) || next };
}
