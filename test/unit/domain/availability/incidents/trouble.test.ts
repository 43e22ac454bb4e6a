/** Trouble of our own goes through every verb that incidents go through, and no word of it is a customer's act. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { showExplanation, showIncident, showIncidents } from '../../../../../cli/incidents/report';
import { showStatus } from '../../../../../cli/status/command';
import { incidentAcknowledged } from '../../../../../events/incident-acknowledged';
import { oncallPaged } from '../../../../../events/oncall-paged';
import type { IncidentPage } from '../../../../../shared/domain/api/list-incidents';
import type { IncidentShown } from '../../../../../shared/domain/api/show-incident';
import type { ProductStatus } from '../../../../../shared/domain/api/show-status';
import type { Explanation } from '../../../../../shared/domain/availability/incidents/explain-incident';
import { TROUBLE, TROUBLES } from '../../../../../shared/domain/availability/incidents/trouble';
import { owedPage } from '../../../../../shared/domain/availability/paging/owed-page';
import { pageIncident } from '../../../../../shared/domain/availability/paging/page-oncall';
import { pageOf } from '../../../../../shared/domain/availability/paging/page-text';
import { ADA, givenKey, run } from '../../../../support/incident-world';
import { after, anOperatorIncident, NOW, READER } from '../../../../support/make';
import { memoryPager, memoryPaging } from '../../../../support/memory-pager';
import { rotationWorld } from '../../../../support/rotation-world';

const ROOT = join(__dirname, '../../../../..');

const withoutPage = (fields = {}) => {
  const { pagedAt: _, ...incident } = anOperatorIncident({ dueAt: NOW, ...fields });
  return incident;
};

function given(fields = {}) {
  const world = rotationWorld();
  world.control.given('incident', anOperatorIncident({ revision: 1, ...fields }));
  return world;
}

function fits(text: string): void {
  for (const line of text.split('\n')) if (!line.includes('arn:')) expect(line.length).toBeLessThanOrEqual(80);
  expect(text).not.toMatch(/undefined|SUBJECT|\[object/);
}

test.each(TROUBLES)(
  '%s is paged, listed, shown and explained by what it is, and never as a customer’s act',
  async (trouble) => {
    const world = given({ trouble });
    const page = pageOf(withoutPage({ trouble }), 'opened', READER);
    const over = pageOf(
      anOperatorIncident({ trouble, state: 'closed', recoveredAt: after(200_000) }),
      'closed',
      READER,
    );
    const said = await run<Explanation>('explain-incident', { incidentId: 'incident-9' }, world);
    const shown = await run<IncidentShown>('show-incident', { incidentId: 'incident-9' }, world);
    const list = await run<IncidentPage>('list-incidents', {}, world);

    for (const text of [page.subject, page.body, over.subject, over.body]) {
      expect(text).not.toMatch(/undefined|SUBJECT|the customer’s|key’s owner/);
      expect(text).toContain(trouble === 'pages-silent' ? '' : 'eu-central-1');
    }
    expect(page.body).toMatch(/Whose act: +nobody’s among customers/);
    expect(page.body).toContain(`docs/runbooks/${TROUBLE[trouble].runbook}.md`);
    expect(page.body).toMatch(/and 5 KMS keys more/);
    for (const sentence of [said.happened, said.whoseAct, said.evidence, said.stopped, ...said.next])
      expect(page.body).toContain(sentence);
    expect(shown.incident).toMatchObject({
      kind: 'operator',
      trouble,
      keyCount: 7,
      severity: TROUBLE[trouble].severity,
    });
    expect(list.incidents).toMatchObject([{ kind: 'operator', trouble, keyCount: 7 }]);
    for (const text of [showIncidents(list), showIncident(shown), showExplanation(said)]) fits(text);
  },
);

test('a page about it is sent once, and told into the operator’s stream: no fact of it names a customer or a key', async () => {
  const world = given();
  world.control.given('incident', withoutPage({ revision: 1 }));
  const pager = memoryPager();
  const ports = { ...world.ports, ...memoryPaging(pager) };

  await pageIncident('incident-9', ports);
  await pageIncident('incident-9', ports);
  await run('acknowledge-incident', { incidentId: 'incident-9', note: 'mine' }, world);

  expect(pager.pages).toHaveLength(1);
  const facts = world.control.outbox.filter(({ detailType }) =>
    [oncallPaged, incidentAcknowledged].some((contract) => contract.detailType === detailType),
  );
  expect(facts).toHaveLength(2);
  for (const { detail } of facts) {
    expect(detail).toMatchObject({ trouble: 'kms-outage', subject: 'eu-central-1 of 111122223333' });
    for (const field of ['kmsKeyArn', 'customerId', 'cause', 'party']) expect(detail).not.toHaveProperty(field);
  }
});

test.each(TROUBLES)('%s is told to somebody: a lost path is an incident of its own', (trouble) => {
  expect(owedPage(withoutPage({ trouble }))).toBe('opened');
});

test('the status is not healthy while it lasts, and names it beside the keys that are away', async () => {
  const world = given();
  givenKey(world, 'one', { incidentId: 'incident-1' });

  const status = await run<ProductStatus>('show-status', {}, world, ADA);

  expect(status).toMatchObject({
    healthy: false,
    openIncidents: { count: 2, critical: 2, warning: 0, info: 0 },
    troubles: [{ trouble: 'kms-outage', subject: 'eu-central-1 of 111122223333' }],
    keys: [{ incidentId: 'incident-1' }],
  });
  const text = showStatus(status);
  expect(text).toContain('kms-outage, eu-central-1 of 111122223333');
  expect(text).not.toContain('incidents more');
});

test.each(TROUBLES)('%s has a runbook, with a first step', (trouble) => {
  expect(readFileSync(join(ROOT, `docs/runbooks/${TROUBLE[trouble].runbook}.md`), 'utf8')).toMatch(/^1\. /m);
});
