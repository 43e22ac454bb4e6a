/** onboard-customer: registers a customer, the KMS key their data depends on, and where the data rests. */

import { customerOnboarded } from '../../../events/customer-onboarded';
import { newWatch } from '../availability/new-watch';
import { KeywrightError, refusal } from '../errors';
import { NEVER } from '../instants';
import { firstCount, recounted } from '../keys/count-data-stores';
import { aliasOf } from '../keys/customer-alias';
import { isFor, KEY_MOVES, type KmsKey } from '../keys/kms-key';
import type { DataKeyCrypto, KeyDescription, KeyObserver } from '../keys/ports';
import { transition } from '../legal-moves';
import { defined } from '../optional-fields';
import { newFact } from '../outbox/new-fact';
import type { Clock, ControlStore, Ids, Write } from '../ports';
import { retryOnConflict } from '../retry-on-conflict';
import { ruleFor } from '../rotation/find-rule';
import type { RotationPolicy } from '../rotation/rotation-policy';
import { nextDueAt, termsOf } from '../rotation/rotation-rule';
import type { RotationTerms } from '../rotation/rotation-terms';
import { dataStoreKey } from '../rows';
import { refuseOther } from './add-data-store';
import type { Customer, DataStore } from './customer';
import {
  checkCapabilities,
  checkCustomerId,
  checkCustomerName,
  checkDataStoreId,
  checkResource,
} from './customer-names';
import { OPTION_RULES } from './encryption-options';
import type { StoreResource } from './store-resource';

export interface Onboarding {
  readonly customer: Pick<Customer, 'customerId' | 'name' | 'accountId'>;
  readonly key: Pick<KmsKey, 'kmsKeyArn' | 'option' | 'access' | 'observer' | 'alias'>;
  readonly dataStores: readonly Pick<DataStore, 'dataStoreId' | 'kind' | 'capabilities' | 'resource'>[];
  /** By which terms the key is rotated, it alone. Left out: by the rule that it is under. */
  readonly rotation?: RotationTerms & { readonly dueAt: string };
}

