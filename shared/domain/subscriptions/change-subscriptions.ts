/** Adds subscriptions, pauses, resumes and removes them, and asks for tests and for what was sent to be sent again. */
import { type SUBSCRIPTION_CHANGES, subscriptionChanged } from '../../../events/subscription-changed';
import type { AuditSequence } from '../audit/log/ports';
import type { SecretSealer } from '../availability/ports';
import { refusal } from '../errors';
import { later } from '../instants';
import { transition } from '../legal-moves';
import { defined } from '../optional-fields';
import { type FactPorts, newFact } from '../outbox/new-fact';
import type { ControlStore, Write } from '../ports';
import { mustFind } from '../require-row';
import { retryOnConflict } from '../retry-on-conflict';
import { committed } from '../rows';
import { noteEnabled } from './disabled-subscription';
import { refuseBadSecret, type SubscriptionRequest, type Wanted, wantedSubscription } from './new-subscription';
import type { EndpointSecrets } from './ports';
import {
  FORMER_SECRET_MS,
  isSending,
  SUBSCRIPTION_MOVES,
  SUBSCRIPTIONS_MAX,
  type Subscription,
  type SubscriptionName,
  secretNameOf,
  subscriptionKey,
} from './subscription';

export interface SubscriptionPorts extends FactPorts {
  readonly control: ControlStore;
  readonly secrets: SecretSealer;
  readonly endpointSecrets: EndpointSecrets;
  readonly sequence: Pick<AuditSequence, 'head'>;
}

export interface Made {
  readonly subscription: Subscription;
  /** What a receiver of webhooks checks signatures with. Told now, and never again. */
  readonly receiverSecret?: string;
}

/**
 * Adds a subscription, which sends a test first and entries once that was taken. Not safe to repeat: the name is taken then.
 *
 * @throws KeywrightError `input.invalid` and `state.forbids`, naming the field; `state.not-found` for a customer that is none;
 *   `secret.not-opened` (retry).
 */
export async function addSubscription(
  request: SubscriptionRequest,
  by: string,
  ports: SubscriptionPorts,
): Promise<Made> {
  const { control } = ports;
  const wanted = wantedSubscription(request);
  await mustFind('customer', wanted.customerId, ports);
  await refuseTooMany(wanted, ports);
  const size = await logSize(wanted.customerId, ports);
  const cursor = request.from ?? size;
  if (cursor < 0 || cursor > size) throw beyond('from', size);
  const { sealed, shown } = await secretFor(wanted, request.secret, ports);
  const before = await control.find('subscription', subscriptionKey(wanted));
  if (before && before.state !== 'removed')
    throw refusal('state.forbids', 'name', `there is a subscription ${wanted.name} already. Choose another name.`);
  const row = transition<Subscription>(SUBSCRIPTION_MOVES, before, {
    ...wanted,
    ...(sealed && { secret: sealed }),
    state: 'testing',
    cursor,
    delivered: 0,
    parked: 0,
    parkedInARow: 0,
    addedBy: by,
    addedAt: ports.clock.now(),
    ...begun(ports),
    revision: before?.revision ?? 0,
  });
  await commitChange(row, 'added', { changedBy: by }, ports);
  return { subscription: committed(row), ...defined({ receiverSecret: shown }) };
}

/** Sends nothing until it is resumed. Safe to repeat. @throws KeywrightError `state.not-found`, `state.forbids`, naming `name`. */
export const pauseSubscription = (which: SubscriptionName, by: string, ports: SubscriptionPorts) =>
  change(which, ports, 'paused', by, (row) => {
    if (row.state === 'paused') return undefined;
    if (!isSending(row)) throw forbids(row, 'sends nothing already');
    return transition<Subscription>(SUBSCRIPTION_MOVES, row, { ...still(row), state: 'paused' });
  });

/** Goes on where it ended, after a test. Safe to repeat. @throws KeywrightError `state.not-found`, naming `name`. */
export const resumeSubscription = (which: SubscriptionName, by: string, ports: SubscriptionPorts) =>
  change(which, ports, 'resumed', by, (row) =>
    isSending(row)
      ? undefined
      : transition<Subscription>(SUBSCRIPTION_MOVES, row, {
          ...still(row),
          state: 'testing',
          parkedInARow: 0,
          ...begun(ports),
        }),
  );

/** Sends nothing any more, and forgets its secret. Not safe to repeat: it is gone. @throws KeywrightError `state.not-found`. */
export const removeSubscription = (which: SubscriptionName, by: string, ports: SubscriptionPorts) =>
  change(which, ports, 'removed', by, (row) => {
    const { secret: _secret, formerSecret: _former, ...left } = still(row);
    return transition<Subscription>(SUBSCRIPTION_MOVES, row, { ...left, state: 'removed' });
  });

/** Sends a test before anything else. Each call is another test. @throws KeywrightError `state.not-found`, `state.forbids`. */
export const testSubscription = (which: SubscriptionName, by: string, ports: SubscriptionPorts) =>
  change(which, ports, 'test-requested', by, (row) => {
    if (!isSending(row)) throw forbids(row, 'sends nothing. Resume it: that is a test too');
    const { test, dueAt } = begun(ports);
    return { ...unleased(row), test, ...defined({ dueAt }) };
  });

/**
 * Sends everything from that index on, again where it was sent. Safe to repeat: it begins there anew.
 *
 * @throws KeywrightError `state.not-found`; `input.invalid`, naming `from`.
 */
