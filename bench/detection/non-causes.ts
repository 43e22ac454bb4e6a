/** What is no revocation, and must not be paged as one; and what must be paged although a part of the product is dead. */
import { DisableKeyCommand, EnableKeyCommand } from '@aws-sdk/client-kms';
import { isKeys } from '../../shared/domain/availability/incidents/incident';
import type { CustomerSide } from './customer-side';
import type { Product } from './product';
import { settled, stepUntil } from './waiting';

const MINUTE_MS = 60_000;
const MINUTES = 4;

/** Planned faults of local AWS: KMS and STS as they are on a bad day. */
const BAD_DAYS = [
  { name: 'KMS throttles', service: 'kms', operation: 'Decrypt', kind: 'throttle', probability: 1 },
  { name: 'KMS answers 500', service: 'kms', operation: 'Decrypt', kind: 'server-error', probability: 1 },
  { name: 'STS answers 500', service: 'sts', operation: 'AssumeRole', kind: 'server-error', probability: 1 },
] as const;

/** Each dead by itself while a key is lost. */
const DEAD = ['append-audit', 'record-key-events', 'receive-reports', 'probe-keys', 'relay-facts', 'republish-facts'];

export async function nonCauses(product: Product): Promise<{ falsePages: number; unpagedUnderFaults: number }> {
  await product.switchOff([]);
  const side = await product.customer({
    customerId: 'quiet',
    accountId: '399999999999',
    copies: 1,
    via: 'key-policy',
    origin: 'AWS_KMS',
  });
  await product.aws.idle();
  return { falsePages: await falsePages(product, side), unpagedUnderFaults: await unpagedUnderFaults(product, side) };
}

/** Pages that blame a customer who did nothing. */
async function falsePages(product: Product, side: CustomerSide): Promise<number> {
  let pages = 0;
  for (const { name, ...fault } of BAD_DAYS) {
    const before = await blaming(product);
    product.aws.faults.set([fault]);
    for (let minute = 0; minute < MINUTES; minute += 1) {
      product.aws.clock.advance(MINUTE_MS);
      await settled(product);
    }
    product.aws.faults.set([]);
    const more = (await blaming(product)) - before;
    console.log(`${name}: ${more} pages that blame a customer`);
    pages += more;
  }
  return pages + (await flapping(product, side));
}

/** Six times away and back: one page tells of it. @returns those above that. */
async function flapping(product: Product, { kms, kmsKeyArn: KeyId }: CustomerSide): Promise<number> {
  const before = await blaming(product);
  for (let time = 0; time < 6; time += 1) {
    await kms.send(new DisableKeyCommand({ KeyId }));
    await settled(product);
    await kms.send(new EnableKeyCommand({ KeyId }));
    await settled(product);
  }
  const pages = (await blaming(product)) - before;
  console.log(`six times away and back: ${pages} pages`);
  return Math.max(0, pages - 1);
}

async function unpagedUnderFaults(product: Product, { kms, kmsKeyArn: KeyId }: CustomerSide): Promise<number> {
  let unpaged = 0;
  for (const name of DEAD) {
    // The one before is over, and the key has been quiet.
    for (let minute = 0; minute < 12; minute += 1) await minutePasses(product);
    const before = await blaming(product);
    await product.switchOff([name]);
    await kms.send(new DisableKeyCommand({ KeyId }));
    const lostAt = product.aws.clock.now();
    let pagedAt = Number.POSITIVE_INFINITY;
    await stepUntil(product, async () => {
      if ((await blaming(product)) === before) return false;
      pagedAt = product.aws.clock.now();
      return true;
    });
    const minutes = (pagedAt - lostAt) / MINUTE_MS;
    console.log(`${name} dead: paged after ${minutes.toFixed(1)} minutes`);
    if (minutes > 6) unpaged += 1;
    await product.switchOff([]);
    await kms.send(new EnableKeyCommand({ KeyId }));
    await settled(product);
  }
  return unpaged;
}

async function minutePasses(product: Product): Promise<void> {
  product.aws.clock.advance(MINUTE_MS);
  await settled(product);
}

const blaming = async (product: Product): Promise<number> =>
  (await product.pages()).filter(
    ({ about, incident }) => about === 'opened' && incident && isKeys(incident) && incident.party === 'customer',
  ).length;
