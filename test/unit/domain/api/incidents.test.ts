/** What people see of incidents, by the operations they ask. */
import { OPERATIONS, type OperationPorts } from '../../../../shared/domain/api/catalogue';
import type { IncidentPage } from '../../../../shared/domain/api/list-incidents';
import type { KeyImpact } from '../../../../shared/domain/api/show-impact';
import type { IncidentShown } from '../../../../shared/domain/api/show-incident';
import type { Explanation } from '../../../../shared/domain/availability/explain-incident';
import { CAUSES, type Incident } from '../../../../shared/domain/availability/key-watch';
import { pageOf } from '../../../../shared/domain/availability/page-text';
import { aDataStore, aKmsKey, anArn, anIncident, aWatch, after as inMs, NOW } from '../../../support/make';
import { type RotationWorld, rotationWorld } from '../../../support/rotation-world';

const ADA = 'arn:aws:iam::111122223333:user/ada';
const BOB = 'arn:aws:iam::111122223333:user/bob';

async function run<Answer>(name: string, input: unknown, world: RotationWorld, principal = ADA): Promise<Answer> {
  const operation = OPERATIONS.find((one) => one.name === name);
  if (!operation) throw new Error(`There is no operation ${name}.`);
  const ports: OperationPorts = { ...world.ports, aliases: { keyOf: async () => undefined } };
  return (await operation.run(input, { principal }, ports)) as Answer;
}

/** A key with its incidents; its watch names the one that is open. */
function givenKey(world: RotationWorld, name: string, ...incidents: readonly Partial<Incident>[]) {
  const kmsKeyArn = anArn(name);
  world.givenKey({ kmsKeyArn });
  const rows = incidents.map((fields) => anIncident({ kmsKeyArn, revision: 1, ...fields }));
  world.control.given('incident', ...rows);
  const open = rows.find(({ state }) => state === 'open');
  world.control.given('key-watch', aWatch({ kmsKeyArn, ...(open && { openIncidentId: open.incidentId }) }));
}

/** Over, and nobody is owed anything: out of the index. */
function over(incidentId: string): Partial<Incident> {
  const ended = { state: 'closed', recoveredAt: inMs(9_000), recoveryPagedAt: inMs(9_500) } as const;
  return { incidentId, ...ended, dueAt: undefined } as never;
}

const idsOf = ({ incidents }: IncidentPage) => incidents.map(({ incidentId }) => incidentId);

describe('list-incidents', () => {
  test('without a key or a customer lists what is open, the newest first, also what on-call is not paged for yet', async () => {
    const world = rotationWorld();
    givenKey(world, 'one', { incidentId: 'i-1' }, over('i-0'));
    givenKey(world, 'two', { incidentId: 'i-3', dueAt: NOW });
    // Over, and on-call is still to be told.
    givenKey(world, 'three', { incidentId: 'i-2', state: 'closed', recoveredAt: NOW, dueAt: NOW });

    const page = await run<IncidentPage>('list-incidents', {}, world);

    expect(idsOf(page)).toEqual(['i-3', 'i-1']);
    expect(page).toMatchObject({ more: false, incidents: [{ state: 'open', severity: 'critical' }, {}] });
    expect(page).not.toHaveProperty('next');
  });

  test('what is over is listed after what is open, by key and by customer, each once', async () => {
    const world = rotationWorld();
    givenKey(world, 'one', over('i-5'), { incidentId: 'i-4' }, over('i-2'));
    for (const which of [{ key: anArn('one') }, { customerId: 'acme' }]) {
      expect(idsOf(await run('list-incidents', which, world))).toEqual(['i-4']);
      expect(idsOf(await run('list-incidents', { ...which, all: true }, world))).toEqual(['i-4', 'i-5', 'i-2']);
    }
  });

  test('a customer’s list has the incidents of keys that they share, and of no other key', async () => {
    const world = rotationWorld();
    const shared = anArn('shared');
    const { customerId: _none, ...key } = aKmsKey({ kmsKeyArn: shared, option: 'managed', revision: 1 });
    const { customerId: _nobody, ...incident } = anIncident({ kmsKeyArn: shared, incidentId: 'i-shared', revision: 1 });
    world.control.given('kms-key', key);
    world.control.given('incident', incident);
    world.control.given('key-watch', aWatch({ kmsKeyArn: shared, openIncidentId: 'i-shared' }));
    world.control.given('data-store', aDataStore({ customerId: 'hooli', kmsKeyArn: shared, revision: 1 }));
    givenKey(world, 'other', { incidentId: 'i-other' });

    expect(idsOf(await run('list-incidents', { customerId: 'hooli' }, world))).toEqual(['i-shared']);
    expect(idsOf(await run('list-incidents', { customerId: 'hooli', all: true }, world))).toEqual(['i-shared']);
  });

  test('pages hold every incident once, also when one ends between two of them', async () => {
    const world = rotationWorld();
    const closed = ['i-1', 'i-2', 'i-3', 'i-4', 'i-5'].map(over);
    givenKey(world, 'one', ...closed, { incidentId: 'i-6' });

    const pages: string[][] = [];
    let next: string | undefined;
    do {
      const input = { key: anArn('one'), all: true, limit: 2, ...(next !== undefined && { after: next }) };
      const page: IncidentPage = await run('list-incidents', input, world);
      pages.push(idsOf(page));
      next = page.next;
      givenKey(world, 'one', ...closed, over('i-6'));
    } while (next !== undefined);

    expect(pages).toEqual([
      ['i-6', 'i-5'],
      ['i-4', 'i-3'],
      ['i-2', 'i-1'],
    ]);
  });

  test.each<[object, RegExp]>([
    [{ all: true }, /^all: .*Name one of both/],
    [{ limit: 0 }, /^limit: must be from 1 to 100/],
    [{ limit: 101 }, /^limit: /],
    [{ after: '{"pk":"customer#other"}' }, /^after: .*next/],
    [{ key: anArn(), customerId: 'acme' }, /^customerId: /],
  ])('%j is refused', async (input, message) => {
    await expect(run('list-incidents', input, rotationWorld())).rejects.toMatchObject({
      code: 'input.invalid',
      message: expect.stringMatching(message),
    });
  });

  test('a list shows no data stores by name: it is to fit an answer however many there are', async () => {
    const world = rotationWorld();
    givenKey(world, 'one', {});

    const { incidents } = await run<IncidentPage>('list-incidents', {}, world);

    expect(incidents).toMatchObject([{ customerCount: 1, dataStoreCount: 1 }]);
    for (const field of ['impact', 'evidence', 'revision', 'dueAt']) expect(incidents[0]).not.toHaveProperty(field);
  });
});

