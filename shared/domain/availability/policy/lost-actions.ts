/** What we need of a key and its policy no longer allows: read from the policy in force, before a call of ours is refused. */
import { KeywrightError } from '../../errors';
import { type KeyRef, type KmsKey, toObserve } from '../../keys/kms-key';
import type { KeyObserver } from '../../keys/ports';
import { defined } from '../../optional-fields';
import type { Log } from '../../ports';
import type { LostAction } from '../verdict';
import { type Decision, decide } from './decide';
import { type Policy, readPolicy } from './document';
import { withGrants } from './grants';
import { isRefused } from './loss-in-words';
import { needsOf } from './needed-actions';
import { accountOf, inAnyContext, requestFor } from './our-request';
import { guardedBy } from './safeguards';

export interface PolicyPorts {
  readonly observer: Pick<KeyObserver, 'policy' | 'grants'>;
  /** The account that we are in: who the policy of a customer's key allows. */
  readonly ownAccountId: string;
  readonly log: Log;
}

/** What was known at the look before. */
export interface Before {
  readonly lost: readonly LostAction[];
  /** What a grant alone allowed. */
  readonly granted: readonly string[];
}

/** What a look knows: `guarded` as safeguards.ts has it, absent where the policy was not read. */
export interface Known extends Before {
  readonly guarded?: readonly string[];
}

/**
 * Reads the key's policy, and its grants where the policy alone allows too little. Changes nothing. Where neither can be
 * read, or where it depends on what we do not know, what the policy had taken before is lost still, and nothing else is. Never
 * throws for what KMS answers.
 *
 * @returns what is lost, what a grant alone allows, and what is guarded.
 */
export async function lostActionsOf(key: KmsKey, before: Before, ports: PolicyPorts): Promise<Known> {
  const policy = isReadable(key, ports.ownAccountId) ? await policyOf(toObserve(key), ports) : undefined;
  const decisions: ReadonlyMap<string, Found> = policy ? await decisionsFor(policy, key, ports) : new Map();
  const needed = needsOf(key).map(({ action }) => ({ action, found: decisions.get(action) }));
  const wasGranted = (action: string) =>
    before.granted.includes(action) || before.lost.some((one) => one.action === action && one.by === 'grant');
  return {
    lost: needed.flatMap(({ action, found }): readonly LostAction[] => {
      if (found?.effect === 'allowed') return [];
      if (found?.effect !== 'refused') return before.lost.filter((one) => one.action === action && !isRefused(one));
      const { statement, isExplicit, isByContext } = found;
      const by = !isExplicit && wasGranted(action) ? 'grant' : isByContext ? 'context' : undefined;
      return [{ action, isExplicit, ...defined({ statement, by }) }];
    }),
    granted: needed.flatMap(({ action, found }) =>
      (found ? found.isByGrant : before.granted.includes(action)) ? [action] : [],
    ),
    ...(policy && { guarded: guardedBy(policy) }),
  };
}

type Found = Decision & {
  /** A grant allows it, and the policy does not. */
  readonly isByGrant: boolean;
  /** The policy would allow it, or may, under another encryption context. */
  readonly isByContext: boolean;
};

/** What the policy and the grants say of each action that we need. */
async function decisionsFor(policy: Policy, key: KmsKey, ports: PolicyPorts): Promise<ReadonlyMap<string, Found>> {
  const asked = needsOf(key).map((need) => requestFor(need, key, ports.ownAccountId));
  const byPolicy = asked.map((request) => ({ request, decision: decide(policy, request) }));
  const isShort = byPolicy.some(({ decision }) => decision.effect === 'refused' && !decision.isExplicit);
  const grants = isShort ? await unlessRefused('grants', toObserve(key), ports, ports.observer.grants) : [];
  const decided = byPolicy.map(({ request, decision }): readonly [string, Found] => {
    const found = withGrants(decision, grants, request);
    const isByGrant = found.effect === 'allowed' && decision.effect === 'refused';
    const isByContext = found.effect === 'refused' && decide(policy, inAnyContext(request)).effect !== 'refused';
    return [request.action, { ...found, isByGrant, isByContext }];
  });
  noteUnknown(decided, key, ports);
  return new Map(decided);
}

function noteUnknown(decided: readonly (readonly [string, Decision])[], { kmsKeyArn }: KmsKey, { log }: PolicyPorts) {
  const unknown = decided.filter(([, { effect }]) => effect === 'unknown').map(([action]) => action);
  if (unknown.length > 0) log.info('the key policy does not tell whether we may', { kmsKeyArn, unknown });
}

async function policyOf(observed: KeyRef, ports: PolicyPorts): Promise<Policy | undefined> {
  const text = await unlessRefused('policy', observed, ports, ports.observer.policy);
  if (text === undefined) return undefined;
  const policy = readPolicy(text);
  if (!('fault' in policy)) return policy;
  ports.log.warn('nothing is concluded from the key policy', { kmsKeyArn: observed.kmsKeyArn, reason: policy.fault });
  return undefined;
}

/**
 * KMS shows a policy within its account alone, and a role that is to use a key, not to read it, would be refused with every look: the
 * customer sees each. Source: KMS API reference, GetKeyPolicy, "Cross-account use: No".
 */
const isReadable = ({ observer, kmsKeyArn }: KmsKey, ownAccountId: string): boolean =>
  observer !== undefined || accountOf(kmsKeyArn) === ownAccountId;

async function unlessRefused<Answer>(
  what: string,
  observed: KeyRef,
  { log }: PolicyPorts,
  ask: (key: KeyRef) => Promise<Answer>,
): Promise<Answer | undefined> {
  try {
    return await ask(observed);
  } catch (error) {
    if (!(error instanceof KeywrightError)) throw error;
    log.info(`the key's ${what} cannot be read`, { kmsKeyArn: observed.kmsKeyArn, code: error.code });
    return undefined;
  }
}
