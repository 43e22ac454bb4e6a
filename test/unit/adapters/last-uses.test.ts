import { CONTROL_TABLE } from '../../../shared/adapters/control-table';
import { dynamoLastUses } from '../../../shared/adapters/dynamo-last-uses';
import { lastUsesContract } from '../../contract/last-uses';
import { startDynoxide, type TestDynamo } from '../../support/dynoxide';
import { anArn, after as fromNow } from '../../support/make';
import { memoryLastUses } from '../../support/memory-last-uses';

describe('in memory', () => {
  lastUsesContract(async () => memoryLastUses());
});

describe('on DynamoDB', () => {
  let dynamo: TestDynamo;
  beforeAll(async () => {
    dynamo = await startDynoxide();
  });
  afterAll(() => dynamo.stop());

  lastUsesContract(async () => dynamoLastUses(dynamo.documents, await dynamo.createTable(CONTROL_TABLE)));

  test('a last use that was copied from another key is not taken for this one’s', async () => {
    const table = await dynamo.createTable(CONTROL_TABLE);
    const uses = dynamoLastUses(dynamo.documents, table);
    await uses.note(anArn('idle'), fromNow(0));
    await dynamo.copy(table, { pk: `key-last-use#${anArn('idle')}` }, { pk: `key-last-use#${anArn()}` });

    await expect(uses.of(anArn())).rejects.toMatchObject({ code: 'store.row-misplaced' });
    expect(await uses.of(anArn('idle'))).toBe(fromNow(0));
  });

  test('of two processes that note uses, the one that comes late with an earlier use changes nothing', async () => {
    const table = await dynamo.createTable(CONTROL_TABLE);
    const [one, other] = [dynamoLastUses(dynamo.documents, table), dynamoLastUses(dynamo.documents, table)];

    await one.note(anArn(), fromNow(2_000));
    await other.note(anArn(), fromNow(1_000));

    expect(await other.of(anArn())).toBe(fromNow(2_000));
  });
});
