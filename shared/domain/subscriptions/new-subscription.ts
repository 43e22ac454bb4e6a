/** A subscription as somebody wants it, checked field by field. */
import { destinationFault, WEB_PORTS } from '../availability/paging/destination';
import { invalid } from '../errors';
import { defined } from '../optional-fields';
import type { DestinationKind, EntryFilter, EntryFormat, EntryOutcome, Signing, Subscription } from './subscription';

export interface SubscriptionRequest {
  readonly customerId: string;
  readonly name: string;
  readonly kind: DestinationKind;
  readonly target: string;
  readonly format?: EntryFormat | undefined;
  readonly operations?: readonly string[] | undefined;
  readonly dataStores?: readonly string[] | undefined;
  readonly outcomes?: readonly EntryOutcome[] | undefined;
  readonly signing?: Signing | undefined;
  readonly secret?: string | undefined;
  /** The first entry that is sent: 0 is the whole log. Absent: what comes from now on. */
  readonly from?: number | undefined;
}

interface KindOfDestination {
  /** What is wrong with a target, in words that follow its field’s name. */
  targetFault(target: string): string | undefined;
  /** What whoever adds it has to bring; absent where there is none, or it is made here. */
  readonly secret?: { readonly is: string; readonly pattern: RegExp };
}

/** The role that sends may reach no others: see serverless.yml. */
const named = (what: string, pattern: RegExp) => (target: string) =>
  pattern.test(target) ? undefined : `must be ${what} whose name begins with keywright-audit-`;

/** A collector of Splunk listens on its own port, unless somebody moves it. */
export const COLLECTOR_PORTS: readonly number[] = [...WEB_PORTS, 8088];

/** Source: Datadog, "Log collection API": one host for each site. */
const DATADOG =
  /^https:\/\/http-intake\.logs\.([a-z0-9-]+\.)?(datadoghq\.com|datadoghq\.eu|ddog-gov\.com)\/api\/v2\/logs$/;

const KINDS: Readonly<Record<DestinationKind, KindOfDestination>> = {
  webhook: { targetFault: (target) => destinationFault(target) },
  sqs: {
    targetFault: named(
      'the ARN of an SQS queue',
      /^arn:aws[a-z-]*:sqs:[a-z0-9-]+:\d{12}:keywright-audit-[\w-]+(\.fifo)?$/,
    ),
  },
  sns: {
    targetFault: named(
      'the ARN of an SNS topic',
      /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:keywright-audit-[\w-]+(\.fifo)?$/,
    ),
  },
  eventbridge: {
    targetFault: named(
      'the ARN of an event bus',
      /^arn:aws[a-z-]*:events:[a-z0-9-]+:\d{12}:event-bus\/keywright-audit-[\w.-]+$/,
    ),
  },
  s3: {
    targetFault: named('s3://BUCKET/PREFIX, of a bucket', /^s3:\/\/keywright-audit-[a-z0-9-]{1,47}(\/[\w=.-]+)*$/),
  },
  splunk: {
    targetFault: (target) => destinationFault(target, COLLECTOR_PORTS),
    secret: {
      is: 'the token of an HTTP Event Collector',
      pattern: /^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/,
    },
  },
  datadog: {
    targetFault: (target) =>
      DATADOG.test(target) || isOfThisMachine(target)
        ? undefined
        : 'must be the intake of a Datadog site, https://http-intake.logs.datadoghq.eu/api/v2/logs for example',
    secret: { is: 'an API key of Datadog', pattern: /^[0-9a-f]{32}$/ },
  },
};

/** HTTP is taken of loopback addresses alone, and sent to where a stack allows it: for tests. */
const isOfThisMachine = (target: string) => target.startsWith('http://') && destinationFault(target) === undefined;

const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;
const TARGET_MAX = 500;
const FILTER_MAX = 50;

/** The fields of a subscription that somebody chooses. */
export type Wanted = Pick<Subscription, 'customerId' | 'name' | 'kind' | 'target' | 'format' | 'filter'> & {
  readonly signing?: Signing;
};

/**
 * What is wanted, without its secret, which is still to be encrypted.
 *
 * @throws KeywrightError `input.invalid`, naming the field; never what a secret is.
 */
export function wantedSubscription(request: SubscriptionRequest): Wanted {
  const { customerId, name, kind, target, format = 'cloudevents', operations, dataStores, outcomes } = request;
  if (!NAME.test(name))
    throw invalid('name', 'has 1 to 40 characters: lower-case letters, digits and hyphens, the first no hyphen.');
  if (target.length > TARGET_MAX) throw invalid('target', `has at most ${TARGET_MAX} characters.`);
  const fault = KINDS[kind].targetFault(target);
  if (fault) throw invalid('target', `${fault}.`);
  const filter = wantedFilter({ operations, dataStores, outcomes });
  refuseSecret(request);
  return { customerId, name, kind, target, format, filter, ...signingOf(request) };
}

/** What is asked of entries. @throws KeywrightError `input.invalid`, naming the list at fault. */
export function wantedFilter(lists: Pick<SubscriptionRequest, 'operations' | 'dataStores' | 'outcomes'>): EntryFilter {
  const filter: EntryFilter = defined(lists);
  for (const [field, values] of Object.entries(filter)) refuseFilter(field, values);
  return filter;
}

function refuseFilter(field: string, values: readonly string[]): void {
  if (values.length === 0 || values.length > FILTER_MAX)
    throw invalid(field, `names 1 to ${FILTER_MAX}. Leave it out where every entry is wanted.`);
}

function refuseSecret({ kind, secret }: SubscriptionRequest): void {
  const needed = KINDS[kind].secret;
  if (!needed && secret === undefined) return;
  if (!needed)
    throw invalid(
      'secret',
      kind === 'webhook' ? 'is made here, and told once.' : `a destination of kind ${kind} has none.`,
    );
  if (secret === undefined) throw invalid('secret', `a destination of kind ${kind} needs ${needed.is}.`);
  if (!needed.pattern.test(secret)) throw invalid('secret', `is not ${needed.is}.`);
}

function signingOf({ kind, signing }: SubscriptionRequest): { readonly signing?: Signing } {
  if (kind === 'webhook') return { signing: signing ?? 'v1' };
  if (signing !== undefined) throw invalid('signing', 'goes with webhooks alone. Leave it out.');
  return {};
}

/** @throws KeywrightError `input.invalid`: as `wantedSubscription` does for a secret. */
export const refuseBadSecret = (kind: DestinationKind, secret: string | undefined): void =>
  refuseSecret({ customerId: '', name: '', target: '', kind, secret });
