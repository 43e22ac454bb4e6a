/** Who reads a customer's log: what is told of a change, and who cannot be named. */
import { OPERATIONS } from '../../../../shared/domain/api/catalogue';
import { callerName, principalName } from '../../../../shared/domain/customers/audit-reader';
import { aCustomer, countedIds, NOW } from '../../../support/make';
import { memoryControlStore } from '../../../support/memory-control-store';

const ADA = 'arn:aws:iam::111122223333:user/ada';
const ANALYST = 'arn:aws:iam::444455556666:role/security/analyst';

function world() {
  const control = memoryControlStore();
  control.given('customer', aCustomer({ revision: 1 }));
  control.given('customer', aCustomer({ customerId: 'globex', revision: 1 }));
  control.given('customer', aCustomer({ customerId: 'hooli', accountId: '777788889999', revision: 1 }));
  const ports = { control, clock: { now: () => NOW }, ids: countedIds() };
  const run = async (name: string, input: object) =>
    OPERATIONS.find((one) => one.name === name)?.run(input, { principal: ADA }, ports as never);
  return { control, run };
}

test('a reader is added, told once, listed, removed, told once more, and added again', async () => {
  const { control, run } = world();
  const which = { customerId: 'acme', principal: ANALYST };
  const shown = { ...which, addedBy: ADA, addedAt: NOW };

  expect(await run('add-audit-reader', which)).toEqual({ auditReader: shown });
  await run('add-audit-reader', which);
  expect(await run('list-audit-readers', { customerId: 'acme' })).toEqual({ auditReaders: [shown] });
  await run('remove-audit-reader', which);
  await run('remove-audit-reader', which);
  expect(await run('list-audit-readers', { customerId: 'acme' })).toEqual({ auditReaders: [] });
  await run('add-audit-reader', { ...which, customerId: 'globex' });

  const told = control.outbox.map(({ detailType, detail }) => [detailType, detail['customerId'], detail['change']]);
  expect(told).toEqual([
    ['audit-reader-changed.v1', 'acme', 'added'],
    ['audit-reader-changed.v1', 'acme', 'removed'],
    ['audit-reader-changed.v1', 'globex', 'added'],
  ]);
});

test('a principal reads one log: for a second one it is refused, by whatever path it is written', async () => {
  const { run } = world();
  await run('add-audit-reader', { customerId: 'acme', principal: ANALYST });

  const again = run('add-audit-reader', { customerId: 'globex', principal: ANALYST.replace('/security', '') });
  await expect(again).rejects.toMatchObject({ code: 'state.forbids', details: { field: 'principal' } });
  const removed = run('remove-audit-reader', { customerId: 'globex', principal: ANALYST });
  await expect(removed).rejects.toMatchObject({ code: 'state.not-found', details: { field: 'principal' } });
});

test('a customer has twenty readers at most', async () => {
  const { run } = world();
  const add = (number: number) => run('add-audit-reader', { customerId: 'acme', principal: `${ANALYST}${number}` });
  for (let number = 0; number < 20; number += 1) await add(number);

  await expect(add(20)).rejects.toMatchObject({ code: 'state.forbids', details: { field: 'principal' } });
});

test.each([
  ['principal', { principal: '*' }],
  ['principal', { principal: 'arn:aws:iam::444455556666:root' }],
  ['principal', { principal: 'arn:aws:iam::*:role/analyst' }],
  ['principal', { principal: 'arn:aws:iam::444455556666:role/*' }],
  ['principal', { principal: 'arn:aws:sts::444455556666:assumed-role/analyst/ada' }],
  ['principal', { principal: 'arn:aws:sts::444455556666:federated-user/ada' }],
  ['principal', { customerId: 'hooli', principal: ANALYST }],
  ['customerId', { customerId: 'nobody' }],
  ['role', { role: ANALYST }],
])('%s is named where it makes no sense: %j', async (field, input) => {
  const { control, run } = world();

  const refused = run('add-audit-reader', { customerId: 'acme', principal: ANALYST, ...input });

  await expect(refused).rejects.toMatchObject({ message: expect.stringMatching(`^${field}: `), details: { field } });
  expect([...control.outbox, ...control.all('audit-reader')]).toEqual([]);
});

test('the sessions of a role are one reader with it; whom AWS names in another way is none', () => {
  expect(callerName('arn:aws:sts::444455556666:assumed-role/analyst/ada')).toBe(principalName(ANALYST));
  expect(callerName('arn:aws:iam::444455556666:user/team/ada')).toBe('arn:aws:iam::444455556666:user/team/ada');
  const others = ['iam::444455556666:root', 'sts::444455556666:federated-user/ada', 'iam::444455556666:role/analyst'];
  expect(others.map((rest) => callerName(`arn:aws:${rest}`))).toEqual(others.map(() => undefined));
});
