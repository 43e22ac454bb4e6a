/** Strikes planned faults on a request. */
import { setTimeout as delay } from 'node:timers/promises';
import { AwsError } from '../call';
import type { Fault, FaultPlan } from '../contracts';
import type { RestAnswer } from './rest';
import type { ServiceWire } from './services';

type Codes = Pick<ServiceWire, 'throttled' | 'failed'>;

const DELAY_MS_DEFAULT = 1_000;

/**
 * At most one fault strikes a request: before its effect, or between effect and answer.
 * @returns `lost` when the effect happened and the caller must never hear of it.
 */
export async function underFaults(
  faults: FaultPlan,
  request: { readonly service: string; readonly operation: string; readonly codes: Codes },
  run: () => Promise<RestAnswer>,
): Promise<RestAnswer | 'lost'> {
  const fault = faults.strikes(request.service, request.operation, [
    'throttle',
    'server-error',
    'delay',
    'timeout-after-effect',
  ]);
  if (fault) await strikeBefore(fault, request.codes);
  const answer = await run();
  return fault?.kind === 'timeout-after-effect' ? 'lost' : answer;
}

async function strikeBefore(fault: Fault, codes: Codes): Promise<void> {
  if (fault.kind === 'throttle') throw new AwsError(codes.throttled.code, 'Rate exceeded', codes.throttled);
  if (fault.kind === 'server-error') throw internalFailure(codes);
  if (fault.kind === 'delay') await delay(fault.delayMs ?? DELAY_MS_DEFAULT);
}

export function internalFailure({ failed }: Pick<Codes, 'failed'>): AwsError {
  return new AwsError(failed.code, 'We encountered an internal error. Please try again.', failed);
}
