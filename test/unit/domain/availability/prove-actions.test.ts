import { observeKey, servesAsNeeded } from '../../../../shared/domain/availability/observe-key';
import { proveActions } from '../../../../shared/domain/availability/prove-actions';
import { KeywrightError } from '../../../../shared/domain/errors';
import { aKmsKey, anArn, aWatch, NOW, silentLog } from '../../../support/make';
import { type ProvenAction, scriptedKms } from '../../../support/scripted-kms';

const WRAPPED = new Uint8Array([7]);
const CONTEXT = { 'keywright:customerId': 'acme' };
const RETIRING = aKmsKey({ state: 'retiring' });
const THREE: readonly ProvenAction[] = ['kms:GenerateDataKey', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'];
const refusal = { refusedBy: 'unknown', isExplicit: false };

function world() {
  const kms = scriptedKms();
  const ports = { ...kms, clock: { now: () => NOW }, log: silentLog };
  const proofs = async (key = aKmsKey()) =>
    (await proveActions(key, WRAPPED, CONTEXT, kms.prover)).map(({ action, answer }) => [action, answer]);
  return { kms, ports, proofs };
}

test('each action that we need of a key is proven by itself', async () => {
  expect(await world().proofs()).toEqual(THREE.map((action) => [action, 'ok']));
});

test('of a key that protects nothing new only what moves data away from it is needed', async () => {
  const { kms, proofs } = world();
  expect(await proofs(RETIRING)).toEqual([['kms:ReEncryptFrom', 'ok']]);

  kms.proofAnswers('kms:ReEncryptTo', 'kms.access-denied');
  expect(await proofs(RETIRING)).toEqual([]);
});

test('one call asks for both sides of re-encryption: of the one that KMS did not name nothing is said', async () => {
  const { kms, proofs } = world();
  kms.proofAnswers('kms:ReEncryptTo', 'kms.access-denied');

  expect(await proofs()).toEqual([
    ['kms:GenerateDataKey', 'ok'],
    ['kms:ReEncryptTo', 'kms.access-denied'],
  ]);
});

test('where KMS names none, both are refused', async () => {
  const { kms, proofs } = world();
  kms.proofAnswers('kms:ReEncryptFrom', 'kms.access-denied', { action: undefined });

  expect(await proofs()).toEqual([
    ['kms:GenerateDataKey', 'ok'],
    ['kms:ReEncryptFrom', 'kms.access-denied'],
    ['kms:ReEncryptTo', 'kms.access-denied'],
  ]);
});

test('a key that does not unwrap is asked nothing else', async () => {
  const { kms, ports } = world();
  kms.unwrapAnswers('kms.key-disabled');

  const evidence = await observeKey(aKmsKey(), aWatch(), ports);

  expect([kms.proofs(), evidence.proofs]).toEqual([0, []]);
});

test.each(THREE)('that %s is refused is in the evidence, and one look sees it', async (action) => {
  const { kms, ports } = world();
  expect(await servesAsNeeded(aKmsKey(), aWatch(), ports)).toBe(true);
  kms.proofAnswers(action, 'kms.access-denied');

  const { proofs, lost } = await observeKey(aKmsKey(), aWatch(), ports);

  expect(proofs).toContainEqual({ action, answer: 'kms.access-denied', refusal });
  expect(lost).toEqual([{ action, ...refusal }]);
  expect(await servesAsNeeded(aKmsKey(), aWatch(), ports)).toBe(false);
});

test('what was refused is so until an answer says otherwise', async () => {
  const { kms, ports } = world();
  const lost = [{ action: 'kms:GenerateDataKey', refusedBy: 'unknown', isExplicit: false }] as const;
  const verdict = { availability: 'at-risk', evidence: 'refused', lost, at: NOW } as const;
  const lostNow = async () => (await observeKey(aKmsKey(), aWatch({ verdict }), ports)).lost;

  kms.proofAnswers('kms:GenerateDataKey', 'kms.throttled');
  expect(await lostNow()).toEqual(lost);
  kms.proofAnswers('kms:GenerateDataKey', 'ok');
  expect(await lostNow()).toEqual([]);
});

test('what the policy as we read it takes is told as that, once', async () => {
  const { kms, ports } = world();
  const [statement] = [
    {
      Sid: 'Use',
      Effect: 'Allow',
      Principal: '*',
      Action: ['kms:Decrypt', 'kms:ReEncrypt*', 'kms:DescribeKey'],
      Resource: '*',
    },
  ];
  kms.policyIs({ Version: '2012-10-17', Statement: [statement] });
  kms.proofAnswers('kms:GenerateDataKey', 'kms.access-denied');

  const { lost } = await observeKey(aKmsKey({ option: 'customer-managed' }), aWatch(), ports);

  expect(lost).toEqual([{ action: 'kms:GenerateDataKey', statement: 'Use', isExplicit: false }]);
});

test('an alias of the customer’s that points at another key is seen, and one that KMS does not tell of is not', async () => {
  const { kms, ports } = world();
  const key = aKmsKey({ option: 'customer-managed', alias: 'alias/theirs' });
  const describing = (target: string | undefined) => ({
    ...kms.observer,
    describe: async (ref: { readonly kmsKeyArn: string }) => {
      const described = await kms.observer.describe(key);
      if (!ref.kmsKeyArn.endsWith(':alias/theirs')) return described;
      if (target === undefined) throw new KeywrightError('kms.access-denied', 'no');
      return { ...described, kmsKeyArn: target };
    },
  });
  const moved = async (target: string | undefined, of = key) =>
    (await observeKey(of, aWatch(), { ...ports, observer: describing(target) })).isAliasMoved;

  expect([await moved(anArn('another')), await moved(anArn()), await moved(undefined)]).toEqual([
    true,
    undefined,
    undefined,
  ]);
  expect(await moved(anArn('another'), { ...key, state: 'retiring' })).toBeUndefined();
  expect(await moved(anArn('another'), { ...key, openRotationId: 'one' })).toBeUndefined();
});
