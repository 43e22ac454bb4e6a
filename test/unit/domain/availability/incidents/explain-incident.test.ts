import type { Explanation } from '../../../../../shared/domain/availability/incidents/explain-incident';
import { pageOf } from '../../../../../shared/domain/availability/paging/page-text';
import { CAUSES } from '../../../../../shared/domain/availability/verdict';
import { givenKey, over, run } from '../../../../support/incident-world';
import { aDataStore, anArn, anIncident, after as inMs, READER } from '../../../../support/make';
import { rotationWorld } from '../../../../support/rotation-world';

test.each(CAUSES)('of %s says what the page says, word for word', async (cause) => {
  const world = rotationWorld();
  givenKey(world, 'one', { cause, recoverableUntil: inMs(86_400_000) });
  const page = pageOf(
    anIncident({ cause, kmsKeyArn: anArn('one'), recoverableUntil: inMs(86_400_000) }),
    'opened',
    READER,
  );

  const said = await run<Explanation>('explain-incident', { incidentId: 'incident-1' }, world);

  const sentences = [said.happened, said.whoseAct, said.evidence, said.stopped, said.until, ...said.next];
  for (const sentence of sentences) expect(page.body).toContain(sentence);
});

test('of a key that still serves it says what the policy no longer allows, as the page does', async () => {
  const lost = [{ action: 'kms:GenerateDataKey', statement: 'DenyNew', isExplicit: true }];
  const fields = { cause: 'key-policy', lost, beganAtRisk: true } as const;
  const world = rotationWorld();
  givenKey(world, 'one', fields);
  const page = pageOf(anIncident({ ...fields, kmsKeyArn: anArn('one') }), 'opened', READER);

  const said = await run<Explanation>('explain-incident', { incidentId: 'incident-1' }, world);

  expect(said.lost).toEqual([expect.stringMatching(/^kms:GenerateDataKey: .*DenyNew/)]);
  expect(page.body).toContain(said.lost?.[0]);
  expect(said.severity).toBe('warning');
});

test.each([
  [
    'application',
    /within seconds of the verdict; where the customer chose so, when their window ends: 60 minutes at the most/,
  ],
  ['rds', /two hours.*seven days/],
  ['dynamodb', /five minutes.*seven days/],
  ['other', /Not known/],
] as const)('tells what becomes of a data store of kind %s, and when', async (kind, without) => {
  const world = rotationWorld();
  givenKey(world, 'one', {});
  world.control.given('data-store', aDataStore({ kind, kmsKeyArn: anArn('one'), revision: 2 }));

  const { dataStores } = await run<Explanation>('explain-incident', { incidentId: 'incident-1' }, world);

  expect(dataStores).toMatchObject([{ dataStoreId: 'documents', kind, without: expect.stringMatching(without) }]);
});

test('offers the acknowledgement while nobody has it, and nothing to do once it is over', async () => {
  const world = rotationWorld();
  givenKey(world, 'one', {});
  givenKey(world, 'two', over('incident-2'));
  const explain = (incidentId: string) => run<Explanation>('explain-incident', { incidentId }, world);

  expect((await explain('incident-1')).commands[0]).toMatch(/^keywright ack incident-1 /);
  await run('acknowledge-incident', { incidentId: 'incident-1', note: 'mine' }, world);
  expect((await explain('incident-1')).commands.join()).not.toContain('ack');
  expect(await explain('incident-2')).toMatchObject({
    next: [],
    over: expect.stringMatching(/is available again/),
  });
});
