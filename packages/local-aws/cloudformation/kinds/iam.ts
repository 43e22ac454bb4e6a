/**
 * Roles and their policies. Policies are kept by name, so that a role whose policies are resources of their own is never
 * without them while a deployment runs.
 */
import { createHash } from 'node:crypto';
import type { JsonObject } from '../../call';
import type { PolicyDocument, Role } from '../../contracts';
import { withPolicies } from '../../iam/role-policies';
import type { Context, Kind, Made } from '../kind';
import { TemplateError } from '../resolve';

const role: Kind = {
  make(properties, context) {
    const name = String(properties['RoleName'] ?? context.generatedName.slice(0, 64));
    const Arn = `arn:aws:iam::${context.accountId}:role/${name}`;
    const inline = ((properties['Policies'] ?? []) as readonly JsonObject[]).map(
      ({ PolicyName, PolicyDocument }) => [`inline ${PolicyName}`, PolicyDocument] as const,
    );
    const managed = ((properties['ManagedPolicyArns'] ?? []) as readonly string[]).flatMap((arn) => {
      const document = managedPolicy(arn, context);
      return document ? [[`managed ${arn}`, document] as const] : [];
    });
    const kept = Object.entries(notesOf(Arn, context)).filter(([policy]) => policy.startsWith('attached '));
    const RoleId = context.iam.roleOf(Arn)?.principalId ?? principalIdOf(context);
    const trustPolicy = properties['AssumeRolePolicyDocument'] as unknown as PolicyDocument;
    const made: Role = { arn: Arn, name, accountId: context.accountId, principalId: RoleId, trustPolicy, policies: [] };
    attach(made, Object.fromEntries([...inline, ...managed, ...kept]) as JsonObject, context);
    return { physicalId: name, attributes: { Arn, RoleId } };
  },
};

const policy: Kind = {
  make(properties, context) {
    const document = properties['PolicyDocument'];
    const policyName = String(properties['PolicyName'] ?? context.generatedName);
    for (const name of (properties['Roles'] ?? []) as readonly string[]) {
      const arn = `arn:aws:iam::${context.accountId}:role/${name}`;
      const role = context.iam.roleOf(arn);
      if (role === undefined) throw new TemplateError(`The role ${arn} does not exist.`);
      // Earlier releases noted it under its logical id.
      const { [`attached ${context.logicalId}`]: _, ...others } = notesOf(arn, context);
      attach(role, { ...others, [`attached ${policyName}`]: document }, context);
    }
    return { physicalId: policyName };
  },
};

const customerManagedPolicy: Kind = {
  make(properties, context) {
    const name = String(properties['ManagedPolicyName'] ?? context.generatedName);
    const arn = `arn:aws:iam::${context.accountId}:policy/${name}`;
    context.notes.set(`policy ${arn}`, properties['PolicyDocument'] as JsonObject);
    context.iam.putManagedPolicy(arn, properties['PolicyDocument'] as unknown as PolicyDocument);
    policy.make({ ...properties, PolicyName: arn }, context);
    return { physicalId: arn, attributes: { PolicyArn: arn } } satisfies Made;
  },
};

export const IAM_KINDS: Readonly<Record<string, Kind>> = {
  'AWS::IAM::Role': role,
  'AWS::IAM::Policy': policy,
  'AWS::IAM::ManagedPolicy': customerManagedPolicy,
};

/** Policies of AWS's own that only let a function write its log, which costs no permission here. */
const LOG_ONLY = new Set(['arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole']);

function managedPolicy(arn: string, context: Context): JsonObject | undefined {
  const document = context.notes.get(`policy ${arn}`);
  if (document || LOG_ONLY.has(arn)) return document;
  throw new TemplateError(`The managed policy ${arn} is not known to local AWS: write its statements into the role.`);
}

function notesOf(roleArn: string, context: Context): JsonObject {
  return context.notes.get(`role ${roleArn}`) ?? {};
}

function attach(role: Role, policies: JsonObject, context: Context): void {
  context.notes.set(`role ${role.arn}`, policies);
  const named = Object.entries(policies).map(([name, document]) => ({
    // `inline`, `managed` or `attached`, and the policy's name or ARN.
    name: name.slice(name.indexOf(' ') + 1),
    document: document as unknown as PolicyDocument,
  }));
  context.iam.putRole(withPolicies(role, named));
}

/** `AROA` and 17 letters or digits, as AWS writes it; the same for the same role of the same stack. */
function principalIdOf(context: Context): string {
  const seed = `${context.accountId} ${context.stackName} ${context.logicalId}`;
  const digest = createHash('sha256').update(seed).digest('hex').toUpperCase();
  return `AROA${digest.slice(0, 17)}`;
}
