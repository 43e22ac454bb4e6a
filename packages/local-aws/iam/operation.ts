/** What the operations of IAM's API have in common: what they stand on, how they read their input, and what they give. */
import { AwsError, type Call, type JsonObject } from '../call';
import type { Iam, PolicyDocument, Role } from '../contracts';

/** What a call does and gives. @throws AwsError */
export interface Operation {
  readonly isRead: boolean;
  /** What the permission is asked for. */
  readonly resource: 'role' | 'policy';
  readonly run: (call: Call, iam: Iam) => JsonObject;
}

/** @throws AwsError where a field is missing. */
export function text(input: JsonObject, name: string): string {
  const value = input[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new AwsError(
    'ValidationError',
    `1 validation error detected: Value null at '${name.charAt(0).toLowerCase()}${name.slice(1)}' failed to satisfy constraint: Member must not be null`,
  );
}

/** A document as IAM takes it: JSON as text. @throws AwsError `MalformedPolicyDocument`. */
export function documentIn(input: JsonObject, name: string): PolicyDocument {
  try {
    const document = JSON.parse(text(input, name)) as Partial<PolicyDocument> | null;
    if (typeof document?.Statement === 'object') return document as PolicyDocument;
  } catch (error) {
    if (error instanceof AwsError) throw error;
  }
  throw new AwsError('MalformedPolicyDocument', 'Syntax errors in policy.');
}

/** As IAM gives it: encoded by RFC 3986. Source: IAM API reference, GetRole. */
export const encoded = (document: PolicyDocument): string =>
  encodeURIComponent(JSON.stringify(document)).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** @throws AwsError `NoSuchEntity`. */
export function roleIn({ caller: { accountId }, input }: Call, iam: Iam): Role {
  const name = text(input, 'RoleName');
  const role = iam.roleNamed(accountId, name);
  if (role) return role;
  throw noSuchEntity(`The role with name ${name} cannot be found.`);
}

/** Source: IAM API reference, errors of GetRole: HTTP status 404. */
export const noSuchEntity = (message: string): AwsError => new AwsError('NoSuchEntity', message, { status: 404 });
