import type { IncidentPage } from '../../../../../shared/domain/api/list-incidents';
import { pageOf } from '../../../../../shared/domain/availability/paging/page-text';
import { ADA, BOB, givenKey, over, run } from '../../../../support/incident-world';
import { anIncident, after as inMs, NOW, READER } from '../../../../support/make';
import { rotationWorld } from '../../../../support/rotation-world';

const ack = { incidentId: 'incident-1', note: 'calling them' };

test('the principal who asks has it, once, with one fact, however often they say so', async () => {
  const world = rotationWorld();
  givenKey(world, 'one', {});

  for (const note of ['calling them', 'still calling']) {
    const { incident } = await run<{ incident: object }>('acknowledge-incident', { ...ack, note }, world);
    expect(incident).toMatchObject({ acknowledged: { by: ADA, note: 'calling them' } });
  }

  expect(world.control.outbox).toMatchObject([
    {
      detailType: 'incident-acknowledged.v1',
      detail: { incidentId: 'incident-1', customerId: 'acme', acknowledgedBy: ADA, note: 'calling them' },
    },
  ]);
});

test('another person hears who has it, and changes nothing', async () => {
  const world = rotationWorld();
  givenKey(world, 'one', {});
  await run('acknowledge-incident', ack, world);

  await expect(run('acknowledge-incident', ack, world, BOB)).rejects.toMatchObject({
    code: 'state.forbids',
    message: expect.stringMatching(/^incidentId: arn:aws:iam::111122223333:user\/ada has it .*calling them/),
  });
  expect(world.facts()).toHaveLength(1);
});

test('of two who ask at the same time one has it', async () => {
  const world = rotationWorld();
  givenKey(world, 'one', {});

  const both = [ADA, BOB].map((principal) => run('acknowledge-incident', ack, world, principal));

  expect((await Promise.allSettled(both)).map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(world.facts()).toHaveLength(1);
});

test('what is over is not acknowledged, but by whom had it', async () => {
  const world = rotationWorld();
  const acknowledged = { by: ADA, at: NOW, note: 'mine' };
  givenKey(world, 'one', { ...over('incident-1') });
  givenKey(world, 'two', { ...over('incident-2'), acknowledged });

  await expect(run('acknowledge-incident', ack, world)).rejects.toMatchObject({ code: 'state.forbids' });
  await run('acknowledge-incident', { ...ack, incidentId: 'incident-2' }, world);

  expect(world.facts()).toEqual([]);
});

test('a note of blanks says nothing, and is refused', async () => {
  const world = rotationWorld();
  givenKey(world, 'one', {});

  const blank = run('acknowledge-incident', { ...ack, note: '  ' }, world);

  await expect(blank).rejects.toMatchObject({ code: 'input.invalid', message: expect.stringMatching(/^note: /) });
});

test('an acknowledged incident stays listed as open', async () => {
  const world = rotationWorld();
  givenKey(world, 'one', {});
  await run('acknowledge-incident', ack, world);

  const page = await run<IncidentPage>('list-incidents', {}, world);

  expect(page.incidents).toMatchObject([{ incidentId: 'incident-1', acknowledgedBy: ADA }]);
});

test('the page that tells that it is over names who had it', () => {
  const incident = anIncident({ acknowledged: { by: ADA, at: NOW, note: 'calling\nthem' } });

  const { body } = pageOf({ ...incident, state: 'closed', recoveredAt: inMs(9_000) }, 'closed', READER);

  expect(body).toMatch(/^In hand of: \S+user\/ada since .* UTC: calling\?them$/m);
});
