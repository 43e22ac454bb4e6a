/**
 * The input of AssumeRole, checked as AWS does: each field against its constraints, then what they mean together.
 * Source: STS API reference, AssumeRole; texts recorded from AWS.
 */
import { AwsError, type Json, type JsonObject } from '../call';
import type { PolicyDocument } from '../contracts';

export interface AssumeRoleInput {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly durationSeconds: number;
  readonly externalId: string | undefined;
  readonly sourceIdentity: string | undefined;
  readonly policy: PolicyDocument | undefined;
}

interface Constraint {
  readonly lengthMin: number;
  readonly lengthMax: number;
  readonly pattern?: string;
}

const CONSTRAINTS = {
  RoleArn: { lengthMin: 20, lengthMax: 2048 },
  RoleSessionName: { lengthMin: 2, lengthMax: 64, pattern: '[\\w+=,.@-]*' },
  ExternalId: { lengthMin: 2, lengthMax: 1224, pattern: '[\\w+=,.@:\\/-]*' },
  SourceIdentity: { lengthMin: 2, lengthMax: 64, pattern: '[\\w+=,.@-]*' },
  Policy: { lengthMin: 1, lengthMax: 2048 },
} as const satisfies Record<string, Constraint>;

const DURATION_SECONDS = { min: 900, max: 43_200, default: 3_600 };

export function assumeRoleInput(input: JsonObject): AssumeRoleInput {
  const roleArn = required(input, 'RoleArn');
  const sessionName = required(input, 'RoleSessionName');
  const externalId = text(input, 'ExternalId');
  const sourceIdentity = text(input, 'SourceIdentity');
  const policy = text(input, 'Policy');
  const durationSeconds = duration(input['DurationSeconds']);
  if (!isArn(roleArn)) throw invalid(`${roleArn} is invalid`);
  checkTags(input);
  if (input['PolicyArns'] !== undefined) {
    throw new AwsError('InvalidParameterValue', 'Local AWS has no managed policies: give a session policy in Policy.');
  }
  return {
    roleArn,
    sessionName,
    durationSeconds,
    externalId,
    sourceIdentity,
    policy: policy === undefined ? undefined : parsed(policy),
  };
}

function required(input: JsonObject, name: keyof typeof CONSTRAINTS): string {
  const value = text(input, name);
  if (value !== undefined) return value;
  throw violation(`Value at '${memberName(name)}' failed to satisfy constraint: Member must not be null`);
}

function text(input: JsonObject, name: keyof typeof CONSTRAINTS): string | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  const { lengthMin, lengthMax, pattern }: Constraint = CONSTRAINTS[name];
  const fails = (rule: string) =>
    violation(`Value '${value}' at '${memberName(name)}' failed to satisfy constraint: Member must ${rule}`);
  if (typeof value !== 'string') throw fails('be a string');
  if (value.length < lengthMin) throw fails(`have length greater than or equal to ${lengthMin}`);
  if (value.length > lengthMax) throw fails(`have length less than or equal to ${lengthMax}`);
  if (pattern !== undefined && !new RegExp(`^${pattern}$`).test(value)) {
    throw fails(`satisfy regular expression pattern: ${pattern}`);
  }
  return value;
}

function duration(value: Json | undefined): number {
  if (value === undefined || value === null) return DURATION_SECONDS.default;
  const fails = (rule: string) =>
    violation(`Value '${value}' at 'durationSeconds' failed to satisfy constraint: Member must ${rule}`);
  if (typeof value !== 'number' || !Number.isInteger(value)) throw fails('be a whole number');
  if (value < DURATION_SECONDS.min) throw fails(`have value greater than or equal to ${DURATION_SECONDS.min}`);
  if (value > DURATION_SECONDS.max) throw fails(`have value less than or equal to ${DURATION_SECONDS.max}`);
  return value;
}

/** Six parts, of which partition, service and resource say something. */
function isArn(arn: string): boolean {
  const [scheme, partition, service, , , ...resource] = arn.split(':');
  return scheme === 'arn' && Boolean(partition) && Boolean(service) && resource.join(':') !== '';
}

/** Session tags are checked and not kept: no policy of local AWS reads them. */
function checkTags(input: JsonObject): void {
  const keys = listOf(input['Tags']).map((tag) => String((tag as JsonObject)['Key']).toLowerCase());
  if (new Set(keys).size < keys.length) {
    throw new AwsError(
      'InvalidParameterValue',
      'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
    );
  }
  const strangers = listOf(input['TransitiveTagKeys']).filter((key) => !keys.includes(String(key).toLowerCase()));
  if (strangers.length > 0) {
    throw new AwsError(
      'InvalidParameterValue',
      'The specified transitive tag key must be included in the requested tags.',
    );
  }
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

function parsed(policy: string): PolicyDocument {
  try {
    const document = JSON.parse(policy) as Partial<PolicyDocument> | null;
    if (typeof document?.Statement === 'object') return document as PolicyDocument;
  } catch {
    // Refused below, like a document without statements.
  }
  throw new AwsError('MalformedPolicyDocument', 'The session policy is not a policy document.');
}

/** Constraint texts name members with a small first letter. */
function memberName(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

function violation(text: string): AwsError {
  return invalid(`1 validation error detected: ${text}`);
}

export function invalid(text: string): AwsError {
  return new AwsError('ValidationError', text);
}
