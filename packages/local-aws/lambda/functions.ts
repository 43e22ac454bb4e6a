/**
 * The functions that exist: configuration, where the code lies, who may invoke them.
 */
import { createHash } from 'node:crypto';
import { AwsError, type JsonObject, type Principal } from '../call';
import type { EngineDeps, Iam, PolicyDocument } from '../contracts';
import { type Code, unpack } from './code';

export interface FunctionConfiguration {
  readonly name: string;
  readonly accountId: string;
  readonly region: string;
  readonly roleArn: string;
  /** `nodejs24.x`: told to the function; what runs it is this machine's Node.js. */
  readonly runtime: string;
  /** `index.handler`: module and export. */
  readonly handler: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly variables: Readonly<Record<string, string>>;
  /** At most so many invocations at once; 0 switches the function off. The account's limit only when left out. */
  readonly reservedConcurrency?: number;
  /** Where asynchronous events go that failed for good: a queue. */
  readonly deadLetterArn?: string;
}

/** How asynchronous invocations end. Source of bounds and defaults: Lambda API, PutFunctionEventInvokeConfig. */
export interface AsynchronousConfiguration {
  /** 0 to 2; 2 when left out. */
  readonly retriesMax?: number;
  /** 60 to 21,600; 21,600 when left out. */
  readonly ageSecondsMax?: number;
  readonly onFailureArn?: string;
  readonly onSuccessArn?: string;
}

export interface LambdaFunction extends FunctionConfiguration {
  readonly arn: string;
  readonly codeFolder: string;
  readonly codeSha256: string;
  /** Changes whenever an execution environment of the function has to be made anew. */
  readonly revision: string;
  readonly asynchronous: AsynchronousConfiguration;
  readonly policy: readonly PermissionStatement[];
}

/** A statement of a function's resource policy, as AddPermission takes it. */
export interface PermissionStatement {
  readonly id: string;
  /** A service such as `events.amazonaws.com`, an account id, or an ARN. */
  readonly principal: string;
  readonly action: string;
  readonly sourceArn?: string;
  readonly sourceAccount?: string;
  /** Admits only by a function URL of this kind; only by a function URL at all. */
  readonly functionUrlAuthType?: string;
  readonly invokedViaFunctionUrl?: boolean;
}

export interface Functions {
  /** Creates a function or brings it up to date: safe to repeat, and what did not change stays warm. */
  put(configuration: FunctionConfiguration, code: Code): LambdaFunction;
  /** By name or ARN, with or without a qualifier. @throws AwsError ResourceNotFoundException */
  get(nameOrArn: string, home?: { readonly accountId: string; readonly region: string }): LambdaFunction;
  all(): readonly LambdaFunction[];
  permit(arn: string, statement: PermissionStatement): void;
  setAsynchronous(arn: string, asynchronous: AsynchronousConfiguration): void;
  /** @throws AwsError AccessDeniedException unless the function's policy or the caller's own policies admit the caller. */
  requireInvoke(
    target: LambdaFunction,
    caller: Principal,
    source?: { readonly arn: string; readonly accountId: string },
  ): void;
  /**
   * The same for a request to the function's URL, which takes both permissions.
   * Source: Lambda developer guide, "Control access to Lambda function URLs" (since October 2025).
   */
  requireInvokeByUrl(target: LambdaFunction, caller: Principal): void;
  /** @throws AwsError AccessDeniedException unless the function's own policy lets everybody in by a URL that asks for no signature. */
  requireOpenUrl(target: LambdaFunction): void;
}

/** Whom a function URL does not admit. Source: seen on AWS, header and body alike for every reason. */
export const FORBIDDEN =
  'Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html';

const BY_URL = [
  { action: 'lambda:InvokeFunctionUrl', conditions: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } },
  { action: 'lambda:InvokeFunction', conditions: { 'lambda:InvokedViaFunctionUrl': 'true' } },
] as const;

