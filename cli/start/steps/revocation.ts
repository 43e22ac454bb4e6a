/** A customer takes their key away; on-call is paged with the impact; the key comes back and so does the service. */
import { EnvelopeError } from 'keywright-envelope/errors';
import type { ShownKey } from '../../../shared/domain/api/list-keys';
import type { IncidentShown } from '../../../shared/domain/api/show-incident';
import { apiAt } from '../../operate/api';
import { ACME, DATA_STORES, MONTHS_OF_HISTORY } from '../customers';
import {
  giveBack,
  isAway,
  isGivenBack,
  type Lost,
  lose,
  MORE_LOSSES,
  PENDING_DELETION,
  stayAway,
  toldMs,
  untilOver,
} from '../losses';
import { pageLines } from '../page-lines';
import { connectPhone } from '../phone';
import type { Scene, Step } from '../scene';
import { inParallel } from '../wait-until';
import { PLACES, readBack } from './protect-data';

const acmePlaces = PLACES.filter((place) => place.customerId === ACME.customerId);
const otherPlace = PLACES.find((place) => place.customerId !== ACME.customerId);

export const takeKeyAway: Step = {
  title: 'Acme schedules their key for deletion',
  async run(scene) {
    const { findings, say } = scene;
    await connectPhone(scene);
    const lost = await lose(PENDING_DELETION, scene);
    const { incident, page, detectedMs, pagedMs } = lost;
    const affectedDataStores = incident.impact.dataStoreCount;
    Object.assign(findings.report.revocation, { cause: incident.cause, affectedDataStores, detectedMs, pagedMs });
    for (const line of page.split('\n').flatMap((text) => pageLines(text))) say(`| ${line}`);
    findings.check('exactly the data stores under that key are named', affectedDataStores === DATA_STORES.length);
    findings.check('on-call was paged within a minute', pagedMs < 60_000);
    checkVerdict(lost, scene);
    await askAbout(lost, scene);
    return `confirmed after ${detectedMs} ms, on-call paged after ${pagedMs} ms`;
  },
};

function checkVerdict({ loss, incident }: Lost, { findings }: Scene): void {
  const isTrue = incident.cause === loss.cause && incident.party === loss.party;
  findings.check(`${loss.name}: the cause is the true one, and whose act it is`, isTrue);
}

/** Whoever is paged asks the API, as the commands do: about the key, and about the incident that the page names. */
async function askAbout({ loss, page, kmsKeyArn }: Lost, scene: Scene): Promise<void> {
  const { outputs, findings } = scene;
  const api = apiAt({ api: outputs['ApiLambdaFunctionUrl'], stage: 'dev' });
  const [, incidentId = ''] = /^Incident: +(\S+)$/m.exec(page) ?? [];
  const { timeline, incident } = await api.call<IncidentShown>('show-incident', { incidentId });
  findings.check(
    'the incident that the page names is found by its id, with its timeline',
    incident.kind !== 'operator' &&
      // On its way back the key may be away by another cause, which its incident tells from then on.
      (incident.cause === loss.cause || isGivenBack(loss, scene)) &&
      timeline.some(({ what }) => what === 'detected'),
  );
  if (isGivenBack(loss, scene)) return;
  const { keys } = await api.call<{ keys: readonly ShownKey[] }>('list-keys', { key: kmsKeyArn });
  findings.check('the key is listed as unavailable', keys.length === 1 && keys[0]?.availability === 'unavailable');
}

export const refuseWhileAway: Step = {
  title: 'Meanwhile the application: Acme is refused, everybody else works',
  async run(scene) {
    const { envelopeAt, aws, s3, findings } = scene;
    if (isGivenBack(PENDING_DELETION, scene)) return 'checked before';
    const envelope = envelopeAt(aws.clock.now);
    const refused = await inParallel(acmePlaces, 3, async (place) => {
      const tries = [envelope.encrypt(place, Buffer.from('new data')), readBack(place, envelope, s3)];
      const outcomes = await Promise.allSettled(tries);
      return outcomes.every((outcome) => outcome.status === 'rejected' && isKeyUnavailable(outcome.reason));
    });
    const others = otherPlace ? await readBack(otherPlace, envelope, s3) : 0;
    findings.check('while the key is away nothing of Acme is read or written', refused.every(Boolean));
    findings.check('other customers are not touched by it', others === MONTHS_OF_HISTORY);
    return `Acme: KEY_UNAVAILABLE in ${acmePlaces.length} data stores; ${otherPlace?.customerId}: ${others} records read`;
  },
};

const isKeyUnavailable = (error: unknown) => error instanceof EnvelopeError && error.code === 'KEY_UNAVAILABLE';

export const giveKeyBack: Step = {
  title: 'Acme calls the deletion off and enables the key',
  async run(scene) {
    const { aws, findings } = scene;
    const lost = await lose(PENDING_DELETION, scene);
    stayAway([lost], scene);
    const recoveredMs = await returned(lost, scene);
    await untilOver([lost], scene);
    findings.report.revocation.recoveredMs = recoveredMs;
    if (isAway(ACME.customerId, scene)) return 'checked before';
    const envelope = scene.envelopeAt(aws.clock.now);
    const read = await inParallel(acmePlaces, 3, (place) => readBack(place, envelope, scene.s3));
    findings.check(
      'all of Acme’s records read back once the key is there again',
      read.every((count) => count === MONTHS_OF_HISTORY),
    );
    return `noticed after ${recoveredMs} ms, incident closed, all of Acme's records readable`;
  },
};

/** Gives the key back. @returns ms until it was noticed. */
async function returned(lost: Lost, scene: Scene): Promise<number> {
  const recoveredMs = await giveBack(lost, scene);
  const { cause, party = 'unknown' } = lost.incident;
  const { detectedMs, pagedMs } = lost;
  const customerToldMs = await toldMs(lost, scene);
  scene.findings.report.incidents.push({ cause, party, detectedMs, pagedMs, recoveredMs, customerToldMs });
  return recoveredMs;
}

export const loseMoreKeys: Step = {
  title: 'Four keys at once, each lost in a way of its own',
  async run(scene) {
    const losses = await inParallel(MORE_LOSSES, MORE_LOSSES.length, async (loss) => {
      const lost = await lose(loss, scene);
      checkVerdict(lost, scene);
      scene.say(`${lost.page.split('\n')[0]} (paged after ${lost.pagedMs} ms)`);
      return lost;
    });
    stayAway(losses, scene);
    await inParallel(losses, losses.length, (lost) => returned(lost, scene));
    await untilOver(losses, scene);
    return 'each paged with its cause and whose act it is, given back, and over';
  },
};
