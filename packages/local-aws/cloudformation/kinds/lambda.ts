import { zipSync } from 'fflate';
import type { JsonObject } from '../../call';
import type { Context, Kind } from '../kind';
import { TemplateError } from '../resolve';

/** Seconds and megabytes where a template says nothing. Source: CloudFormation, AWS::Lambda::Function. */
const TIMEOUT_SECONDS = 3;
const MEMORY_MB = 128;
/** Source: CloudFormation, AWS::Lambda::EventSourceMapping, BatchSize. */
const BATCH_SIZE = { sqs: 10, dynamodb: 100 } as const;

const lambdaFunction: Kind = {
  make(properties, context) {
    const name = String(properties['FunctionName'] ?? context.generatedName.slice(0, 64));
    const reserved = properties['ReservedConcurrentExecutions'];
    const deadLetter = (properties['DeadLetterConfig'] as JsonObject | undefined)?.['TargetArn'];
    const environment = (properties['Environment'] as JsonObject | undefined)?.['Variables'] ?? {};
    const made = context.lambda.createFunction(
      {
        name,
        accountId: context.accountId,
        region: context.region,
        roleArn: String(properties['Role']),
        runtime: String(properties['Runtime'] ?? 'nodejs24.x'),
        handler: String(properties['Handler']),
        timeoutSeconds: Number(properties['Timeout'] ?? TIMEOUT_SECONDS),
        memoryMb: Number(properties['MemorySize'] ?? MEMORY_MB),
        variables: texts(environment as JsonObject),
        ...(reserved !== undefined && { reservedConcurrency: Number(reserved) }),
        ...(deadLetter !== undefined && { deadLetterArn: String(deadLetter) }),
      },
      { zip: codeOf(properties['Code'] as JsonObject, context) },
    );
    return { physicalId: name, attributes: { Arn: made.arn } };
  },
};

const eventSourceMapping: Kind = {
  async make(properties, context) {
    const sourceArn = String(properties['EventSourceArn']);
    const service = sourceArn.startsWith('arn:aws:sqs:') ? 'sqs' : 'dynamodb';
    const filters = ((properties['FilterCriteria'] as JsonObject | undefined)?.['Filters'] ??
      []) as readonly JsonObject[];
    const concurrency = (properties['ScalingConfig'] as JsonObject | undefined)?.['MaximumConcurrency'];
    const onFailure = destinationOf(properties, 'OnFailure');
    const retries = bound(properties['MaximumRetryAttempts']);
    const age = bound(properties['MaximumRecordAgeInSeconds']);
    const { id } = await context.lambda.createEventSourceMapping({
      functionArn: functionArnOf(properties['FunctionName'], context),
      sourceArn,
      isEnabled: properties['Enabled'] !== false,
      batchSize: Number(properties['BatchSize'] ?? BATCH_SIZE[service]),
      windowSeconds: Number(properties['MaximumBatchingWindowInSeconds'] ?? 0),
      reportsFailures: ((properties['FunctionResponseTypes'] ?? []) as readonly string[]).includes(
        'ReportBatchItemFailures',
      ),
      filters: filters.map(({ Pattern }) => (typeof Pattern === 'string' ? Pattern : JSON.stringify(Pattern))),
      bisectsOnError: properties['BisectBatchOnFunctionError'] === true,
      ...(concurrency !== undefined && { concurrencyMax: Number(concurrency) }),
      ...(properties['StartingPosition'] === 'LATEST' && { startingPosition: 'LATEST' as const }),
      ...(retries !== undefined && { retriesMax: retries }),
      ...(age !== undefined && { ageSecondsMax: age }),
      ...(onFailure && { onFailureArn: onFailure }),
    });
    return { physicalId: id, attributes: { Id: id } };
  },
  async remove({ physicalId }, context) {
    context.lambda.deleteEventSourceMapping(physicalId);
  },
};

const permission: Kind = {
  make(properties, context) {
    context.lambda.permit(functionArnOf(properties['FunctionName'], context), {
      id: context.generatedName,
      principal: String(properties['Principal']),
      action: String(properties['Action']),
      ...(properties['SourceArn'] !== undefined && { sourceArn: String(properties['SourceArn']) }),
      ...(properties['SourceAccount'] !== undefined && { sourceAccount: String(properties['SourceAccount']) }),
      ...(properties['FunctionUrlAuthType'] !== undefined && {
        functionUrlAuthType: String(properties['FunctionUrlAuthType']),
      }),
      ...(properties['InvokedViaFunctionUrl'] === true && { invokedViaFunctionUrl: true }),
    });
    return { physicalId: context.generatedName };
  },
};

const url: Kind = {
  make(properties, context) {
    const authType = properties['AuthType'];
    if (authType !== 'AWS_IAM' && authType !== 'NONE')
      throw new TemplateError('AuthType: must be AWS_IAM, for signed requests, or NONE, for anybody’s.');
    const functionArn = functionArnOf(properties['TargetFunctionArn'], context);
    const address = context.lambda.functionUrls.open(functionArn, authType);
    return { physicalId: functionArn, attributes: { FunctionArn: functionArn, FunctionUrl: address } };
  },
  async remove({ physicalId }, context) {
    context.lambda.functionUrls.close(physicalId);
  },
};

const eventInvokeConfig: Kind = {
  make(properties, context) {
    const [onFailureArn, onSuccessArn] = [
      destinationOf(properties, 'OnFailure'),
      destinationOf(properties, 'OnSuccess'),
    ];
    const [retries, age] = [properties['MaximumRetryAttempts'], properties['MaximumEventAgeInSeconds']];
    context.lambda.setAsynchronous(functionArnOf(properties['FunctionName'], context), {
      ...(retries !== undefined && { retriesMax: Number(retries) }),
      ...(age !== undefined && { ageSecondsMax: Number(age) }),
      ...(onFailureArn && { onFailureArn }),
      ...(onSuccessArn && { onSuccessArn }),
    });
    return { physicalId: context.generatedName };
  },
};

export const LAMBDA_KINDS: Readonly<Record<string, Kind>> = {
  'AWS::Lambda::Function': lambdaFunction,
  'AWS::Lambda::EventSourceMapping': eventSourceMapping,
  'AWS::Lambda::Permission': permission,
  'AWS::Lambda::Url': url,
  'AWS::Lambda::EventInvokeConfig': eventInvokeConfig,
};

/** The artifact beside the template, or the module written into it, which AWS names `index`. */
function codeOf(code: JsonObject, context: Context): Uint8Array {
  if (code['ZipFile'] === undefined) return context.artifact(String(code['S3Key']));
  return zipSync({ 'index.js': new TextEncoder().encode(String(code['ZipFile'])) });
}

function functionArnOf(nameOrArn: unknown, { accountId, region }: Context): string {
  const text = String(nameOrArn);
  return text.startsWith('arn:')
    ? text.split(':').slice(0, 7).join(':')
    : `arn:aws:lambda:${region}:${accountId}:function:${text}`;
}

function destinationOf(properties: JsonObject, when: 'OnFailure' | 'OnSuccess'): string | undefined {
  const configuration = properties['DestinationConfig'] as { [name: string]: { Destination?: string } } | undefined;
  return configuration?.[when]?.Destination;
}

/** -1 means without an end. */
function bound(value: unknown): number | undefined {
  return value === undefined || Number(value) < 0 ? undefined : Number(value);
}

function texts(fields: JsonObject): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]));
}
