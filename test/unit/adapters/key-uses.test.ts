import { CONTROL_TABLE } from '../../../shared/adapters/control-table';
import { dynamoKeyUses } from '../../../shared/adapters/dynamo-key-uses';
import { keyUsesContract } from '../../contract/key-uses';
import { startDynoxide, type TestDynamo } from '../../support/dynoxide';
import { memoryKeyUses } from '../../support/memory-key-uses';

describe('in memory', () => {
  keyUsesContract(async () => memoryKeyUses());
});

describe('on DynamoDB', () => {
  let dynamo: TestDynamo;
  beforeAll(async () => {
    dynamo = await startDynoxide();
  });
  afterAll(() => dynamo.stop());

  keyUsesContract(async () => dynamoKeyUses(dynamo.documents, await dynamo.createTable(CONTROL_TABLE)));
});
