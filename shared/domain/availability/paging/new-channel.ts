/** A channel as somebody wants it, checked field by field. */
import { invalid } from '../../errors';
import { defined } from '../../optional-fields';
import { isTimeZone, refuseBadWindow, unknownTimeZone } from '../../rotation/work-window';
import { refuseBadTier } from '../../service-levels/service-level';
import type { Severity } from '../incidents/severity-level';
import { type Channel, type ChannelKind, type ChannelRole, DEFAULT_CHANNEL } from './channel';
import { destinationFault } from './destination';

export interface ChannelRequest {
  readonly name: string;
  readonly kind: ChannelKind;
  readonly customerId?: string | undefined;
  readonly target?: string | undefined;
  readonly role?: ChannelRole | undefined;
  readonly severities?: readonly Severity[] | undefined;
  readonly tiers?: readonly string[] | undefined;
  readonly hours?: Channel['hours'] | undefined;
  readonly timeZone?: string | undefined;
  readonly afterMinutes?: number | undefined;
  readonly secret?: string | undefined;
}

interface KindOfChannel {
  /** What is wrong with a target, in words that follow its field’s name. */
  targetFault(target: string): string | undefined;
  /** Where it is unless somebody says so. */
  readonly target?: string;
  /** What its secret is, and how it looks. Absent: it has none. */
  readonly secret?: { readonly is: string; fault(secret: string): string | undefined };
}

/** The role that sends may reach no other topics and buses: see serverless.yml. */
const arnOf = (what: string, pattern: RegExp) => (target: string) =>
  pattern.test(target) ? undefined : `must be the ARN of ${what} whose name begins with keywright-pages-`;

/** Source: Standard Webhooks 1.0, "Signature scheme": 24 to 64 bytes. */
const SIGNING_KEY_BYTES = { min: 24, max: 64 };

const webhookSecretFault = (secret: string): string | undefined => {
  const [, base64 = ''] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? [];
  // Four characters hold three bytes.
  const bytes = Math.floor((base64.replace(/=+$/, '').length * 3) / 4);
  const isLong = bytes >= SIGNING_KEY_BYTES.min && bytes <= SIGNING_KEY_BYTES.max;
  return isLong ? undefined : 'must be `whsec_` and 24 to 64 bytes in base64';
};

const ofTheWeb = (target: string) => destinationFault(target);

const KINDS: Readonly<Record<ChannelKind, KindOfChannel>> = {
  sns: { targetFault: arnOf('an SNS topic', /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:keywright-pages-[\w-]+$/) },
  eventbridge: {
    targetFault: arnOf('an event bus', /^arn:aws[a-z-]*:events:[a-z0-9-]+:\d{12}:event-bus\/keywright-pages-[\w.-]+$/),
  },
  pagerduty: {
    target: 'https://events.pagerduty.com/v2/enqueue',
    targetFault: ofTheWeb,
    secret: {
      is: 'the integration key of an Events API v2 integration',
      fault: (secret) => (/^[A-Za-z0-9]{32}$/.test(secret) ? undefined : 'must have 32 letters and digits'),
    },
  },
  webhook: { targetFault: ofTheWeb, secret: { is: 'its signing secret', fault: webhookSecretFault } },
  slack: {
    // Its whole URL is the secret: what is shown is the host alone.
    target: 'https://hooks.slack.com',
    targetFault: ofTheWeb,
    secret: { is: 'the URL of an incoming webhook', fault: ofTheWeb },
  },
};

const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;
const TARGET_MAX = 500;
const AFTER_MINUTES = { min: 1, max: 1_440 };

/** What a channel of that kind keeps secret, in words; undefined: nothing. */
export const secretOf = (kind: ChannelKind): string | undefined => KINDS[kind].secret?.is;

/**
 * The channel without its secret, which is still to be encrypted.
 *
 * @throws KeywrightError `input.invalid`, naming the field; never what a secret is.
 */
export function newChannel(request: ChannelRequest, by: string, now: string): Omit<Channel, 'secret'> {
  const { name, kind, role = 'first', severities = ['critical', 'warning'], hours, timeZone = 'UTC' } = request;
  const target = request.target ?? KINDS[kind].target;
  refuseName(name);
  if (target === undefined || target.length > TARGET_MAX)
    throw invalid('target', `a channel of kind ${kind} needs one, of at most ${TARGET_MAX} characters.`);
  const fault = KINDS[kind].targetFault(target);
  if (fault) throw invalid('target', `${fault}.`);
  if (severities.length === 0) throw invalid('severities', 'name critical, warning or both.');
  if (!isTimeZone(timeZone)) throw invalid('timeZone', unknownTimeZone(timeZone));
  if (hours) refuseBadWindow({ ...hours, timeZone }, 'hours');
  refuseSecret(request);
  refuseRole(request, role);
  refuseTiers(request);
  return {
    name,
    kind,
    target,
    role,
    severities: [...new Set(severities)],
    ...(hours && { hours }),
    timeZone,
    ...(request.tiers && { tiers: [...new Set(request.tiers)] }),
    ...defined({ afterMinutes: request.afterMinutes }),
    addedBy: by,
    addedAt: now,
  };
}

function refuseName(name: string): void {
  if (!NAME.test(name))
    throw invalid('name', 'has 1 to 40 characters: lower-case letters, digits and hyphens, the first no hyphen.');
  if (name === DEFAULT_CHANNEL)
    throw invalid(
      'name',
      `${DEFAULT_CHANNEL} is the on-call topic of the stack, which is always there. Choose another one.`,
    );
}

function refuseSecret({ kind, secret }: ChannelRequest): void {
  const needed = KINDS[kind].secret;
  if (!needed && secret !== undefined) throw invalid('secret', `a channel of kind ${kind} has none. Leave it out.`);
  if (!needed) return;
  if (secret === undefined) throw invalid('secret', `a channel of kind ${kind} needs ${needed.is}.`);
  const fault = needed.fault(secret);
  if (fault) throw invalid('secret', `${needed.is} ${fault}.`);
}

function refuseTiers({ tiers, customerId }: ChannelRequest): void {
  if (tiers === undefined) return;
  if (customerId !== undefined)
    throw invalid('tiers', 'a customer’s contact is told of that customer alone. Leave it out.');
  if (tiers.length === 0) throw invalid('tiers', 'name one at least, or leave it out: then it is for all.');
  for (const tier of tiers) refuseBadTier('tiers', tier);
}

function refuseRole({ customerId, afterMinutes }: ChannelRequest, role: ChannelRole): void {
  if (role === 'escalation' && customerId !== undefined)
    throw invalid('role', 'a customer’s contact acknowledges nothing: first or fallback.');
  if (afterMinutes === undefined) return;
  if (role !== 'escalation') throw invalid('afterMinutes', 'goes with the role escalation alone. Leave it out.');
  if (afterMinutes < AFTER_MINUTES.min || afterMinutes > AFTER_MINUTES.max)
    throw invalid('afterMinutes', `must be from ${AFTER_MINUTES.min} to ${AFTER_MINUTES.max}.`);
}
