/** What an engine of local AWS is made from, for tests: a clock that stands still until it is moved, no planned faults. */
import { AwsError, type Engine, type JsonObject, type Principal } from '../../call';
import { movableClock } from '../../clock';
import type { EngineDeps } from '../../contracts';
import { faultPlan } from '../../faults';
import { openStore } from '../../store';

export const START = Date.UTC(2026, 2, 1);

export function localWorld({ folder, at = START }: { folder?: string; at?: number } = {}): EngineDeps {
  const random = () => 0.5;
  return { store: openStore(folder), clock: movableClock(() => at), faults: faultPlan(random), random };
}

export function administratorOf(accountId: string): Principal {
  const arn = `arn:aws:iam::${accountId}:user/administrator`;
  return { type: 'IAMUser', accountId, arn, principalId: `AIDA${accountId}LOCAL` };
}

export type Client = (operation: string, input?: JsonObject) => Promise<JsonObject>;

/** What the door knows of a request beside the call. */
export const REQUEST = {
  requestId: '00000000-0000-4000-8000-000000000000',
  sourceIp: '127.0.0.1',
  userAgent: 'test',
} as const;

/** Calls an engine as the door does, and throws the error it answers with. */
export function clientOf(engine: Engine, caller: Principal, region = 'eu-central-1'): Client {
  return async (operation, input = {}) => {
    const { output, error } = await engine.handle({
      service: engine.service,
      operation,
      region,
      caller,
      input,
      ...REQUEST,
    });
    if (error) throw error;
    return output ?? {};
  };
}

/** The error of a call that must fail. */
export async function errorOf(call: Promise<unknown>): Promise<AwsError> {
  const outcome = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome instanceof AwsError) return outcome;
  throw new Error(`Expected an AwsError, got ${String(outcome)}`);
}
