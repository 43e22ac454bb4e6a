/** What becomes of events that AWS makes, by whose they are. */
import type { Context, SQSEvent } from 'aws-lambda';
import { kmsApiCall } from '../../../events/cloudtrail-envelope';
import { basicsOf } from '../../../shared/runtime/basics';
import { onEvent, onQueue } from '../../../shared/runtime/on-queue';
import { aChange, CUSTOMER_ACCOUNT, viaCloudTrail } from '../../support/key-events';
import { OUR_ACCOUNT, silentLog } from '../../support/make';
import { memoryPark } from '../../support/memory-park';

async function received(...events: readonly Readonly<Record<string, unknown>>[]) {
  const heard: string[] = [];
  const park = memoryPark();
  const ports = { ...basicsOf('test'), log: silentLog, park, ownAccountId: OUR_ACCOUNT };
  const handler = onQueue([onEvent(kmsApiCall, async (_, account) => heard.push(account), ports)], ports);
  const Records = events.map((event, at) => ({ messageId: `${at}`, body: JSON.stringify(event), attributes: {} }));
  await handler({ Records } as unknown as SQSEvent, {} as Context);
  return { parked: park.parked.length, heard };
}

test('what is no record is parked where it is ours, and left out where another account sent it', async () => {
  const broken = viaCloudTrail(aChange('UpdateAlias', { eventTime: 'yesterday' }));
  const { account: _, ...unsigned } = broken;

  expect(await received(broken, viaCloudTrail(aChange('UpdateAlias')))).toEqual({
    parked: 0,
    heard: [CUSTOMER_ACCOUNT],
  });
  expect(await received({ ...broken, account: OUR_ACCOUNT }, unsigned)).toEqual({ parked: 2, heard: [] });
});
