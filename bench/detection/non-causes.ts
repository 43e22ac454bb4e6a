/** What is no revocation, and must not be paged as one; and what must be paged although a part of the product is dead. */
import { DisableKeyCommand, EnableKeyCommand } from '@aws-sdk/client-kms';
import type { Fault, Role } from 'local-aws/contracts';
import { PROVIDER_ACCOUNT } from '../../cli/start/customers';
import { isKeys } from '../../shared/domain/availability/incidents/incident';
import type { Trouble } from '../../shared/domain/availability/incidents/trouble';
import type { CustomerSide } from './customer-side';
import type { Product } from './product';
import { settled, stepUntil } from './waiting';

const MINUTE_MS = 60_000;
/** Until what does not pass by itself is trouble of ours, and has been paged. */
const BAD_DAY_MINUTES = 9;
/** Until it is over, and what comes next is not taken for the same. */
const QUIET_MINUTES = 12;

/** As on a bad day, which is no customer's doing: one incident of the operator's is due for it. */
interface BadDay {
  readonly name: string;
  readonly trouble: Trouble;
  begin(product: Product): void;
  end(product: Product): void;
}

function planned(
  name: string,
  trouble: Trouble,
  ...faults: readonly Pick<Fault, 'service' | 'operation' | 'kind'>[]
): BadDay {
  return {
    name,
    trouble,
    begin: ({ aws }) => aws.faults.set(faults.map((fault) => ({ ...fault, probability: 1 }))),
    end: ({ aws }) => aws.faults.set([]),
  };
}

const OUR_LOOKS = ['probe-keys', 'assess-key', 'reconcile-keys'];
const DENY_KMS = { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: 'kms:*', Resource: '*' }] };

/** Our own policy keeps our own functions out. */
function misconfigured(): BadDay {
  const before: Role[] = [];
  return {
    name: 'our roles may not use keys',
    trouble: 'own-permissions',
    begin({ aws }) {
      for (const name of OUR_LOOKS) {
        const role = aws.iam.roleOf(`arn:aws:iam::${PROVIDER_ACCOUNT}:role/keywright-dev-${name}`);
        if (!role) throw new Error(`${name} has no role.`);
        before.push(role);
        aws.iam.putRole({ ...role, policies: [...role.policies, DENY_KMS] });
      }
    },
    end({ aws }) {
      for (const role of before) aws.iam.putRole(role);
    },
  };
}

const BAD_DAYS: readonly BadDay[] = [
  planned('KMS throttles', 'throttled', { service: 'kms', operation: 'Decrypt', kind: 'throttle' }),
  planned('KMS answers 500', 'kms-outage', { service: 'kms', operation: 'Decrypt', kind: 'server-error' }),
  planned('STS answers 500', 'sts-outage', { service: 'sts', operation: 'AssumeRole', kind: 'server-error' }),
  planned(
    'a region is away',
    'kms-outage',
    { service: 'kms', kind: 'server-error' },
    { service: 'sts', kind: 'server-error' },
  ),
  misconfigured(),
];

/** Each dead by itself while a key is lost. */
const DEAD = [
  'append-audit',
  'record-key-events',
  'receive-reports',
  'probe-keys',
  'relay-facts',
  'republish-facts',
  'assess-key',
  'page-oncall',
  'page-overdue',
  'settle-incidents',
  'watch-ourselves',
];
const MINUTES_TO_PAGE = 5;

export interface OtherFigures {
  readonly falsePages: number;
  /** Bad days of which on-call was told no times, or more than once. */
  readonly operatorIncidentsWrong: number;
  readonly unpagedUnderFaults: number;
}

export async function nonCauses(product: Product): Promise<OtherFigures> {
  await product.switchOff([]);
  const wish = { copies: 1, origin: 'AWS_KMS' } as const;
  const side = await product.customer({ ...wish, customerId: 'quiet', accountId: '399999999999', via: 'key-policy' });
  // STS is asked for those alone whose key is reached through a role of theirs.
  await product.customer({ ...wish, customerId: 'quiet-role', accountId: '399999999998', via: 'role' });
  await product.aws.idle();
  const days = await badDays(product);
  const falsePages = days.falsePages + (await flapping(product, side));
  return { ...days, falsePages, unpagedUnderFaults: await unpagedUnderFaults(product, side) };
}

async function badDays(product: Product): Promise<Pick<OtherFigures, 'falsePages' | 'operatorIncidentsWrong'>> {
  let falsePages = 0;
  let operatorIncidentsWrong = 0;
  for (const day of BAD_DAYS) {
    const before = { blaming: await blaming(product), ours: await ofOurOwn(product, day.trouble) };
    day.begin(product);
    await minutesPass(product, BAD_DAY_MINUTES);
    day.end(product);
    await minutesPass(product, QUIET_MINUTES);
    const blamed = (await blaming(product)) - before.blaming;
    const ours = (await ofOurOwn(product, day.trouble)) - before.ours;
    console.log(`${day.name}: ${blamed} pages that blame a customer, ${ours} incidents of our own`);
    falsePages += blamed;
    if (ours !== 1) operatorIncidentsWrong += 1;
  }
  return { falsePages, operatorIncidentsWrong };
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
    await minutesPass(product, QUIET_MINUTES);
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
    if (minutes > MINUTES_TO_PAGE) unpaged += 1;
    await product.switchOff([]);
    await kms.send(new EnableKeyCommand({ KeyId }));
    await settled(product);
  }
  return unpaged;
}

async function minutesPass(product: Product, minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute += 1) {
    product.aws.clock.advance(MINUTE_MS);
    await settled(product);
  }
}

const blaming = async (product: Product): Promise<number> =>
  (await product.pages()).filter(
    ({ about, incident }) => about === 'opened' && incident && isKeys(incident) && incident.party === 'customer',
  ).length;

/** Incidents that were paged, not pages: by a clock that is moved by minutes a page may be late, and come again. */
async function ofOurOwn(product: Product, trouble: Trouble): Promise<number> {
  const ours = (await product.pages()).filter(
    ({ about, incident }) => about === 'opened' && incident && !isKeys(incident) && incident.trouble === trouble,
  );
  return new Set(ours.map(({ incidentId }) => incidentId)).size;
}
