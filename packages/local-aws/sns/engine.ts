/** SNS on this machine: standard topics, and queues subscribed to them. */
import { AwsError, type Call, type Engine, type JsonObject, outcomeOf } from '../call';
import type { EngineDeps, Iam, Targets, Ticking } from '../contracts';
import { own } from '../own-property';
import { publishing } from './publish';
import { snsContext } from './sns';
import { subscriptionOperations } from './subscriptions';
import { topicOperations } from './topics';

type Operation = (call: Call) => JsonObject;

export function sns(
  world: EngineDeps,
  parts: { readonly iam: Iam; readonly sendToQueue: Targets['sendToQueue'] },
): Engine & Ticking {
  const context = snsContext(world, parts);
  const { tick, operations: publishOperations } = publishing(context);
  const operations: Readonly<Record<string, Operation | undefined>> = {
    ...topicOperations(context),
    ...subscriptionOperations(context),
    ...publishOperations,
  };

  return {
    service: 'sns',
    tick,
    handle(call) {
      return outcomeOf(() => {
        const operation = own(operations, call.operation);
        if (operation === undefined) {
          throw new AwsError('InvalidAction', `The action ${call.operation} is not valid for this web service.`);
        }
        return { output: operation(call) };
      });
    },
  };
}
