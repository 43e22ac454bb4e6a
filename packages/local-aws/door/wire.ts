import type { AwsError, JsonObject, Outcome } from '../call';
import type { Incoming } from './incoming';
import type { RestAnswer } from './rest';

/** How a service writes its calls and answers on the wire. */
export interface WireFormat {
  /** @throws AwsError when the request names no operation or cannot be read. */
  read(incoming: Incoming): { readonly operation: string; readonly input: JsonObject };
  answer(outcome: Outcome, context: { readonly operation: string; readonly requestId: string }): RestAnswer;
  refuse(error: AwsError, requestId: string): RestAnswer;
}
