/** A role of our own loses a permission: one page that says it is ours, for all keys together, and no customer is blamed. */

import { unsettledIncidents } from '../../../shared/domain/availability/incidents/find-incidents';
import { isOperators, isOver, type OperatorIncident } from '../../../shared/domain/availability/incidents/incident';
import { MINUTE_MS } from '../../../shared/domain/instants';
import { PROVIDER_ACCOUNT } from '../customers';
import { pageAbout } from '../phone';
import type { Scene, Step } from '../scene';
import { until } from '../wait-until';

/** The functions that look at keys. */
const LOOKING = ['assess-key', 'probe-keys'];
const STEPS_MAX = 30;

export const loseOwnPermission: Step = {
  title: 'Our own roles lose kms:Decrypt, by a deployment gone wrong',
  async run(scene) {
    const { notes, aws, findings, say } = scene;
    if (notes.get('own permission: over')) return 'seen before';
    const since = notes.once('own permission: taken at', () => aws.clock.now());
    const giveBack = takeDecrypt(scene);
    const incident = await bySchedules(scene, () => ownTrouble(scene));
    const page = await bySchedules(scene, () => pageAbout(incident.incidentId, 'opened', scene));
    say(page.text.split('\n')[0] ?? '');
    findings.check('trouble of our own is said to be ours', page.text.includes('it is trouble of our own'));
    giveBack();
    const givenBackAt = aws.clock.now();
    const over = await bySchedules(scene, () => pageAbout(incident.incidentId, 'closed', scene));
    notes.once('own permission: over', () => over.sentAt);
    findings.report.incidents.push({
      cause: incident.trouble,
      party: 'provider',
      detectedMs: Date.parse(incident.detectedAt) - since,
      pagedMs: page.sentAt - since,
      recoveredMs: over.sentAt - givenBackAt,
      customerToldMs: null,
    });
    return `one page for ${incident.keyCount} keys, and one that it is over`;
  },
};

async function ownTrouble({ control }: Scene): Promise<OperatorIncident | undefined> {
  for await (const incident of unsettledIncidents({ control }))
    if (!isOver(incident) && isOperators(incident) && incident.trouble === 'own-permissions') return incident;
  return undefined;
}

/** @returns what gives it back. A deployment gives it back as well. */
function takeDecrypt({ aws }: Scene): () => void {
  const roles = LOOKING.flatMap(
    (name) => aws.iam.roleOf(`arn:aws:iam::${PROVIDER_ACCOUNT}:role/keywright-dev-${name}`) ?? [],
  );
  const allowsDecrypt = (statement: object) =>
    [(statement as { Action?: unknown }).Action].flat().includes('kms:Decrypt');
  for (const role of roles) {
    const policies = role.policies.map((policy) => ({
      ...policy,
      Statement: [policy.Statement].flat().filter((statement) => !allowsDecrypt(statement as object)),
    }));
    aws.iam.putRole({ ...role, policies: policies as typeof role.policies });
  }
  return () => {
    for (const role of roles) aws.iam.putRole(role);
  };
}

/** What schedules bring about: the clock moves on while it has not come. */
async function bySchedules<Answer>({ aws }: Scene, ask: () => Promise<Answer | undefined>): Promise<Answer> {
  for (let step = 0; step < STEPS_MAX; step += 1) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    aws.clock.advance(2 * MINUTE_MS);
    await aws.idle();
  }
  return until('what schedules bring about', ask, 1);
}
