/** Queues and functions in memory, as rules and schedules see them. */
import { AwsError, type JsonObject } from '../../call';
import type { Deliverer, Targets } from '../../contracts';
import { readContents } from '../../sqs/messages/message-check';

export interface TakenMessage {
  readonly body: string;
  readonly as: Deliverer & { readonly messageGroupId?: string; readonly attributes?: Readonly<Record<string, string>> };
}

export interface MemoryTargets extends Targets {
  /** Messages a queue holds, oldest first; none for a queue that was never opened. */
  messages(queueArn: string): readonly TakenMessage[];
  /** Their bodies, read as JSON. */
  bodies(queueArn: string): readonly JsonObject[];
  invocations(functionArn: string): readonly JsonObject[];
  /** Makes a target exist. */
  open(...arns: readonly string[]): void;
  /** From now on a target refuses with this error; undefined: it takes again. */
  refuse(arn: string, error: AwsError | undefined): void;
}

/** A target that was never opened is missing, with the error of its service. */
export function memoryTargets(): MemoryTargets {
  const queues = new Map<string, TakenMessage[]>();
  const functions = new Map<string, JsonObject[]>();
  const refusals = new Map<string, AwsError>();

  const taken = <Item>(held: Map<string, Item[]>, arn: string, missing: AwsError): Item[] => {
    const refusal = refusals.get(arn);
    if (refusal !== undefined) throw refusal;
    const items = held.get(arn);
    if (items === undefined) throw missing;
    return items;
  };

  return {
    sendToQueue(queueArn, body, as) {
      const missing = new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
      const messages = taken(queues, queueArn, missing);
      readContents({ MessageBody: body });
      messages.push({ body, as });
    },
    invokeLater(functionArn, event) {
      const missing = new AwsError('ResourceNotFoundException', `Function not found: ${functionArn}`, { status: 404 });
      taken(functions, functionArn, missing).push(event);
    },
    messages: (queueArn) => queues.get(queueArn) ?? [],
    bodies: (queueArn) => (queues.get(queueArn) ?? []).map(({ body }) => JSON.parse(body) as JsonObject),
    invocations: (functionArn) => functions.get(functionArn) ?? [],
    open(...arns) {
      for (const arn of arns) {
        if (arn.includes(':lambda:')) functions.set(arn, []);
        else queues.set(arn, []);
      }
    },
    refuse(arn, error) {
      if (error === undefined) refusals.delete(arn);
      else refusals.set(arn, error);
    },
  };
}
