/** How a refused caller is told, service by service. */
import { AwsError, type Principal } from '../call';

/**
 * The code and HTTP status with which each service refuses; AccessDeniedException and 400 for all others.
 * Source: the services' API references, "Common errors" and "Error responses".
 */
const CODES: Readonly<Record<string, { readonly code: string; readonly status: number }>> = {
  iam: { code: 'AccessDenied', status: 403 },
  s3: { code: 'AccessDenied', status: 403 },
  sts: { code: 'AccessDenied', status: 403 },
  sqs: { code: 'AccessDenied', status: 403 },
  sns: { code: 'AuthorizationError', status: 403 },
  lambda: { code: 'AccessDeniedException', status: 403 },
  scheduler: { code: 'AccessDeniedException', status: 403 },
};

/** Which policy decided, in AWS's words; the sentence ends with it. */
export type Reason =
  | { readonly missing: 'identity-based' | 'resource-based' | 'session' }
  | { readonly denying: 'identity-based' | 'resource-based' | 'session' };

/** The refusal that AWS writes. Without a reason the sentence ends with the resource, as for `sts:AssumeRole`. */
export function accessDenied(caller: Principal, action: string, resource: string, reason?: Reason): AwsError {
  const { code, status } = CODES[action.split(':', 1)[0] ?? ''] ?? { code: 'AccessDeniedException', status: 400 };
  const what = `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${resource}`;
  return new AwsError(code, what + (reason === undefined ? '' : ` ${clause(reason, action)}`), { status });
}

function clause(reason: Reason, action: string): string {
  if ('missing' in reason) return `because no ${reason.missing} policy allows the ${action} action`;
  const article = reason.denying === 'identity-based' ? 'an' : 'a';
  return `with an explicit deny in ${article} ${reason.denying} policy`;
}
