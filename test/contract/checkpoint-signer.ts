/** The promises of `CheckpointSigner`, for every implementation of it. */
import { createPublicKey, verify } from 'node:crypto';
import type { CheckpointSigner } from '../../shared/domain/audit/log/ports';

const MESSAGE = Buffer.from('keywright/audit/acme\n1\nroot\n');

/** @param open One with a key of its own. */
export function checkpointSignerContract(open: () => Promise<CheckpointSigner>): void {
  test('signs so that its public key verifies it', async () => {
    const signer = await open();
    const publicKey = Buffer.from(await signer.publicKey());
    const key = createPublicKey({
      key: { kty: 'OKP', crv: 'Ed25519', x: publicKey.toString('base64url') },
      format: 'jwk',
    });
    const signature = await signer.sign(MESSAGE);

    expect([publicKey.length, signature.length]).toEqual([32, 64]);
    expect(verify(null, MESSAGE, key, signature)).toBe(true);
    expect(verify(null, Buffer.from('another'), key, signature)).toBe(false);
  });

  test('signs the same message the same way, and another in another', async () => {
    const signer = await open();

    expect(Buffer.from(await signer.sign(MESSAGE))).toEqual(Buffer.from(await signer.sign(MESSAGE)));
    expect(Buffer.from(await signer.sign(MESSAGE))).not.toEqual(Buffer.from(await signer.sign(Buffer.from('another'))));
  });

  test('its public key stays the same', async () => {
    const signer = await open();

    expect(Buffer.from(await signer.publicKey())).toEqual(Buffer.from(await signer.publicKey()));
  });
}