export function functions(world: EngineDeps, parts: { readonly iam: Iam; readonly cacheFolder: string }): Functions {
  const rows = world.store.table<LambdaFunction>('lambda-functions');
  const byArn = (arn: string): LambdaFunction => {
    const row = rows.get(arn);
    if (row) return row;
    throw new AwsError('ResourceNotFoundException', `Function not found: ${arn}`, { status: 404 });
  };

  return {
    put(configuration, code) {
      const arn = `arn:aws:lambda:${configuration.region}:${configuration.accountId}:function:${configuration.name}`;
      const { folder, sha256 } = unpack(code, parts.cacheFolder, configuration.handler);
      const revision = createHash('sha256')
        .update(JSON.stringify([configuration, sha256]))
        .digest('hex');
      const existing = rows.get(arn);
      const row: LambdaFunction = {
        ...configuration,
        arn,
        codeFolder: folder,
        codeSha256: sha256,
        revision,
        asynchronous: existing?.asynchronous ?? {},
        policy: existing?.policy ?? [],
      };
      rows.set(arn, row);
      return row;
    },
    get: (nameOrArn, home) => byArn(arnOf(nameOrArn, home)),
    all: () => [...rows.values()],
    permit(arn, statement) {
      const row = byArn(arn);
      rows.set(arn, { ...row, policy: [...row.policy.filter(({ id }) => id !== statement.id), statement] });
    },
    setAsynchronous(arn, asynchronous) {
      rows.set(arn, { ...byArn(arn), asynchronous });
    },
    requireInvoke(target, caller, source) {
      parts.iam.require(caller, {
        action: 'lambda:InvokeFunction',
        resource: target.arn,
        resourceAccountId: target.accountId,
        resourcePolicy: policyOf(target),
        ...(source && { conditions: { 'aws:SourceArn': source.arn, 'aws:SourceAccount': source.accountId } }),
      });
    },
    requireInvokeByUrl(target, caller) {
      const to = { resource: target.arn, resourceAccountId: target.accountId, resourcePolicy: policyOf(target) };
      try {
        for (const permission of BY_URL) parts.iam.require(caller, { ...permission, ...to });
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        throw new AwsError('AccessDeniedException', FORBIDDEN, { status: 403 });
      }
    },
    requireOpenUrl({ policy }) {
      const admits = (fits: (statement: PermissionStatement) => boolean) => policy.filter(isForAll).some(fits);
      const isAdmitted =
        admits((one) => one.action === 'lambda:InvokeFunctionUrl' && one.functionUrlAuthType === 'NONE') &&
        admits((one) => one.action === 'lambda:InvokeFunction' && one.invokedViaFunctionUrl === true);
      if (!isAdmitted) throw new AwsError('AccessDeniedException', FORBIDDEN, { status: 403 });
    },
  };
}

const isForAll = ({ principal, sourceArn, sourceAccount }: PermissionStatement): boolean =>
  principal === '*' && sourceArn === undefined && sourceAccount === undefined;

/** `NAME`, `NAME:QUALIFIER`, `ACCOUNT:function:NAME` and the full ARN all name the one version that runs here. */
function arnOf(nameOrArn: string, home: { accountId: string; region: string } = { accountId: '', region: '' }): string {
  const parts = nameOrArn.split(':');
  if (nameOrArn.startsWith('arn:')) return parts.slice(0, 7).join(':');
  const [accountId, name] = parts[1] === 'function' ? [parts[0], parts[2]] : [home.accountId, parts[0]];
  return `arn:aws:lambda:${home.region}:${accountId}:function:${name}`;
}

function policyOf(target: LambdaFunction): PolicyDocument {
  return { Version: '2012-10-17', Statement: target.policy.map((statement) => statementOf(statement, target.arn)) };
}

function statementOf(statement: PermissionStatement, resource: string): JsonObject {
  const equal = {
    ...(statement.sourceAccount && { 'aws:SourceAccount': statement.sourceAccount }),
    ...(statement.functionUrlAuthType && { 'lambda:FunctionUrlAuthType': statement.functionUrlAuthType }),
  };
  const conditions: JsonObject = {
    ...(statement.sourceArn && { ArnLike: { 'aws:SourceArn': statement.sourceArn } }),
    ...(Object.keys(equal).length > 0 && { StringEquals: equal }),
    ...(statement.invokedViaFunctionUrl && { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } }),
  };
  return {
    Sid: statement.id,
    Effect: 'Allow',
    Principal: principalOf(statement.principal),
    Action: statement.action,
    Resource: resource,
    ...(Object.keys(conditions).length > 0 && { Condition: conditions }),
  };
}

function principalOf(principal: string): JsonObject {
  if (principal.endsWith('.amazonaws.com')) return { Service: principal };
  return { AWS: /^\d{12}$/.test(principal) ? `arn:aws:iam::${principal}:root` : principal };
}
