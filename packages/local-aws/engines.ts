/** Every service's engine, each given those it calls. */
import { join } from 'node:path';
import { type CloudFormation, cloudFormation } from './cloudformation/deploy';
import { cloudTrail, type OwnedTrail } from './cloudtrail/cloudtrail';
import { cloudTrailEngine } from './cloudtrail/engine';
import type { Buses, EngineDeps, Iam, Targets, Ticking } from './contracts';
import type { AnyEngine, RestEngine } from './door/rest';
import type { Dynamo } from './dynamodb/dynamodb';
import { eventBridge } from './eventbridge/engine';
import { iamEngine } from './iam/engine';
import type { Credentials } from './iam/iam';
import { type KmsOptions, kmsEngine } from './kms/engine';
import { type Lambda, type LambdaOptions, lambda } from './lambda/engine';
import { s3 } from './s3/engine';
import { scheduler } from './scheduler/engine';
import { sns } from './sns/engine';
import { sqs } from './sqs/engine';
import { sts } from './sts/engine';

export interface Engines {
  readonly all: readonly AnyEngine[];
  readonly trail: OwnedTrail;
  readonly stacks: CloudFormation;
  readonly lambdaLogs: Lambda['logsOf'];
  readonly serviceEvent: Buses['publish'];
  /** Moves whatever is due. */
  tick(): void;
  /** Whether nothing is on its way at this moment. */
  isIdle(): Promise<boolean>;
  close(): Promise<void>;
}

interface EnginesOptions extends Pick<LambdaOptions, 'onLog' | 'retrySeconds'> {
  /** Keeps logs and objects there. In memory only when left out. */
  readonly folder?: string;
  /** Where code is unpacked. */
  readonly scratch: string;
  readonly quotas?: NonNullable<KmsOptions['quotas']>;
}

/** DynamoDB's operations after which no stream can hold anything new. */
const READS = /\.(Get|BatchGet|TransactGet|Query|Scan|Describe|List)/;

export function openEngines(
  world: EngineDeps,
  parts: { readonly iam: Iam & Credentials; readonly tables: Dynamo; readonly endpoint: () => string },
  options: EnginesOptions,
): Engines {
  const { iam, tables, endpoint } = parts;
  const { folder, scratch, quotas } = options;
  const queues = sqs(world, { iam, accountUrl: endpoint });
  const functions = lambda(
    world,
    { iam, sqs: queues, queues, streams: tables.streams, endpoint },
    {
      codeFolder: join(scratch, 'code'),
      logFolder: folder && join(folder, 'logs'),
      onLog: options.onLog,
      retrySeconds: options.retrySeconds,
    },
  );
  const targets = targetsOf(queues, functions);
  const events = eventBridge(world, { iam, targets });
  const schedules = scheduler(world, { iam, targets, buses: events });
  const topics = sns(world, { iam, sendToQueue: targets.sendToQueue });
  const objects = s3(world, { iam, ...(folder !== undefined && { folder }) });
  const trail = cloudTrail(world, { buses: events, objects });
  const keys = kmsEngine(world, { iam, trail, buses: events }, quotas ? { quotas } : {});
  const all: readonly AnyEngine[] = [
    ...[events, functions, keys, objects, queues, schedules, wakingStreams(tables.engine, functions), topics],
    ...[sts({ iam }), iamEngine({ iam }), cloudTrailEngine(world, { iam })],
  ];
  const ticking: readonly Ticking[] = [queues, events, schedules, topics, trail, keys, functions];

  return {
    all,
    trail,
    stacks: cloudFormation(world, { iam, engines: all, lambda: functions, trail }),
    lambdaLogs: functions.logsOf,
    serviceEvent: events.publish,
    tick() {
      for (const engine of ticking) engine.tick();
    },
    isIdle: async () => (await functions.isIdle()) && events.pending + schedules.pending === 0,
    close: functions.close,
  };
}

/** What events and schedules reach: a function that reads a queue learns at once that a message came. */
function targetsOf(queues: Pick<Targets, 'sendToQueue'>, functions: Lambda): Targets {
  return {
    sendToQueue(...delivery) {
      queues.sendToQueue(...delivery);
      functions.wake('queues');
    },
    invokeLater: functions.invokeLater,
  };
}

/** DynamoDB, whose writes wake the functions that read its streams. */
function wakingStreams(engine: RestEngine, functions: Lambda): RestEngine {
  return {
    service: engine.service,
    async handleHttp(request) {
      const answer = await engine.handleHttp(request);
      if (!READS.test(request.headers['x-amz-target'] ?? '')) functions.wake('streams');
      return answer;
    },
  };
}
