/** The promises of `IdentityVerifier`, for every implementation of it. */

import type { IdentityVerifier } from '../../shared/domain/retirement/ports';
import type { Identity, IdentityProof } from '../../shared/domain/retirement/proven-caller';

/** Somebody with credentials. */
export interface Signer {
  readonly identity: Identity;
  sign(statement: string): Promise<IdentityProof>;
}

export interface IdentityScene {
  readonly verifier: IdentityVerifier;
  /** With credentials of their own that do not end. */
  readonly user: Signer;
  /** With temporary ones. */
  readonly session: Signer;
}

const STATEMENT = 'ab'.repeat(32);
const ANOTHER = 'cd'.repeat(32);

export function identityVerifierContract(open: () => Promise<IdentityScene>): void {
  let scene: IdentityScene;
  beforeEach(async () => {
    scene = await open();
  });

  test.each(['user', 'session'] as const)('who signed is told by their name and their id: a %s', async (who) => {
    const { verifier, [who]: signer } = scene;

    expect(await verifier.verify(await signer.sign(STATEMENT), STATEMENT)).toEqual(signer.identity);
  });

  test('the same proof is told the same again', async () => {
    const { verifier, user } = scene;
    const proof = await user.sign(STATEMENT);

    expect(await verifier.verify(proof, STATEMENT)).toEqual(await verifier.verify(proof, STATEMENT));
  });

  const refusedWhen: Readonly<Record<string, (proof: IdentityProof, scene: IdentityScene) => Promise<IdentityProof>>> =
    {
      'is for another statement': (_, { session }) => session.sign(ANOTHER),
      'was given another signature': async (proof) => ({ ...proof, signature: proof.signature.replace(/./g, '0') }),
      'was given another date': async (proof) => ({
        ...proof,
        signedAt: proof.signedAt.replace(/..Z$/, '59Z').replace('5959Z', '5859Z'),
      }),
      'names somebody else': async (proof, { user }) => ({
        ...proof,
        accessKeyId: (await user.sign(STATEMENT)).accessKeyId,
      }),
      'names nobody': async (proof) => ({ ...proof, accessKeyId: 'AKIA0000000000NOBODY' }),
      'has another session token': async (proof) => ({ ...proof, sessionToken: `${proof.sessionToken}x` }),
      'has lost its session token': async ({ sessionToken: _lost, ...proof }) => proof,
    };

  test.each(Object.keys(refusedWhen))('a proof that %s is refused, for good', async (fault) => {
    const proof = await refusedWhen[fault]?.(await scene.session.sign(STATEMENT), scene);

    await expect(scene.verifier.verify(proof as IdentityProof, STATEMENT)).rejects.toMatchObject({
      code: 'identity.refused',
      retry: false,
    });
  });
}
