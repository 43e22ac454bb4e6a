/** Local KMS against what AWS answered: the recordings are read in place and nothing of them is kept here. */
import { custodianCases } from './kms/custodian';
import { exampleCases } from './kms/examples';
import { localstackCases } from './kms/localstack';

const cases = [...localstackCases(), ...custodianCases(), ...exampleCases()];
const inScope = cases.filter((one) => one.outOfScope === undefined);
const outOfScope = cases.filter((one) => one.outOfScope !== undefined);
let passed = 0;

test('every recording is read', () => expect(cases).toHaveLength(256));

test.each(inScope)('$name', async ({ check }) => {
  expect(await check()).toEqual([]);
  passed += 1;
});

afterAll(() => {
  for (const { name, outOfScope: reason } of outOfScope) process.stdout.write(`  out of scope: ${name}: ${reason}\n`);
  const counts = `${inScope.length} cases ran, ${passed} passed, ${outOfScope.length} out of scope`;
  process.stdout.write(`recorded kms: ${counts}\n`);
});