describe('show-incident', () => {
  test('tells what happened in the order of time, and who had it in hand', async () => {
    const world = rotationWorld();
    const acknowledged = { by: BOB, at: inMs(5_000), note: 'calling them' };
    givenKey(world, 'one', { ...over('incident-1'), acknowledged });

    const { incident, timeline } = await run<IncidentShown>('show-incident', { incidentId: 'incident-1' }, world);

    expect(timeline.map(({ what, at }) => [what, at])).toEqual([
      ['signalled', NOW],
      ['detected', inMs(2_000)],
      ['paged', inMs(4_000)],
      ['acknowledged', inMs(5_000)],
      ['recovered', inMs(9_000)],
      ['recovery-paged', inMs(9_500)],
    ]);
    expect(timeline[3]).toMatchObject({ by: BOB, says: 'calling them' });
    expect(incident).toMatchObject({ cause: 'key-disabled', party: 'customer', severity: 'critical', state: 'closed' });
    for (const field of ['revision', 'dueAt', 'knownParty']) expect(incident).not.toHaveProperty(field);
  });

  test('an id that nothing has says where ids are found', async () => {
    for (const name of ['show-incident', 'explain-incident']) {
      await expect(run(name, { incidentId: 'nope' }, rotationWorld())).rejects.toMatchObject({
        code: 'state.not-found',
        message: expect.stringMatching(/^incidentId: .*keywright incidents/),
      });
    }
  });
});

describe('acknowledge-incident', () => {
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

    const { body } = pageOf({ ...incident, state: 'closed', recoveredAt: inMs(9_000) }, 'closed');

    expect(body).toMatch(/^In hand of: \S+user\/ada since .* UTC: calling\?them$/m);
  });
});

describe('explain-incident', () => {
  test.each(CAUSES)('of %s says what the page says, word for word', async (cause) => {
    const world = rotationWorld();
    givenKey(world, 'one', { cause, recoverableUntil: inMs(86_400_000) });
    const page = pageOf(anIncident({ cause, kmsKeyArn: anArn('one'), recoverableUntil: inMs(86_400_000) }), 'opened');

    const said = await run<Explanation>('explain-incident', { incidentId: 'incident-1' }, world);

    const sentences = [said.happened, said.whoseAct, said.evidence, said.stopped, said.until, ...said.next];
    for (const sentence of sentences) expect(page.body).toContain(sentence);
  });

  test.each([
    ['application', /after 5 minutes unless it chose another window, after 60 minutes at the most/],
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
});

describe('show-impact', () => {
  test('says before a loss what its page would say: whom it stops, and what of theirs', async () => {
    const world = rotationWorld();
    world.givenKey();
    world.control.given('key-watch', aWatch());
    for (const id of ['data-key-1', 'data-key-2']) await world.givenDataKey(id);

    const impact = await run<KeyImpact>('show-impact', { key: 'acme' }, world);

    expect(impact).toMatchObject({
      kmsKeyArn: anArn(),
      availability: 'available',
      customerCount: 1,
      dataStoreCount: 1,
      dataStores: [{ dataStoreId: 'documents', kind: 'application', capabilities: ['search'] }],
      dataKeys: { count: 2, more: false },
      windowMinutes: { usual: 5, max: 60 },
    });
    expect(world.facts()).toEqual([]);
  });
});
