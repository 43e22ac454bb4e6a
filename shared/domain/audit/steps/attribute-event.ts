/** Step 2: in whose streams the event belongs, and about which registered keys it is believed. */
import { type KeyUse, ownerAccountOf, type TouchedKey } from '../../../../events/kms-key-use';
import { OPERATOR_ID } from '../../customers/customer';
import type { CustomerLookup, KnownCustomers } from '../../customers/customer-lookup';
import type { ControlStore } from '../../ports';
import { dependentsOf } from '../shared-key-facts';
import { type Attribution, attribute } from '../whose-record';
import type { Attributed, FactEvent, Ignored, KeyEvent, LossEvent, RecordEvent, RoleEvent } from './key-event';

export interface AttributePorts {
  readonly ownAccountId: string;
  readonly customers: CustomerLookup;
  readonly control: Pick<ControlStore, 'ofKmsKey'>;
}

/** @throws what the lookup throws. */
export async function attributeEvent(event: KeyEvent, ports: AttributePorts): Promise<Attributed | Ignored> {
  switch (event.kind) {
    case 'fact':
      return attributeFact(event, ports);
    case 'record':
      return attributeRecord(event, ports);
    case 'loss':
      return attributeLoss(event, ports);
    case 'role':
      return attributeRole(event, ports);
  }
}

/** What names no customer is the operator's; those who depend on a shared key that it names have their part of it. */
async function attributeFact(event: FactEvent, { control }: AttributePorts): Promise<Attributed> {
  const { customerId = OPERATOR_ID } = event.fact.detail;
  const dependents = await dependentsOf(event.fact, control);
  const whole = { customerId: String(customerId), keys: [], isPartial: false };
  const parts = dependents.map((dependent) => ({ ...dependent, keys: [], isPartial: true }));
  return { event, attributions: [whole, ...parts], kmsKeyArns: [] };
}

async function attributeRecord(event: RecordEvent, { customers }: AttributePorts): Promise<Attributed | Ignored> {
  const known = await customers.indexFor([event.use]);
  const concerned = attribute(event.use, known);
  return event.isOwn ? attributeOwn(event, concerned, known) : attributeForwarded(event, concerned, known, customers);
}

/**
 * Of our own account everything is recorded: what is no customer's goes into the operator's stream. A key that serves many
 * customers is nobody's alone: it counts though no customer's stream tells of it.
 */
function attributeOwn(event: RecordEvent, concerned: readonly Attribution[], known: KnownCustomers): Attributed {
  const { use } = event;
  return {
    event,
    attributions: [...concerned, ...operatorsOf(use, concerned)],
    kmsKeyArns: registeredOf(use.keys, known),
  };
}

/**
 * The operator sees the whole record where any key in it is no customer's or is not named, as in some refusals: then the
 * context alone says whose it was, which is the caller's word.
 */
function operatorsOf(use: KeyUse, concerned: readonly Attribution[]): readonly Attribution[] {
  const isCustomers = (key: TouchedKey) =>
    key.kmsKeyArn !== undefined && concerned.some(({ keys }) => keys.includes(key));
  if (use.keys.length > 0 && use.keys.every(isCustomers)) return [];
  return [{ customerId: OPERATOR_ID, keys: use.keys, isPartial: false }];
}

/**
 * Of another account what concerns its own customer is recorded. It is believed about its own keys: a context, beside a
 * key that we depend on or none, is enough for an entry of that customer, and for nothing that follows.
 */
async function attributeForwarded(
  event: RecordEvent,
  concerned: readonly Attribution[],
  known: KnownCustomers,
  customers: CustomerLookup,
): Promise<Attributed | Ignored> {
  const { account } = event;
  const owners = await Promise.all(concerned.map(({ customerId }) => customers.customer(customerId)));
  const attributions = concerned.filter((_, at) => owners[at]?.accountId === account);
  if (attributions.length === 0) return { ignored: `it concerns no customer of account ${account}` };
  const keys = attributions.flatMap((attribution) => attribution.keys);
  const ofSender = keys.filter(({ kmsKeyArn }) => kmsKeyArn !== undefined && ownerAccountOf(kmsKeyArn) === account);
  return { event, attributions, kmsKeyArns: registeredOf(ofSender, known) };
}

const registeredOf = (keys: readonly TouchedKey[], known: KnownCustomers): readonly string[] =>
  [...new Set(keys.flatMap(({ kmsKeyArn }) => kmsKeyArn ?? []))].filter(known.isRegistered);

async function attributeLoss(
  event: LossEvent,
  { ownAccountId, customers }: AttributePorts,
): Promise<Attributed | Ignored> {
  const { kmsKeyArn, account } = event;
  const owner = await customers.ownerOf(kmsKeyArn);
  const isOfSender = ownerAccountOf(kmsKeyArn) === account;
  const isBelieved = isOfSender && (account === ownAccountId || owner?.accountId === account);
  if (!isBelieved || !(await customers.isRegistered(kmsKeyArn))) return { ignored: 'it concerns no customer' };
  return { event, attributions: [], kmsKeyArns: [kmsKeyArn] };
}

/** An account is believed about its own roles, and tells of the keys of its own customer. */
async function attributeRole(event: RoleEvent, { customers }: AttributePorts): Promise<Attributed | Ignored> {
  const kmsKeyArns = await customers.keysByRole(event.account, event.change.roleName);
  return kmsKeyArns.length === 0
    ? { ignored: 'no key is reached by that role' }
    : { event, attributions: [], kmsKeyArns };
}
