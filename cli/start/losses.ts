/** Ways in which a key is lost in the scenario: who does what to it, how it is undone, and what the verdict has to be. */
import {
  CancelKeyDeletionCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  GetKeyPolicyCommand,
  type KMSClient,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import type { Party } from '../../events/fields';
import { isKeys, type KeyIncident } from '../../shared/domain/availability/incidents/incident';
import type { Cause } from '../../shared/domain/availability/verdict';
import { MINUTE_MS } from '../../shared/domain/instants';
import { ACME, customerOf, type ExampleCustomer, WAYNE } from './customers';
import { deleteMaterial, importedKey, importMaterial } from './imported-key';
import { pageAbout } from './phone';
import type { Scene } from './scene';
import { register } from './steps/onboard-customers';
import { firstKeyOf } from './steps/rotations';
import { until } from './wait-until';

/** One key, lost in one way. */
export interface Loss {
  readonly name: string;
  readonly customer: ExampleCustomer;
  readonly cause: Cause;
  readonly party: Party;
  /** What has to be there first. Safe to repeat, as both that follow are. */
  prepare?(scene: Scene): Promise<void>;
  take(kmsKeyArn: string, scene: Scene): Promise<void>;
  giveBack(kmsKeyArn: string, scene: Scene): Promise<void>;
}

/** Whoever holds the key: the customer in their account, or our administrator. */
const holderOf = ({ customer }: Pick<Loss, 'customer'>, { acmeKms, kms }: Scene) => (customer === ACME ? acmeKms : kms);

const stateOf = async (KeyId: string, kms: KMSClient) =>
  (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyState;

export const PENDING_DELETION: Loss = {
  name: 'pending deletion',
  customer: ACME,
  cause: 'key-pending-deletion',
  party: 'customer',
  async take(KeyId, { acmeKms }) {
    if ((await stateOf(KeyId, acmeKms)) !== 'Enabled') return;
    await acmeKms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
  },
  async giveBack(KeyId, { acmeKms }) {
    if ((await stateOf(KeyId, acmeKms)) === 'PendingDeletion')
      await acmeKms.send(new CancelKeyDeletionCommand({ KeyId }));
    if ((await stateOf(KeyId, acmeKms)) === 'Disabled') await acmeKms.send(new EnableKeyCommand({ KeyId }));
  },
};

/** A statement of a key policy, as far as it is looked at here. */
type Statement = Readonly<Record<string, unknown>>;

/** A loss by a change of the key's policy, which is put back as it was. */
function byPolicy(
  loss: Pick<Loss, 'name' | 'customer' | 'cause' | 'party'>,
  change: (statements: readonly Statement[]) => readonly Statement[],
): Loss {
  const PolicyName = 'default';
  return {
    ...loss,
    async take(KeyId, scene) {
      const kms = holderOf(loss, scene);
      const { Policy = '' } = await kms.send(new GetKeyPolicyCommand({ KeyId, PolicyName }));
      const policy = JSON.parse(scene.notes.once(`${loss.name}: policy`, () => Policy));
      const changed = JSON.stringify({ ...policy, Statement: change(policy.Statement) });
      await kms.send(new PutKeyPolicyCommand({ KeyId, PolicyName, Policy: changed }));
    },
    async giveBack(KeyId, scene) {
      const Policy = scene.notes.get<string>(`${loss.name}: policy`);
      await holderOf(loss, scene).send(new PutKeyPolicyCommand({ KeyId, PolicyName, Policy }));
    },
  };
}

const AT_ONCE: readonly Loss[] = [
  {
    name: 'disabled',
    customer: customerOf('globex'),
    cause: 'key-disabled',
    party: 'provider',
    take: async (KeyId, { kms }) => void (await kms.send(new DisableKeyCommand({ KeyId }))),
    giveBack: async (KeyId, { kms }) => void (await kms.send(new EnableKeyCommand({ KeyId }))),
  },
  byPolicy({ name: 'no statement for us', customer: ACME, cause: 'key-policy', party: 'customer' }, (statements) =>
    statements.filter(({ Sid }) => Sid === 'WeDecide'),
  ),
  byPolicy(
    { name: 'no new data keys', customer: customerOf('initech'), cause: 'key-policy', party: 'provider' },
    (statements) => [
      ...statements,
      {
        Sid: 'NoNewDataKeys',
        Effect: 'Deny',
        Principal: '*',
        Action: ['kms:GenerateDataKey', 'kms:GenerateDataKeyWithoutPlaintext'],
        Resource: '*',
      },
    ],
  ),
];

const LOST_MATERIAL: Loss = {
  name: 'material deleted',
  customer: WAYNE,
  cause: 'key-material-missing',
  party: 'provider',
  async prepare(scene) {
    const { option, alias } = WAYNE;
    const kmsKeyArn = await importedKey(alias, scene);
    await register(WAYNE, { kmsKeyArn, option, access: { via: 'key-policy' }, alias }, scene);
  },
  take: deleteMaterial,
  giveBack: importMaterial,
};

/** At the same time, each with a key of its own. */
export const MORE_LOSSES: readonly Loss[] = [...AT_ONCE, LOST_MATERIAL];

export interface Lost {
  readonly loss: Loss;
  readonly kmsKeyArn: string;
  readonly incident: KeyIncident;
  /** What on-call read. */
  readonly page: string;
  readonly detectedMs: number;
  readonly pagedMs: number;
}

/** Takes the key away, and waits for the incident and its page. */
export async function lose(loss: Loss, scene: Scene): Promise<Lost> {
  const { notes, aws } = scene;
  if (notes.get(`${loss.name}: taken at`) === undefined) await loss.prepare?.(scene);
  const kmsKeyArn = await firstKeyOf(loss.customer, scene);
  const since = notes.once(`${loss.name}: taken at`, () => aws.clock.now());
  if (!isGivenBack(loss, scene)) await loss.take(kmsKeyArn, scene);
  const incident = await until(`the incident about a key: ${loss.name}`, () => incidentSince(since, kmsKeyArn, scene));
  const page = await until(`its page: ${loss.name}`, () => pageAbout(incident.incidentId, 'opened', scene));
  // What it was when the key went: the incident may tell another once the key is on its way back.
  const cause = notes.once(`${loss.name}: cause`, () => incident.cause);
  return {
    loss,
    kmsKeyArn,
    incident: { ...incident, cause },
    page: page.text,
    detectedMs: workedMs(since, Date.parse(incident.detectedAt), scene),
    pagedMs: workedMs(since, page.sentAt, scene),
  };
}

/** As long as a key is away in the scenario: one that comes back sooner is watched before that is told. */
const AWAY_MS = 6 * MINUTE_MS;

/** Time in which keys are away, once for all of them. */
export function stayAway(losses: readonly Lost[], scene: Scene): void {
  if (!losses.some(({ loss }) => isGivenBack(loss, scene))) scene.aws.clock.advance(AWAY_MS);
}

/** Gives the key back, and waits until that is noticed. @returns ms until it was. */
export async function giveBack({ loss, kmsKeyArn, incident }: Lost, scene: Scene): Promise<number> {
  const { notes, aws, control } = scene;
  const since = notes.once(`${loss.name}: given back at`, () => aws.clock.now());
  await loss.giveBack(kmsKeyArn, scene);
  const { recoveredAt = '' } = await until(`the return of the key: ${loss.name}`, async () => {
    const row = await control.find('incident', incident.incidentId);
    return row?.state !== 'open' && row;
  });
  notes.once(`${loss.name}: back at`, () => recoveredAt);
  return workedMs(since, Date.parse(recoveredAt), scene);
}

/** From the act until every customer concerned was told. */
export async function toldMs({ loss, incident }: Lost, scene: Scene): Promise<number> {
  const { notes, control } = scene;
  const toldAt = await until(`the notice to the customer: ${loss.name}`, async () => {
    const row = await control.find('incident', incident.incidentId);
    return row && isKeys(row) && row.customerToldAt;
  });
  return workedMs(notes.get<number>(`${loss.name}: taken at`) ?? 0, Date.parse(toldAt), scene);
}

/** Waits until on-call was told of each that it is over. */
export async function untilOver(losses: readonly Lost[], scene: Scene): Promise<void> {
  for (const { loss, incident } of losses)
    await until(`the page about its end: ${loss.name}`, () => pageAbout(incident.incidentId, 'closed', scene));
}

/** Whether it was given back, by an earlier run or this one. It may be that nobody has noticed yet: ask `isAway`. */
export const isGivenBack = ({ name }: Pick<Loss, 'name'>, { notes }: Pick<Scene, 'notes'>): boolean =>
  notes.get(`${name}: given back at`) !== undefined;

/** Whether applications may be refused the customer's key: from before it is taken until its return was noticed. */
export const isAway = (customerId: string, { notes }: Pick<Scene, 'notes'>): boolean =>
  [PENDING_DELETION, ...MORE_LOSSES].some(
    ({ name, customer }) =>
      customer.customerId === customerId &&
      notes.get(`${name}: taken at`) !== undefined &&
      notes.get(`${name}: back at`) === undefined,
  );

/** Open, or closed after it was open. */
async function incidentSince(since: number, kmsKeyArn: string, { control }: Scene): Promise<KeyIncident | undefined> {
  for await (const { incidentId, detectedAt } of control.ofKmsKey('incident', kmsKeyArn)) {
    if (Date.parse(detectedAt) < since) continue;
    const incident = await control.find('incident', incidentId);
    if (incident && isKeys(incident)) return incident;
  }
  return undefined;
}

/** From one instant to another, without the time in which nothing ran because the process had been killed between them. */
const workedMs = (from: number, to: number, { playedSince }: Scene) =>
  to - (from < playedSince && playedSince < to ? playedSince : from);
