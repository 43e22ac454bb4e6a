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
  const lines: string[] = [];
  const park = memoryPark();
  const log = {
    ...silentLog,
    info: (line: string, fields: object = {}) => void lines.push(`${line}: ${reasonIn(fields)}`),
  };
  const ports = { ...basicsOf('test'), log, park, ownAccountId: OUR_ACCOUNT };
  const run = async (_: unknown, account: string) => {
    heard.push(account);
    return account === STRANGER ? 'ignored' : 'asked';
  };
  const handler = onQueue([onEvent(kmsApiCall, run, ports)], ports);
  const Records = events.map((event, at) => ({ messageId: `${at}`, body: JSON.stringify(event), attributes: {} }));
  await handler({ Records } as unknown as SQSEvent, {} as Context);
  return { parked: park.parked.length, heard, lines };
}

const STRANGER = '999988887777';
const reasonIn = (fields: object) => ('reason' in fields ? String(fields.reason).slice(0, 40) : 'no reason');

test('what is no record is parked where it is ours, and left out where another account sent it', async () => {
  const broken = viaCloudTrail(aChange('UpdateAlias', { eventTime: 'yesterday' }));
  const { account: _, ...unsigned } = broken;

  expect(await received(broken, viaCloudTrail(aChange('UpdateAlias')))).toMatchObject({
    parked: 0,
    heard: [CUSTOMER_ACCOUNT],
  });
  expect(await received({ ...broken, account: OUR_ACCOUNT }, unsigned)).toMatchObject({ parked: 2, heard: [] });
});

test('what is left out is logged as that, with its reason, and apart from what was worked', async () => {
  const broken = viaCloudTrail(aChange('UpdateAlias', { eventTime: 'yesterday' }));
  const others = { ...viaCloudTrail(aChange('UpdateAlias')), account: STRANGER };

  expect((await received(broken, others, viaCloudTrail(aChange('UpdateAlias')))).lines).toEqual([
    `ignored: account ${CUSTOMER_ACCOUNT} sent what is no rec`,
    'ignored: nothing follows from it here',
    'handled: no reason',
  ]);
});
