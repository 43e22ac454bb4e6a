import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { CONTROL_TABLE } from '../../../shared/adapters/control-table';
import { dynamoControlStore } from '../../../shared/adapters/dynamo-control-store';
import { dynamoOutbox } from '../../../shared/adapters/dynamo-outbox';
import { outboxContract } from '../../contract/outbox';
import { startDynoxide, type TestDynamo } from '../../support/dynoxide';
import { after, NOW } from '../../support/make';
import { memoryOutbox } from '../../support/memory-outbox';

const DAY_SECONDS = 86_400;

describe('in memory', () => {
  outboxContract(async () => {
    const outbox = memoryOutbox();
    return {
      outbox,
      commit: async (factId) => outbox.given({ factId, detailType: 'x.v1', detail: '{}', dueAt: after(60_000) }),
      parkedBecause: async (factId) => outbox.parkedBecause(factId),
      foreign: async (key) => outbox.givenForeign(key),
    };
  });
});

describe('on DynamoDB', () => {
  let dynamo: TestDynamo;
  beforeAll(async () => {
    dynamo = await startDynoxide();
  });
  afterAll(() => dynamo.stop());

  const open = async () => {
    const table = await dynamo.createTable(CONTROL_TABLE);
    const control = dynamoControlStore(dynamo.documents, table, () => Date.parse(NOW));
    const rowOf = async (factId: string) =>
      (await dynamo.documents.send(new GetCommand({ TableName: table, Key: { pk: `fact#${factId}` } }))).Item ?? {};
    return {
      outbox: dynamoOutbox(dynamo.documents, table),
      rowOf,
      commit: (factId: string) =>
        control.commit({ writes: [], facts: [{ factId, detailType: 'x.v1', detail: { factId } }] }),
      parkedBecause: async (factId: string) => (await rowOf(factId))['parked'],
      foreign: async (pk: string) => {
        const fields = { detailType: 'x.v1', detail: '{}', due: 'fact#0', dueAt: '2020-01-01T00:00:00.000Z' };
        await dynamo.documents.send(new PutCommand({ TableName: table, Item: { pk, ...fields } }));
      },
    };
  };
  outboxContract(open);

  test('a fact that is out is kept for a month, and one that nobody could publish until somebody has seen to it', async () => {
    const { outbox, commit, rowOf } = await open();
    await commit('out');
    await commit('parked');
    await outbox.published('out');
    await outbox.parked('parked', 'no');

    expect((await rowOf('out'))['expiresAt']).toBe(Date.parse(NOW) / 1000 + 30 * DAY_SECONDS);
    expect(await rowOf('parked')).not.toHaveProperty('expiresAt');
  });

  test('a fact that is still tried does not expire meanwhile', async () => {
    const { outbox, commit, rowOf } = await open();
    await commit('one');
    await outbox.postponed('one', after(29 * DAY_SECONDS * 1000));

    expect((await rowOf('one'))['expiresAt']).toBe(Date.parse(NOW) / 1000 + 59 * DAY_SECONDS);
  });
});
