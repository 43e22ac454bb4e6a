/** EventBridge and Scheduler of local AWS with an account to call them from, for tests. */
import type { AwsError, Call, JsonObject, Outcome, Principal } from '../../call';
import { type Clock, movableClock } from '../../clock';
import type { EngineDeps } from '../../contracts';
import { eventBridge } from '../../eventbridge/engine';
import { faultPlan } from '../../faults';
import { iam } from '../../iam/iam';
import { scheduler } from '../../scheduler/engine';
import { openStore, type Store } from '../../store';
import { type MemoryTargets, memoryTargets } from './memory-targets';

export const ACCOUNT = '111111111111';
export const OTHER_ACCOUNT = '222222222222';
export const REGION = 'eu-central-1';
/** 2026-03-01T12:00:00Z, a Sunday. */
export const START = Date.UTC(2026, 2, 1, 12);

export interface LocalEvents {
  readonly clock: Clock;
  readonly world: EngineDeps;
  readonly targets: MemoryTargets;
  readonly iam: ReturnType<typeof iam>;
  readonly events: ReturnType<typeof eventBridge>;
  readonly scheduler: ReturnType<typeof scheduler>;
  /** Calls as an account's administrator. Throws the AWS error of a refused call. */
  call(operation: string, input?: JsonObject, from?: CallFrom): Promise<JsonObject>;
  /** The error with which a call is refused. */
  refusal(operation: string, input?: JsonObject, from?: CallFrom): Promise<AwsError>;
  outcome(operation: string, input: JsonObject, from?: CallFrom): Promise<Outcome>;
  /** Lets everything happen that is due by now. */
  settle(): Promise<void>;
  /** Moves the clock and lets everything happen that fell due. */
  advance(ms: number): Promise<void>;
}

export interface CallFrom {
  readonly account?: string;
  readonly region?: string;
  readonly service?: 'events' | 'scheduler';
  readonly caller?: Principal;
}

export function localEvents(
  options: { store?: Store; targets?: MemoryTargets; clock?: Clock; random?: () => number } = {},
): LocalEvents {
  const clock = options.clock ?? movableClock(() => START);
  const random = options.random ?? (() => 0.5);
  const world: EngineDeps = { store: options.store ?? openStore(), clock, random, faults: faultPlan(random) };
  const targets = options.targets ?? memoryTargets();
  const accounts = iam(world);
  const parts = { iam: accounts, targets };
  const events = eventBridge(world, parts);
  const engines = { events, scheduler: scheduler(world, { ...parts, buses: events }) };

  const outcome = async (operation: string, input: JsonObject, from: CallFrom = {}) => {
    const service = from.service ?? 'events';
    return engines[service].handle(callOf({ service, operation, input }, from, accounts));
  };
  const settle = async () => {
    engines.events.tick();
    engines.scheduler.tick();
    // Deliveries begin on the next turn of the event loop, and a bus that is a target needs one more.
    for (let turn = 0; turn < 4; turn += 1) await new Promise(setImmediate);
  };

  return {
    clock,
    world,
    targets,
    iam: accounts,
    ...engines,
    outcome,
    settle,
    async call(operation, input = {}, from = {}) {
      const { output, error } = await outcome(operation, input, from);
      if (error !== undefined) throw error;
      return output ?? {};
    },
    async refusal(operation, input = {}, from = {}) {
      const { error } = await outcome(operation, input, from);
      if (error === undefined) throw new Error(`${operation} was not refused.`);
      return error;
    },
    async advance(ms) {
      clock.advance(ms);
      await settle();
    },
  };
}

function callOf(
  what: Pick<Call, 'service' | 'operation' | 'input'>,
  { account = ACCOUNT, region = REGION, caller }: CallFrom,
  accounts: ReturnType<typeof iam>,
): Call {
  const { accessKeyId } = accounts.openAccount(account);
  const administrator = accounts.principalOf(accessKeyId);
  const who = caller ?? administrator;
  if (who === undefined) throw new Error(`Account ${account} has no administrator.`);
  return { ...what, region, caller: who, requestId: 'request', sourceIp: '127.0.0.1', userAgent: 'test' };
}

export const queueArn = (name: string, account = ACCOUNT, region = REGION) =>
  `arn:aws:sqs:${region}:${account}:${name}`;
export const functionArn = (name: string) => `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`;
export const busArn = (name: string, account = ACCOUNT, region = REGION) =>
  `arn:aws:events:${region}:${account}:event-bus/${name}`;
