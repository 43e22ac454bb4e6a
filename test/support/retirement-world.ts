/** A key that another has replaced, on its way out of the world, with people who ask and approve. */
import { createHash } from 'node:crypto';
import { encryptionContextOf } from '../../shared/domain/keys/data-key';
import type { KmsKey } from '../../shared/domain/keys/kms-key';
import { approveStep, requestStep } from '../../shared/domain/retirement/approve-retirement';
import { deleteKey } from '../../shared/domain/retirement/delete-key';
import { reconcileRetirements, retireKey } from '../../shared/domain/retirement/retire-key';
import type { Retirement, RetirementStage, RetirementStep } from '../../shared/domain/retirement/retirement';
import { RETIREMENT_DEFAULTS, type RetirementTerms } from '../../shared/domain/retirement/retirement-terms';
import { aDataKey, aDataStore, after, aKmsKey, anArn, aWatch } from './make';
import { proven } from './memory-identities';
import { rotationWorld } from './rotation-world';

export const OLD = anArn();
export const NEW = anArn('new');
export const ALICE = 'arn:aws:iam::111122223333:user/alice';
export const BOB = 'arn:aws:sts::111122223333:assumed-role/Operator/bob';

export const DAY_MS = 86_400_000;
/** More looks than any stage takes. */
const DAYS_MAX = 200;

export type RetirementWorld = ReturnType<typeof retirementWorld>;

export function retirementWorld(terms: Partial<RetirementTerms> = {}, fields: Partial<KmsKey> = {}) {
  const world = rotationWorld();
  const retirement = { ...RETIREMENT_DEFAULTS, ...terms };
  world.givenKey({ state: 'retiring', replacedBy: NEW, ...fields }, { retirement });
  world.control.given('kms-key', aKmsKey({ kmsKeyArn: NEW, keyMaterialId: world.kms.given(NEW), revision: 1 }));
  world.control.given('data-store', aDataStore({ kmsKeyArn: NEW, revision: 2 }));
  world.control.given('key-watch', aWatch({ kmsKeyArn: OLD, revision: 1 }));

  const row = async (): Promise<Retirement> => {
    const found = await world.control.find('retirement', OLD);
    if (!found) throw new Error('the retirement has not begun');
    return found;
  };
  const stepRequest = async (step: RetirementStep, by: string) => {
    const certificateHash = (await row()).certificate?.hash ?? '';
    return { kmsKeyArn: OLD, step, certificateHash, reason: 'nobody needs it', by: proven(by) };
  };

  return {
    ...world,
    row,
    key: async () => world.control.find('kms-key', OLD),
    /** A job ended after all that was seen so far. */
    ended: () => retireKey({ kmsKeyArn: OLD, toKmsKeyArn: NEW, at: after(1, world.clock.now()) }, world.ports),

    /** Time passes, and what is due is looked at. */
    async pass(days: number): Promise<void> {
      world.clock.advance(days * DAY_MS);
      await reconcileRetirements(world.ports);
    },

    /** Day after day, until the stage is reached. @returns after how many days. */
    async until(stage: RetirementStage): Promise<number> {
      for (let day = 0; day < DAYS_MAX; day += 1) {
        if ((await row()).stage === stage) return day;
        world.clock.advance(DAY_MS);
        await reconcileRetirements(world.ports);
      }
      throw new Error(`it never came to ${stage}: it is ${JSON.stringify(await row())}`);
    },

    request: async (step: RetirementStep, by = ALICE) => requestStep(await stepRequest(step, by), world.ports),
    approve: async (step: RetirementStep, by = BOB) => approveStep(await stepRequest(step, by), world.ports),

    /** A data key under the old key, as a restore of the table brings one back. */
    async dataKeyTurnsUp(): Promise<void> {
      const name = { customerId: 'acme', dataStoreId: 'documents', dataKeyId: 'restored' };
      const made = { wrapped: createHash('sha256').update('restored').digest(), kmsKeyArn: OLD, keyMaterialId: '' };
      const keyMaterialId = world.kms.materialIds(OLD).at(-1) ?? '';
      const store = aDataStore({ kmsKeyArn: OLD, revision: 2 });
      world.control.given('data-store', store);
      await world.dataKeys.create({ ...aDataKey(), ...name, ...made, keyMaterialId });
      world.control.given('data-store', { ...store, kmsKeyArn: NEW });
    },

    /** Somebody uses the key, as KMS and CloudTrail see it. */
    async use(): Promise<void> {
      const context = encryptionContextOf({ customerId: 'acme', dataStoreId: 'documents', dataKeyId: 'another' });
      await world.kms.generateWrapped(aKmsKey({ kmsKeyArn: OLD }), context);
    },

    /** What facts of that name say. */
    told: (detailType: string) =>
      world.control.outbox.filter((fact) => fact.detailType === detailType).map(({ detail }) => detail),
  };
}

/** Days enough to see each stage. */
export const SLOW = { quietDays: 7, disabledDays: 30, waitingDays: 7 };

/** A world whose key is in that stage, by the slow terms. */
export async function retirementAt(
  stage: 'quiet' | 'disabled' | 'deletable' | 'deletion-scheduled',
  terms = {},
): Promise<RetirementWorld> {
  const world = retirementWorld({ ...SLOW, ...terms });
  await world.ended();
  if (stage === 'deletion-scheduled') {
    await world.until('deletable');
    await world.request('schedule-deletion');
    await world.approve('schedule-deletion');
    await deleteKey({ kmsKeyArn: OLD }, world.ports);
  } else await world.until(stage);
  return world;
}
