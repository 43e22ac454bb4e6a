/**
 * One session of its role for each function, shared by its execution environments and by Lambda acting for it.
 */
import { AwsError, type Principal } from '../call';
import type { Iam, SessionCredentials, World } from '../parts';
import type { LambdaFunction } from './functions';

export interface RoleSessions {
  /** @throws AwsError when the function's role is gone. */
  of(target: LambdaFunction): SessionCredentials;
  principalOf(target: LambdaFunction): Principal;
}

/**
 * Lambda renews a function's credentials so that a handler never sees them expire. A clock that jumps by days would show
 * it just that in the middle of an invocation, hence a session longer than any jump.
 */
const SESSION_SECONDS = 10 * 365 * 24 * 3600;
const RENEW_BEFORE_MS = 24 * 3600 * 1000;

export function roleSessions(world: World, iam: Iam): RoleSessions {
  const sessions = new Map<string, SessionCredentials>();
  const sessionOf = (target: LambdaFunction): SessionCredentials => {
    const name = `${target.arn} ${target.roleArn} ${iam.roleOf(target.roleArn)?.principalId}`;
    const known = sessions.get(name);
    if (known && known.expiresAt - RENEW_BEFORE_MS > world.clock.now()) return known;
    const session = iam.openSession(target.roleArn, target.name, SESSION_SECONDS);
    sessions.set(name, session);
    return session;
  };
  return {
    of: sessionOf,
    principalOf(target) {
      const principal = iam.principalOf(sessionOf(target).accessKeyId);
      if (principal) return principal;
      throw new AwsError('AccessDeniedException', `The session of role ${target.roleArn} has ended.`, { status: 403 });
    },
  };
}
