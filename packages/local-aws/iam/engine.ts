/**
 * IAM's own API on this machine, as far as it is about roles: reading a role with its policies, and what makes, changes and breaks one.
 *
 * IAM is global: whatever region signs a call, it is recorded in us-east-1, and reaches EventBridge there alone. Source: IAM User Guide,
 * "Logging IAM and AWS STS API calls with AWS CloudTrail"; AWS re:Post, "iam eventbridge sns rule".
 *
 * Not as in AWS: that a principal of a trust policy exists is not checked, and a change shows at once. Not confirmed: by which ARN AWS
 * checks a call that names a role that does not exist, whose path nobody knows; here by one without a path.
 */
import { AwsError, type Call, type Engine, type JsonObject, type Outcome, outcomeOf, type TrailDetails } from '../call';
import type { Iam } from '../contracts';
import { own } from '../own-property';
import { type Operation, text } from './operation';
import { policyOperations } from './policy-operations';
import { roleOperations } from './role-operations';

export function iamEngine({ iam }: { readonly iam: Iam }): Engine {
  const operations: Readonly<Record<string, Operation>> = { ...roleOperations, ...policyOperations };

  return {
    service: 'iam',
    async handle(call) {
      const operation = own(operations, call.operation);
      const asked = await outcomeOf((): Outcome => {
        if (!operation) throw new AwsError('InvalidAction', `Local IAM has no ${call.operation}.`);
        permit(call, operation, iam);
        return { output: operation.run(call, iam) };
      });
      return operation ? { ...asked, trail: trailOf(call, operation) } : asked;
    },
  };
}

function permit(call: Call, { resource }: Operation, iam: Iam): void {
  const { caller, input, operation } = call;
  const { accountId } = caller;
  iam.require(caller, {
    action: `iam:${operation}`,
    resource: resource === 'role' ? roleArnOf(call, iam) : policyArnOf(input, accountId),
    resourceAccountId: accountId,
  });
}

function roleArnOf({ caller: { accountId }, input }: Call, iam: Iam): string {
  const name = text(input, 'RoleName');
  return iam.roleNamed(accountId, name)?.arn ?? `arn:aws:iam::${accountId}:role/${name}`;
}

const policyArnOf = (input: JsonObject, accountId: string): string =>
  typeof input['PolicyArn'] === 'string'
    ? input['PolicyArn']
    : `arn:aws:iam::${accountId}:policy/${text(input, 'PolicyName')}`;

/**
 * Names begin in lower case, and no answer of a change but of one that makes something. Source: records in the IAM User Guide, "Logging IAM
 * and AWS STS API calls with AWS CloudTrail".
 */
function trailOf({ input }: Call, { isRead }: Operation): TrailDetails {
  const entries = Object.entries(input).map(([name, value]) => [name.charAt(0).toLowerCase() + name.slice(1), value]);
  return {
    eventSource: 'iam.amazonaws.com',
    region: 'us-east-1',
    readOnly: isRead,
    requestParameters: Object.fromEntries(entries),
    responseElements: null,
  };
}
