/** Three ways in which a key gets new material or a successor, and one that the customer does by hand. */
import { GetKeyRotationStatusCommand, ListKeyRotationsCommand, RotateKeyOnDemandCommand } from '@aws-sdk/client-kms';
import type { Rotation } from '../../../shared/domain/rotation/rotation';
import { ACME, CUSTOMERS, customerOf, type ExampleCustomer } from '../customers';
import type { Scene, Step } from '../scene';
import { until } from '../wait-until';

const DAY_MS = 86_400_000;

/** Policies come due a day after onboarding; the planner looks every five minutes. */
export const rotateOnSchedule: Step = {
  title: 'A day passes: rotations come due',
  async run(scene) {
    await moveClockTo(
      scene.notes.once('a day later', () => scene.aws.clock.now() + DAY_MS + 6 * 60_000),
      scene,
    );
    for (const customer of [customerOf('globex'), customerOf('hooli')]) {
      const rotation = await finishedRotation(customer, scene);
      scene.say(
        `${namesOf(customer)}: ${customer.strategy}, ${msOf(rotation, scene)} ms until its last data key was re-encrypted`,
      );
    }
    await automaticRotationIsOn(customerOf('initech'), scene);
    return 'two keys rotated, a third set to rotate by itself every 90 days';
  },
};

export const rotateByItself: Step = {
  title: 'Ninety days pass: KMS rotates a key by itself',
  async run(scene) {
    await moveClockTo(
      scene.notes.once('kms-automatic set off', () => scene.aws.clock.now() + 91 * DAY_MS),
      scene,
    );
    const rotation = await finishedRotation(customerOf('initech'), scene);
    return `noticed and followed, ${msOf(rotation, scene)} ms until its last data key was re-encrypted`;
  },
};

export const customerRotates: Step = {
  title: 'Acme rotates the key in their own account, without notifying us',
  async run(scene) {
    const { KeyId } = await acmeKey(scene);
    const { Rotations = [] } = await scene.acmeKms.send(new ListKeyRotationsCommand({ KeyId }));
    const { OnDemandRotationStartDate } = await scene.acmeKms.send(new GetKeyRotationStatusCommand({ KeyId }));
    scene.notes.once('customer set off', () => scene.aws.clock.now());
    if (Rotations.length === 0 && !OnDemandRotationStartDate) {
      await scene.acmeKms.send(new RotateKeyOnDemandCommand({ KeyId }));
    }
    const rotation = await finishedRotation(ACME, scene);
    return `noticed by its event and followed, ${msOf(rotation, scene)} ms until its last data key was re-encrypted`;
  },
};

/** All measured rotations and jobs, for the report. */
export async function reportRotations(scene: Scene): Promise<void> {
  const { report, check } = scene.findings;
  let workedMs = 0;
  for (const customer of CUSTOMERS) {
    const rotation = await finishedRotation(customer, scene);
    report.rotations.push({ customerId: customer.customerId, strategy: customer.strategy, ms: msOf(rotation, scene) });
  }
  for (const kmsKeyArn of new Set(await Promise.all(CUSTOMERS.map((customer) => firstKeyOf(customer, scene))))) {
    for await (const job of scene.control.ofKmsKey('reencryption-job', kmsKeyArn)) {
      report.reencryption.total += job.total;
      report.reencryption.reencrypted += job.reencrypted;
      report.reencryption.quarantined += job.quarantined;
      workedMs += Date.parse(job.finishedAt ?? '') - Date.parse(job.startedAt);
    }
  }
  const { total, reencrypted, quarantined } = report.reencryption;
  report.reencryption.perSecond = Math.round((reencrypted / workedMs) * 1000);
  check(
    'every data key that was under an old key or old material was re-encrypted',
    total > 0 && reencrypted === total,
  );
  check('no data key had to be quarantined', quarantined === 0);
}

async function finishedRotation(customer: ExampleCustomer, scene: Scene): Promise<Rotation> {
  const kmsKeyArn = await firstKeyOf(customer, scene);
  return until(`the rotation of ${namesOf(customer)} key`, async () => {
    for await (const rotation of scene.control.ofKmsKey('rotation', kmsKeyArn)) {
      // That a customer has to act themselves is no mistake: their rotation is open until they do.
      const stuck = rotation.state === 'blocked' && rotation.strategy !== 'customer';
      if (stuck) throw new Error(`The rotation is blocked: ${rotation.blockedBy}`);
      if (rotation.state === 'done') return rotation;
    }
    return undefined;
  });
}

async function automaticRotationIsOn(customer: ExampleCustomer, scene: Scene): Promise<void> {
  const KeyId = await firstKeyOf(customer, scene);
  await until('automatic rotation of Initech’s key is on', async () => {
    const status = await scene.kms.send(new GetKeyRotationStatusCommand({ KeyId }));
    return status.KeyRotationEnabled && status.RotationPeriodInDays === customer.periodDays;
  });
}

/** The key that the customer was onboarded with, whatever took its place since. */
export async function firstKeyOf({ alias }: ExampleCustomer, { notes }: Scene): Promise<string> {
  const kmsKeyArn = notes.get<string>(firstKeyNote(alias));
  if (kmsKeyArn) return kmsKeyArn;
  throw new Error(`No key was onboarded under ${alias}.`);
}

export const firstKeyNote = (alias: string) => `first key of ${alias}`;

async function acmeKey(scene: Scene) {
  return { KeyId: await firstKeyOf(ACME, scene) };
}

/** From the moment that set it off: our request, KMS's own date, or the customer's hand. */
const msOf = ({ requestedAt, doneAt, strategy }: Rotation, { notes }: Scene) =>
  Date.parse(doneAt ?? '') - (notes.get<number>(`${strategy} set off`) ?? Date.parse(requestedAt));

/** Customers of a shared key are named together. */
function namesOf({ alias }: ExampleCustomer): string {
  return CUSTOMERS.filter((customer) => customer.alias === alias)
    .map(({ name }) => name)
    .join(' and ');
}

/**
 * The clock of local AWS goes forward only: a second run finds it there already. Whatever is on its way arrives first:
 * no queue keeps a message for ninety days.
 */
async function moveClockTo(instant: number, { aws }: Scene): Promise<void> {
  await aws.idle();
  if (aws.clock.now() < instant) aws.clock.advance(instant - aws.clock.now());
}
