/**
 * Carries out a packaged CloudFormation template in one account of local AWS.
 *
 * Resources are made in the order of their dependencies, through the engines and as the account's administrator, so that
 * what AWS would refuse is refused here. Deploying again over kept state brings code and configuration up to date and
 * keeps what holds data: tables, queues, buckets and keys. A resource that a later template no longer names stays, unless
 * it would go on acting: rules, schedules and event source mappings are taken away.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { AwsError, type JsonObject } from '../call';
import type { EngineDeps } from '../contracts';
import type { Lambda } from '../lambda/engine';
import { own } from '../own-property';
import { type AdministratorParts, administratorCalls } from './administrator';
import type { Context, Kind, Made } from './kind';
import { DYNAMODB_KINDS } from './kinds/dynamodb';
import { EVENTS_KINDS } from './kinds/events';
import { IAM_KINDS } from './kinds/iam';
import { INERT_KINDS } from './kinds/inert';
import { KMS_KINDS } from './kinds/kms';
import { LAMBDA_KINDS } from './kinds/lambda';
import { S3_KINDS } from './kinds/s3';
import { SCHEDULER_KINDS } from './kinds/scheduler';
import { SNS_KINDS } from './kinds/sns';
import { SQS_KINDS } from './kinds/sqs';
import { inOrder } from './order';
import { resolve, resolveFields, TemplateError } from './resolve';
import { scopeOf } from './scope';
import type { Template } from './template';

export interface DeployOptions {
  readonly accountId: string;
  readonly region: string;
  readonly stackName: string;
  /** The folder with the artifacts that the template's functions name. */
  readonly artifacts?: string;
  readonly parameters?: Readonly<Record<string, string>>;
}

export interface Stack {
  readonly stackName: string;
  readonly outputs: Readonly<Record<string, string>>;
  /** What `Ref` gives for each logical id. */
  readonly physicalIds: Readonly<Record<string, string>>;
}

export interface CloudFormation {
  /**
   * Safe to repeat, and after a failure or a kill in the middle.
   *
   * @throws TemplateError for what the template asks and the deployer does not know; AwsError as the engine gave it, the
   * message beginning with the resource.
   */
  deploy(template: Template, options: DeployOptions): Promise<Stack>;
}

export interface CloudFormationParts extends Omit<AdministratorParts, 'store'> {
  readonly lambda: Lambda;
}

const KINDS: Readonly<Record<string, Kind>> = {
  ...DYNAMODB_KINDS,
  ...EVENTS_KINDS,
  ...IAM_KINDS,
  ...INERT_KINDS,
  ...KMS_KINDS,
  ...LAMBDA_KINDS,
  ...S3_KINDS,
  ...SCHEDULER_KINDS,
  ...SNS_KINDS,
  ...SQS_KINDS,
};

type Row = Made & { readonly type: string };

export function cloudFormation(world: EngineDeps, parts: CloudFormationParts): CloudFormation {
  const rows = world.store.table<Row>('cloudformation-resources');
  const notes = world.store.table<JsonObject>('cloudformation-notes');

  const contextOf = (options: DeployOptions, logicalId: string, existing: Made | undefined): Context => ({
    ...options,
    ...administratorCalls({ ...parts, store: world.store }, options),
    logicalId,
    existing,
    generatedName: generatedName(options, logicalId),
    iam: parts.iam,
    lambda: parts.lambda,
    artifact: (key) => readFileSync(join(options.artifacts ?? '.', basename(key))),
    notes: { get: notes.get, set: notes.set },
  });

  const make = async (
    options: DeployOptions,
    logicalId: string,
    type: string,
    properties: JsonObject,
  ): Promise<Row> => {
    const name = rowName(options, logicalId);
    const before = rows.get(name);
    const context = contextOf(options, logicalId, before?.type === type ? before : undefined);
    const row = { type, ...(await kindOf(type, logicalId).make(properties, context)) };
    if (JSON.stringify(before) !== JSON.stringify(row)) rows.set(name, row);
    return row;
  };

  const removeGone = async (options: DeployOptions, isNamed: (logicalId: string) => boolean) => {
    const prefix = rowName(options, '');
    for (const [name, row] of [...rows.entries()]) {
      const logicalId = name.slice(prefix.length);
      const remove = own(KINDS, row.type)?.remove;
      if (!name.startsWith(prefix) || isNamed(logicalId) || remove === undefined) continue;
      await remove(row, contextOf(options, logicalId, row));
      rows.delete(name);
    }
  };

  return {
    async deploy(template, options) {
      const made = new Map<string, Row>();
      const scope = scopeOf(template, options, made);
      const logicalIds = inOrder(template.Resources).filter((logicalId) =>
        scope.isWanted(template.Resources[logicalId]),
      );
      for (const logicalId of logicalIds) kindOf(template.Resources[logicalId]?.Type ?? '', logicalId);
      for (const logicalId of logicalIds) {
        const { Type = '', Properties = {} } = template.Resources[logicalId] ?? {};
        const row = await naming(logicalId, Type, () =>
          make(options, logicalId, Type, resolveFields(Properties, scope)),
        );
        made.set(logicalId, row);
      }
      await removeGone(options, (logicalId) => made.has(logicalId));
      const outputs = Object.entries(template.Outputs ?? {})
        .filter(([, output]) => scope.isWanted(output))
        .map(([name, { Value }]) => [name, String(resolve(Value, scope))] as const);
      return {
        stackName: options.stackName,
        outputs: Object.fromEntries(outputs),
        physicalIds: Object.fromEntries([...made].map(([logicalId, { physicalId }]) => [logicalId, physicalId])),
      };
    },
  };
}

function kindOf(type: string, logicalId: string): Kind {
  const kind = own(KINDS, type);
  if (kind) return kind;
  throw new TemplateError(`Resource ${logicalId}: the type ${type} is not supported by the local deployer.`);
}

/** Tells in any error which resource it came from. */
async function naming<Result>(logicalId: string, type: string, run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    const text = `Resource ${logicalId} (${type}): ${error instanceof Error ? error.message : String(error)}`;
    if (error instanceof AwsError) throw new AwsError(error.code, text, { status: error.status, fields: error.fields });
    throw error instanceof TemplateError ? new TemplateError(text) : new Error(text, { cause: error });
  }
}

function rowName({ accountId, region, stackName }: DeployOptions, logicalId: string): string {
  return `${accountId}/${region}/${stackName}/${logicalId}`;
}

/** `stack-Resource-1A2B3C4D5E6F`, as AWS makes names up, except that the end does not change from one deployment to the next. */
function generatedName(options: DeployOptions, logicalId: string): string {
  const digest = createHash('sha256').update(rowName(options, logicalId)).digest('hex').slice(0, 12).toUpperCase();
  return `${options.stackName.slice(0, 24)}-${logicalId.slice(0, 24)}-${digest}`;
}
