import { createHash } from 'node:crypto';
import { provenCaller, statementOf, useOf } from '../../../../shared/domain/retirement/identity-proof';
import type { IdentityProof } from '../../../../shared/domain/retirement/proven-caller';
import { NOW } from '../../../support/make';
import { memoryControlStore } from '../../../support/memory-control-store';
import { memoryIdentities } from '../../../support/memory-identities';
import { testClock } from '../../../support/rotation-world';

const ALICE = 'arn:aws:iam::111122223333:user/alice';
const BOB = 'arn:aws:sts::111122223333:assumed-role/approver/bob';
const ASKED = { functionArn: 'arn:aws:lambda:eu-central-1:1:function:api', operation: 'approve', body: '{"key":"k"}' };
const STATEMENT = statementOf(ASKED);

const dateOf = (instant: string) => instant.replace(/[-:]|\.\d+/g, '');

function scene() {
  const identities = memoryIdentities();
  const ports = { control: memoryControlStore(), clock: testClock(), identities };
  const signed = (principal: string, at = ports.clock.now()): IdentityProof =>
    identities.signerOf(principal, { temporary: true }).sign(STATEMENT, dateOf(at));
  const claim = (principal: string, proof: unknown, statement = STATEMENT) =>
    provenCaller(
      { principal, claim: { proof: typeof proof === 'string' ? proof : JSON.stringify(proof), statement } },
      ports,
    );
  return { ports, signed, claim };
}

test('who signed what they ask is proven', async () => {
  const { signed, claim } = scene();
  const proof = signed(BOB);

  const proofId = createHash('sha256').update(proof.signature).digest('hex');
  expect(await claim(BOB, proof)).toEqual({ principal: BOB, userId: 'AROAapprover:bob', proofId });
});

test('a statement names the function, the operation and the body: none can stand for another', () => {
  const others = [
    { ...ASKED, functionArn: ASKED.functionArn.replace(':1:', ':2:') },
    { ...ASKED, operation: 'request' },
    { ...ASKED, body: '{"key": "k"}' },
    { ...ASKED, operation: 'approve\n{"key":"k"}', body: '' },
  ];
  expect(STATEMENT).toBe(createHash('sha256').update(`${ASKED.functionArn}\napprove\n{"key":"k"}`).digest('hex'));
  expect(new Set([ASKED, ...others].map(statementOf)).size).toBe(5);
  expect(statementOf({ ...ASKED, functionArn: `${ASKED.functionArn}:live` })).toBe(STATEMENT);
});

test('whom STS names has to be whom the event names', async () => {
  const { signed, claim } = scene();

  await expect(claim(ALICE, signed(BOB))).rejects.toMatchObject({
    code: 'identity.refused',
    message: `proof: it is signed by ${BOB}, and the request comes from ${ALICE}. Sign both as one.`,
  });
});

test.each([
  ['a federated user, whom any user of the account names', 'arn:aws:sts::111122223333:federated-user/bob'],
  ['a federated user of another partition', 'arn:aws-us-gov:sts::111122223333:federated-user/bob'],
  ['root', 'arn:aws:iam::111122223333:root'],
  ['a role, which nobody signs as', 'arn:aws:iam::111122223333:role/approver'],
  ['a principal of a kind that is not known', 'arn:aws:sts::111122223333:self'],
])('%s is not one person: its good proof is refused', async (_, principal) => {
  const { signed, claim } = scene();

  await expect(claim(principal, signed(principal))).rejects.toMatchObject({
    code: 'identity.refused',
    message: `proof: nobody can tell which person ${principal} is. Sign as an IAM user, or in a role.`,
  });
});

test.each([ALICE, BOB, 'arn:aws-cn:iam::111122223333:user/ops/carol'])('%s is one person', async (principal) => {
  const { signed, claim } = scene();

  expect(await claim(principal, signed(principal))).toMatchObject({ principal });
});

test('what is signed for one thing proves nothing for another', async () => {
  const { signed, claim } = scene();
  const other = statementOf({ ...ASKED, operation: 'request' });

  await expect(claim(BOB, signed(BOB), other)).rejects.toMatchObject({ code: 'identity.refused' });
});

