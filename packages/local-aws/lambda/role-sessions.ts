/**
 * Sessions of roles that services act under: one for each role and name, kept until it has to be renewed.
 */
import { AwsError, type Principal } from '../call';
import type { EngineDeps, Iam, SessionCredentials } from '../contracts';

export interface RoleSessions {
  /** @throws AwsError when the role is gone. */
  of(roleArn: string, sessionName: string): SessionCredentials;
  principalOf(roleArn: string, sessionName: string): Principal;
}

/**
 * Lambda renews a function's credentials so that a handler never sees them expire. A clock that jumps by days would show
 * it just that in the middle of an invocation, hence a session longer than any jump.
 */
const SESSION_SECONDS = 10 * 365 * 24 * 3600;
const RENEW_BEFORE_MS = 24 * 3600 * 1000;

export function roleSessions(world: EngineDeps, iam: Iam): RoleSessions {
  const sessions = new Map<string, SessionCredentials>();
  const sessionOf = (roleArn: string, sessionName: string): SessionCredentials => {
    const key = `${roleArn} ${iam.roleOf(roleArn)?.principalId} ${sessionName}`;
    const known = sessions.get(key);
    if (known && known.expiresAt - RENEW_BEFORE_MS > world.clock.now()) return known;
    const session = iam.openSession(roleArn, sessionName, SESSION_SECONDS);
    sessions.set(key, session);
    return session;
  };
  return {
    of: sessionOf,
    principalOf(roleArn, sessionName) {
      const principal = iam.principalOf(sessionOf(roleArn, sessionName).accessKeyId);
      if (principal) return principal;
      throw new AwsError('AccessDeniedException', `The session of role ${roleArn} has ended.`, { status: 403 });
    },
  };
}