export async function resendFrom(
  which: SubscriptionName & { readonly from: number },
  by: string,
  ports: SubscriptionPorts,
): Promise<Subscription> {
  const { from } = which;
  const size = await logSize(which.customerId, ports);
  if (from < 0 || from > size) throw beyond('from', size);
  return change(which, ports, 'resent', by, (row) => ({
    ...unleased(row),
    cursor: from,
    failures: 0,
    ...(isSending(row) && { dueAt: ports.clock.now() }),
  }));
}

/**
 * A new secret. The one before signs as well for a day. Not safe to repeat: it is another one.
 *
 * @param secret Of destinations that bring theirs.
 * @throws KeywrightError `state.not-found`, `input.invalid`, `secret.not-opened` (retry).
 */
export async function rotateSecret(
  which: SubscriptionName & { readonly secret?: string | undefined },
  by: string,
  ports: SubscriptionPorts,
): Promise<Made> {
  const found = await subscriptionNamed(which, ports);
  refuseBadSecret(found.kind, which.secret);
  const { sealed, shown } = await secretFor(found, which.secret, ports);
  if (!sealed) throw forbids(found, 'has no secret: its destination says who may send to it');
  const subscription = await change(which, ports, 'secret-rotated', by, (row) => ({
    ...unleased(row),
    secret: sealed,
    ...(row.secret && {
      formerSecret: { sealed: row.secret, until: later(ports.clock.now(), FORMER_SECRET_MS) },
    }),
  }));
  return { subscription, ...defined({ receiverSecret: shown }) };
}

/** @throws KeywrightError `state.not-found`, naming `name`. */
export async function subscriptionNamed(
  { customerId, name }: SubscriptionName,
  { control }: { readonly control: Pick<ControlStore, 'find'> },
): Promise<Subscription> {
  const row = await control.find('subscription', subscriptionKey({ customerId, name }));
  if (row && row.state !== 'removed') return row;
  const list = `List those that there are: keywright subscriptions list ${customerId}`;
  throw refusal('state.not-found', 'name', `customer ${customerId} has no subscription ${name}. ${list}`);
}

/** A customer's subscriptions by name, without those that were removed. The index may be a moment behind. */
export async function subscriptionsOf(
  customerId: string,
  { control }: { readonly control: Pick<ControlStore, 'ofCustomer'> },
): Promise<readonly Subscription[]> {
  const rows: Subscription[] = [];
  for await (const row of control.ofCustomer('subscription', customerId)) if (row.state !== 'removed') rows.push(row);
  return rows.sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** @returns undefined where nothing changes. */
type Decide = (row: Subscription) => Subscription | undefined;

async function change(
  which: SubscriptionName,
  ports: SubscriptionPorts,
  what: (typeof SUBSCRIPTION_CHANGES)[number],
  by: string,
  decide: Decide,
): Promise<Subscription> {
  return retryOnConflict(async () => {
    const before = await subscriptionNamed(which, ports);
    const row = decide(before);
    if (!row) return before;
    const more = { changedBy: by, ...(what === 'resent' && { fromIndex: row.cursor }) };
    await commitChange(row, what, more, ports, await noteEnabled(before, ports));
    return committed(row);
  });
}

async function commitChange(
  row: Subscription,
  what: (typeof SUBSCRIPTION_CHANGES)[number],
  more: { readonly changedBy: string; readonly fromIndex?: number },
  ports: SubscriptionPorts,
  others: readonly Write[] = [],
): Promise<void> {
  const { customerId, name: subscription, kind } = row;
  const fact = newFact(subscriptionChanged, ports, { customerId, subscription, kind, change: what, ...more });
  await ports.control.commit({ writes: [{ entityType: 'subscription', row }, ...others], facts: [fact] });
}

/** A test is owed, at once, and nothing has failed yet. */
function begun({ ids, clock }: FactPorts): Pick<Subscription, 'test' | 'failures' | 'dueAt'> {
  const now = clock.now();
  return { test: { testId: ids.next(), requestedAt: now }, failures: 0, dueAt: now };
}

/** Whoever is at work loses: what they have sent since their last note is sent again. */
function unleased(row: Subscription): Subscription {
  const { leasedUntil: _lease, ...left } = row;
  return left;
}

function still(row: Subscription): Subscription {
  const { dueAt: _due, failing: _failing, ...left } = unleased(row);
  return { ...left, failures: 0 };
}

async function secretFor(
  wanted: Wanted,
  given: string | undefined,
  { secrets, endpointSecrets }: SubscriptionPorts,
): Promise<{ readonly sealed?: Uint8Array; readonly shown?: string }> {
  const made = wanted.signing && endpointSecrets.make(wanted.signing);
  const secret = made?.secret ?? given;
  if (secret === undefined) return {};
  return { sealed: await secrets.seal(secret, secretNameOf(wanted)), ...(made && { shown: made.shown }) };
}

async function refuseTooMany({ customerId }: Wanted, ports: SubscriptionPorts): Promise<void> {
  if ((await subscriptionsOf(customerId, ports)).length >= SUBSCRIPTIONS_MAX)
    throw refusal('state.forbids', 'name', `the customer has ${SUBSCRIPTIONS_MAX} already. Remove one first.`);
}

/** How many entries are published. */
const logSize = async (customerId: string, { sequence }: SubscriptionPorts): Promise<number> =>
  (await sequence.head(customerId)).integrated;

const beyond = (field: string, size: number) =>
  refusal('input.invalid', field, `must be an index of the log, from 0 to ${size}, which is the next entry.`);

const forbids = ({ name, state }: Subscription, why: string) =>
  refusal('state.forbids', 'name', `${name} is ${state} and ${why}.`);