test.each([
  ['five minutes ago', -300_000, undefined],
  ['longer ago', -301_000, 'identity.stale'],
  ['in five minutes', 300_000, undefined],
  ['later', 301_000, 'identity.stale'],
])('a proof that was signed %s counts or not', async (_, ms, code) => {
  const { signed, claim } = scene();
  const claimed = claim(BOB, signed(BOB, new Date(Date.parse(NOW) + ms).toISOString()));

  if (code) await expect(claimed).rejects.toMatchObject({ code, retry: false });
  else expect(await claimed).toMatchObject({ principal: BOB });
});

test('a date that is none is stale', async () => {
  const { signed, claim } = scene();

  await expect(claim(BOB, { ...signed(BOB), signedAt: '20269999T999999Z' })).rejects.toMatchObject({
    code: 'identity.stale',
  });
});

test('without a proof nobody is believed, and STS is not asked', async () => {
  const { ports } = scene();
  const identities = { verify: () => Promise.reject(new Error('asked')) };

  await expect(provenCaller({ principal: BOB }, { ...ports, identities })).rejects.toMatchObject({
    code: 'input.invalid',
    message: expect.stringMatching(/^proof: is missing/),
  });
});

/** Header spoofing: what would end a header, begin another, or choose a scope, a host or an action. */
test.each<[string, string, object | string]>([
  ['no JSON', 'proof', 'AKIA'],
  ['a list', 'proof', '[]'],
  ['nothing', 'proof', 'null'],
  ['another field', 'proof', { host: 'sts.example.com' }],
  ['a body of its own', 'proof', { body: 'Action=AssumeRole' }],
  ['an access key with a scope', 'proof.accessKeyId', { accessKeyId: 'AKIAEXAMPLEEXAMPLE00/20260301/us-east-1' }],
  ['an access key with a line’s end', 'proof.accessKeyId', { accessKeyId: 'AKIAEXAMPLEEXAMPLE00\n' }],
  ['a date with a header', 'proof.signedAt', { signedAt: '20260301T000000Z\r\nHost: sts.example.com' }],
  ['a signature with more signed headers', 'proof.signature', { signature: `${'0f'.repeat(32)}, SignedHeaders=host` }],
  ['a signature in capitals, a second way to write it', 'proof.signature', { signature: '0F'.repeat(32) }],
  ['a token with a header', 'proof.sessionToken', { sessionToken: 'token\r\naccept: application/json' }],
  ['an empty token', 'proof.sessionToken', { sessionToken: '' }],
  ['a token without end', 'proof.sessionToken', { sessionToken: 'x'.repeat(8_193) }],
  ['a number', 'proof.signedAt', { signedAt: 20_260_301 }],
])('a proof with %s is refused before STS is asked, and the field named', async (_, field, more) => {
  const { ports, signed } = scene();
  const identities = { verify: () => Promise.reject(new Error('asked')) };
  const proof = typeof more === 'string' ? more : JSON.stringify({ ...signed(BOB), ...more });

  await expect(
    provenCaller({ principal: BOB, claim: { proof, statement: STATEMENT } }, { ...ports, identities }),
  ).rejects.toMatchObject({ code: 'input.invalid', details: { field } });
});

test('a proof serves once: with what it serves for it is noted, for longer than it is fresh', async () => {
  const { ports } = scene();
  const use = await useOf({ proofId: 'one' }, ports);
  await ports.control.commit({ writes: [use], facts: [] });

  expect(use).toMatchObject({ entityType: 'used-proof', row: { expiresAt: Date.parse(NOW) / 1000 + 3_600 } });
  await expect(useOf({ proofId: 'one' }, ports)).rejects.toMatchObject({ code: 'identity.refused' });
  await expect(ports.control.commit({ writes: [use], facts: [] })).rejects.toMatchObject({
    code: 'state.changed-meanwhile',
  });
  await expect(useOf({ proofId: 'another' }, ports)).resolves.toMatchObject({ row: { proofId: 'another' } });
});