export interface OnboardPorts {
  readonly control: ControlStore;
  readonly crypto: Pick<DataKeyCrypto, 'generateWrapped'>;
  readonly observer: Pick<KeyObserver, 'describe'>;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** One transaction registers it all: the customer, and the rows of the key, leave room for so many data stores. */
const DATA_STORES_MAX = 80;

/**
 * Registers a customer.
 *
 * Safe to repeat: a customer that is registered already is left as they are, and one that differs is refused (`state.forbids`).
 *
 * @returns whether the customer was registered now.
 * @throws KeywrightError `input.invalid` before anything is touched; any `kms.` code when the key does not serve;
 *   `state.changed-meanwhile` (retry).
 */
export async function onboardCustomer(request: Onboarding, ports: OnboardPorts): Promise<boolean> {
  checkCustomerId(request.customer.customerId);
  checkCustomerName(request.customer.name);
  for (const { dataStoreId, capabilities, resource } of request.dataStores) {
    checkDataStoreId(dataStoreId);
    checkCapabilities(capabilities);
    if (resource !== undefined) checkResource(resource);
  }
  return retryOnConflict(() => onboard(request, ports));
}

async function onboard(request: Onboarding, ports: OnboardPorts): Promise<boolean> {
  const { control } = ports;
  const { dataStores } = request;
  const { customerId } = request.customer;
  const before = await control.find('customer', customerId);
  if (before) {
    await refuseDifferent(before, request, ports);
    return false;
  }

  refuseTooMany(request);
  await refuseForeignResources(request, ports);
  const registered = await control.find('kms-key', request.key.kmsKeyArn);
  refuseForeignKey(request, registered);
  const writes: Write[] = [
    {
      entityType: 'customer',
      row: {
        ...request.customer,
        option: request.key.option,
        dataStores: dataStores.length,
        dueAt: NEVER,
        revision: 0,
      },
    },
    ...dataStores.map((store) => ({
      entityType: 'data-store' as const,
      row: { ...store, customerId, kmsKeyArn: request.key.kmsKeyArn, revision: 0 },
    })),
    ...resourcesOf(request).map((row) => ({ entityType: 'store-resource' as const, row })),
    ...(registered ? await writesOfKnown(registered, request, ports) : await writesOfKey(request, ports)),
  ];
  await control.commit({ writes, facts: [factOf(request, ports)] });
  return true;
}

/** What a rotation or a person changed since is theirs: the key may have been replaced, data stores added. */
async function refuseDifferent(before: Customer, request: Onboarding, { control }: OnboardPorts): Promise<void> {
  const { customer, key } = request;
  const { kmsKeyArn, option } = key;
  const given = { name: customer.name, accountId: customer.accountId, option };
  for (const field of ['name', 'accountId', 'option'] as const)
    if (before[field] !== given[field])
      throw differs(
        field,
        `${customer.customerId} is registered already with ${before[field] ?? 'none'}`,
        field === 'name' ? 'keywright customer change changes it.' : AS_REGISTERED,
      );
  const registered = await control.find('kms-key', kmsKeyArn);
  if (!registered || !isFor(registered, before.customerId) || registered.option !== option)
    throw differs('key', `${customer.customerId} is registered already with another key`, AS_REGISTERED);
  for (const store of request.dataStores) {
    const known = await control.find('data-store', dataStoreKey(before.customerId, store.dataStoreId));
    if (!known)
      throw differs('dataStores', `${store.dataStoreId} is not registered yet`, 'keywright store add adds it.');
    refuseOther(known, store);
  }
}

const AS_REGISTERED = 'Give what keywright customer show tells.';

const differs = (field: string, problem: string, way: string) =>
  refusal('state.forbids', field, `${problem}, and adding changes nothing. ${way}`);

const resourcesOf = ({ customer, dataStores }: Onboarding): readonly StoreResource[] =>
  dataStores.flatMap(({ dataStoreId, resource }) =>
    resource === undefined ? [] : [{ resource, customerId: customer.customerId, dataStoreId, revision: 0 }],
  );

/** A resource is one data store of one customer: its records would be anybody’s otherwise. */
async function refuseForeignResources(request: Onboarding, { control }: OnboardPorts): Promise<void> {
  const resources = resourcesOf(request).map(({ resource }) => resource);
  const known = await Promise.all(resources.map((resource) => control.find('store-resource', resource)));
  const at = resources.findIndex((one, place) => known[place] !== undefined || resources.indexOf(one) !== place);
  if (at >= 0)
    throw invalid('dataStores.resource', 'is registered with another data store. Register each resource with one.');
}

function refuseTooMany(request: Onboarding): void {
  const { dataStores } = request;
  if (dataStores.length + resourcesOf(request).length <= DATA_STORES_MAX) return;
  throw invalid(
    'dataStores',
    `holds ${dataStores.length}, at most ${DATA_STORES_MAX} at once, and half of that with resources. Register the rest later.`,
  );
}

/** Only a `managed` key serves several customers. Any other is bound to the first who registers it. */
function refuseForeignKey({ customer, key }: Onboarding, registered: KmsKey | undefined): void {
  if (!registered) return;
  if (registered.compromise || registered.state !== 'active')
    throw invalid(
      'key.kmsKeyArn',
      `${registered.compromise ? 'was declared compromised' : 'is on its way out'}. Use the key that takes its place.`,
    );
  if (registered.isForDrills)
    throw invalid('key.kmsKeyArn', 'is the key of drills, which is taken away every week. Use a key of its own.');
  if (isShared(key) && isShared(registered)) return;
  if (registered.customerId === customer.customerId) return;
  throw invalid('key.kmsKeyArn', 'is the key of another customer. Use the ARN of a key of this customer.');
}

const isShared = ({ option }: Pick<KmsKey, 'option'>) => OPTION_RULES[option].isKeyShared;

/** The key is part of it, though nothing of it changes: one that is retired meanwhile takes no data store. */
async function writesOfKnown(key: KmsKey, { dataStores }: Onboarding, ports: OnboardPorts): Promise<readonly Write[]> {
  return [{ entityType: 'kms-key', row: key }, ...(await recounted(key.kmsKeyArn, dataStores.length, ports))];
}

async function writesOfKey(
  { customer, key, dataStores, rotation }: Onboarding,
  ports: OnboardPorts,
): Promise<readonly Write[]> {
  const description = await ports.observer.describe(key);
  refuseUnfit(description);
  const owned = { ...key, ...(!isShared(key) && { customerId: customer.customerId }) };
  const policy = await policyOf(owned, rotation, description.validTo, ports);
  const alias = aliasOf(owned);
  const { watch, keyMaterialId } = await newWatch(owned, ports);
  const registered = transition(KEY_MOVES, undefined, { ...owned, state: 'active', keyMaterialId, revision: 0 });
  return [
    { entityType: 'kms-key', row: registered },
    firstCount(key.kmsKeyArn, dataStores.length),
    { entityType: 'rotation-policy', row: policy },
    { entityType: 'key-watch', row: watch },
    ...(alias ? [{ entityType: 'customer-alias', row: alias } as const] : []),
  ];
}

async function policyOf(
  key: Pick<KmsKey, 'kmsKeyArn' | 'customerId' | 'option'>,
  rotation: Onboarding['rotation'],
  expiresAt: string | undefined,
  { control, clock }: OnboardPorts,
): Promise<RotationPolicy> {
  const { kmsKeyArn } = key;
  const born = { since: clock.now(), ...defined({ expiresAt }) };
  if (rotation) return { kmsKeyArn, ...rotation, ...born, revision: 0 };
  const rule = await ruleFor(key, control);
  if (!rule)
    throw invalid('rotation', `is left out, and option/${key.option} has no rule. Set one, or give the terms.`);
  const { scope, setAt: ruleSetAt } = rule;
  const policy = { kmsKeyArn, ...termsOf(rule), scope, ruleSetAt, ...born };
  return { ...policy, dueAt: nextDueAt(policy, born.since), revision: 0 };
}

function refuseUnfit({ keyUsage, keySpec, keyState, multiRegion }: KeyDescription): void {
  if (multiRegion === 'replica')
    throw invalid('key.kmsKeyArn', 'is a replica of a multi-Region key. Use its primary key, or a key of one Region.');
  if (keyUsage !== 'ENCRYPT_DECRYPT' || keySpec !== 'SYMMETRIC_DEFAULT') {
    throw invalid('key.kmsKeyArn', `is a ${keySpec} key for ${keyUsage}. Use a symmetric key for encryption.`);
  }
  if (keyState !== 'Enabled') throw invalid('key.kmsKeyArn', `is ${keyState}. Enable the key first.`);
}

const factOf = ({ customer, key }: Onboarding, ports: OnboardPorts) =>
  newFact(customerOnboarded, ports, {
    customerId: customer.customerId,
    option: key.option,
    kmsKeyArn: key.kmsKeyArn,
  });

const invalid = (field: string, problem: string) =>
  new KeywrightError('input.invalid', `${field} ${problem}`, { field });
