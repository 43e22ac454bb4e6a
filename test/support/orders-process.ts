/**
 * A local AWS in a process of its own, for tests that kill it: deploys the orders stack on the folder given, then places
 * orders without end, ten at a time, and prints the ids of those that were acknowledged, one a line.
 */
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { startLocalAws } from 'local-aws/aws';
import { ACCOUNT, clientSettings } from 'local-aws/test/support/local-aws';
import { ordersStack } from './orders-stack';

const [, , folder = '', round = '0'] = process.argv;

async function main() {
  const aws = await startLocalAws({ folder, retrySeconds: 0 });
  await aws.deploy(ordersStack({ tries: 20 }), { accountId: ACCOUNT, stackName: 'shop' });
  const bus = new EventBridgeClient(clientSettings(aws, ACCOUNT));
  for (let batch = 0; ; batch += 1) {
    const ids = Array.from({ length: 10 }, (_, n) => `${round}-${batch}-${n}`);
    const Entries = ids.map((id) => ({ Source: 'shop', DetailType: 'order', Detail: JSON.stringify({ id }) }));
    const { FailedEntryCount } = await bus.send(new PutEventsCommand({ Entries }));
    if (FailedEntryCount === 0) process.stdout.write(`${ids.join('\n')}\n`);
  }
}

void main();
