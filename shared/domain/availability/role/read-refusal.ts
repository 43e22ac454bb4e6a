/**
 * Why a customer's role does not let us in. STS answers the same to all that it refuses; the account of the role shows it to whoever may
 * look there, which is another role: it lets us in still.
 */
import { type KmsKey, toObserve } from '../../keys/kms-key';
import type { RoleObserver } from '../../keys/role-observer';
import { defined } from '../../optional-fields';
import type { Log } from '../../ports';
import { answerOf } from '../answer';
import { assumeRequest, underAnyExternalId } from '../policy/assume-request';
import { decide } from '../policy/decide';
import { type Policy, readPolicy } from '../policy/document';
import type { Cause } from '../verdict';

/** What the role's account shows. `open`: the role is there, and its trust policy would let us in. */
export type RoleReason = 'gone' | 'trust' | 'external-id' | 'open';

export interface RoleReading {
  readonly reason: RoleReason;
  /** The statement of the trust policy that denies us, or the nearest that might have let us in. */
  readonly statement?: string;
  readonly isExplicit?: boolean;
}

export interface RolePorts {
  readonly roles: RoleObserver;
  /** The account that we are in: whom the trust policy is to let in. */
  readonly ownAccountId: string;
  readonly log: Log;
}

/**
 * Reads the role by which the key is reached. Changes nothing. Undefined where nobody can tell: no other role lets us look, it may not
 * read this one, IAM does not answer, or the trust policy depends on what we do not know. Never throws for an answer.
 */
export async function readRefusal(key: KmsKey, ports: RolePorts): Promise<RoleReading | undefined> {
  const { access, observer, kmsKeyArn } = key;
  if (access.via !== 'role' || !observer || observer.roleArn === access.roleArn) return undefined;
  const { value: text, error } = await answerOf(ports.roles.trustPolicy(toObserve(key), access.roleArn));
  if (error) {
    ports.log.info('the role that we use cannot be read', { kmsKeyArn, code: error.code });
    return undefined;
  }
  if (text === undefined) return { reason: 'gone' };
  const policy = readPolicy(text);
  if (!('fault' in policy)) return judged(policy, assumeRequest(access, ports.ownAccountId));
  ports.log.warn('nothing is concluded from the trust policy', { kmsKeyArn, reason: policy.fault });
  return undefined;
}

function judged(trust: Policy, request: ReturnType<typeof assumeRequest>): RoleReading | undefined {
  const asWeAre = decide(trust, request);
  if (asWeAre.effect === 'unknown') return undefined;
  if (asWeAre.effect === 'allowed') return { reason: 'open' };
  const isByExternalId = decide(trust, underAnyExternalId(request)).effect !== 'refused';
  const { statement, isExplicit } = asWeAre;
  return { reason: isByExternalId ? 'external-id' : 'trust', isExplicit, ...defined({ statement }) };
}

/** The cause that each reason is; `open` explains nothing. */
const CAUSES: Readonly<Record<RoleReason, Cause>> = {
  gone: 'role-gone',
  trust: 'trust-lost',
  'external-id': 'external-id-refused',
  open: 'role-refused',
};

/** The cause of a refusal of STS by what the role's account shows; `role-refused` where nobody can tell. */
export const roleCauseOf = (reading: RoleReading | undefined): Cause =>
  reading === undefined ? 'role-refused' : CAUSES[reading.reason];

/** What was read before, as far as its cause tells: where nobody can tell now, it is so still. */
export function readingBefore(cause: Cause | undefined): RoleReading | undefined {
  const reason = (['gone', 'trust', 'external-id'] as const).find((one) => CAUSES[one] === cause);
  return reason && { reason };
}

/** `its trust policy does not let us in (denied by statement "No")` */
export function readingInWords({ reason, statement, isExplicit }: RoleReading): string {
  switch (reason) {
    case 'gone':
      return 'the role does not exist any more';
    case 'open':
      return 'the role exists, and its trust policy, as we read it, lets us in';
    case 'external-id':
      return `its trust policy asks for another external id than ours${statement === undefined ? '' : ` (statement "${statement}")`}`;
    case 'trust': {
      if (statement === undefined) return 'its trust policy has no statement for us';
      const fault = isExplicit ? `denied by statement "${statement}"` : `statement "${statement}" does not cover us`;
      return `its trust policy does not let us in (${fault})`;
    }
  }
}
