/** STS of local AWS: who am I, and sessions of roles. Source: STS API reference. */
import { AwsError, type Call, type Engine, type JsonObject, type Outcome, outcomeOf, type TrailDetails } from '../call';
import type { Iam, Role } from '../contracts';
import { accessDenied } from '../iam/denial';
import type { Credentials } from '../iam/iam';
import { policyFault } from '../iam/policy';
import { humanInstant } from '../kms/trail-notes';
import { own } from '../own-property';
import { type AssumeRoleInput, assumeRoleInput, invalid } from './assume-role-input';

/** A role that is assumed with the credentials of another role gives an hour at most. A role made here allows as much. */
const CHAINED_SECONDS_MAX = 3_600;
const ROLE_SECONDS_MAX = 3_600;

export function sts(parts: { readonly iam: Iam & Credentials }): Engine {
  const operations: Readonly<Record<string, (call: Call) => Promise<Outcome>>> = {
    GetCallerIdentity: async ({ caller }) => ({
      output: { UserId: caller.principalId, Account: caller.accountId, Arn: caller.arn },
      trail: trailOf(null, null),
    }),
    AssumeRole: (call) => assumeRole(call, parts.iam),
  };
  return {
    service: 'sts',
    handle: (call) =>
      outcomeOf(() => {
        const operation = own(operations, call.operation);
        if (operation) return operation(call);
        throw new AwsError('InvalidAction', `Could not find operation ${call.operation} for version 2011-06-15`);
      }),
  };
}

async function assumeRole(call: Call, iam: Iam & Credentials): Promise<Outcome> {
  const asked = await outcomeOf(() => opened(call, iam));
  return { ...asked, trail: asked.trail ?? trailOf(loggedInput(call.input), null) };
}

function opened(call: Call, iam: Iam & Credentials): Outcome {
  const input = assumeRoleInput(call.input);
  const role = trustedRole(call, input, iam);
  checkDuration(call, input);
  const fault = input.policy && policyFault(input.policy);
  if (fault !== undefined) throw new AwsError('MalformedPolicyDocument', fault);

  const session = iam.openSession(role.arn, input.sessionName, input.durationSeconds, input.policy);
  const user = {
    arn: `arn:aws:sts::${role.accountId}:assumed-role/${role.name}/${input.sessionName}`,
    assumedRoleId: `${role.principalId}:${input.sessionName}`,
  };
  return {
    output: {
      Credentials: {
        AccessKeyId: session.accessKeyId,
        SecretAccessKey: session.secretAccessKey,
        SessionToken: session.sessionToken,
        Expiration: Math.floor(session.expiresAt / 1000),
      },
      AssumedRoleUser: { AssumedRoleId: user.assumedRoleId, Arn: user.arn },
      ...(input.sourceIdentity !== undefined && { SourceIdentity: input.sourceIdentity }),
    },
    trail: {
      ...trailOf(loggedInput(call.input), {
        // AWS logs the session token as well; no credential of ours is ever logged.
        credentials: { accessKeyId: session.accessKeyId, expiration: humanInstant(session.expiresAt) },
        assumedRoleUser: user,
      }),
      resources: [{ accountId: role.accountId, type: 'AWS::IAM::Role', ARN: role.arn }],
    },
  };
}

/** A role that is not there and one that does not trust the caller are refused in the same words. */
function trustedRole({ caller }: Call, input: AssumeRoleInput, iam: Iam & Credentials): Role {
  const role = iam.roleOf(input.roleArn);
  const said = {
    'sts:ExternalId': input.externalId,
    'sts:RoleSessionName': input.sessionName,
    'sts:SourceIdentity': input.sourceIdentity,
  };
  const conditions = Object.fromEntries(
    Object.entries(said).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
  if (role && iam.trusts(role, caller, conditions)) return role;
  throw accessDenied(caller, 'sts:AssumeRole', input.roleArn);
}

function checkDuration({ caller }: Call, { durationSeconds }: AssumeRoleInput): void {
  if (caller.type === 'AssumedRole' && durationSeconds > CHAINED_SECONDS_MAX) {
    throw invalid('The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.');
  }
  if (durationSeconds > ROLE_SECONDS_MAX) {
    throw invalid('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  }
}

function trailOf(requestParameters: JsonObject | null, responseElements: JsonObject | null): TrailDetails {
  return { eventSource: 'sts.amazonaws.com', readOnly: true, requestParameters, responseElements };
}

const LOGGED = ['RoleArn', 'RoleSessionName', 'ExternalId', 'DurationSeconds', 'Policy', 'SourceIdentity'];

function loggedInput(input: JsonObject): JsonObject {
  const shown = LOGGED.filter((name) => input[name] !== undefined);
  return Object.fromEntries(shown.map((name) => [name.charAt(0).toLowerCase() + name.slice(1), input[name]]));
}
