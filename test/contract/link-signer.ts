/** The promises of `LinkSigner` and `LinkVerifier`, for every implementation of them. */
import type { LinkSigner, LinkVerifier } from '../../shared/domain/availability/ports';

export interface LinksScene {
  readonly signer: LinkSigner;
  readonly verifier: LinkVerifier;
  /** Signs with another key. */
  readonly other: LinkSigner;
}

const TEXT = 'keywright acknowledge 1\nincident-1 “ü”';

export function linkSignerContract(open: () => Promise<LinksScene>): void {
  test('the same text is signed the same, in 32 bytes, and verified as often as it is asked for', async () => {
    const { signer, verifier } = await open();
    const mac = await signer.sign(TEXT);

    expect(Buffer.from(await signer.sign(TEXT))).toEqual(Buffer.from(mac));
    expect(mac).toHaveLength(32);
    for (let time = 0; time < 2; time += 1) expect(await verifier.isSigned(TEXT, mac)).toBe(true);
  });

  test('another text, another key, a changed byte and another length are told apart from it', async () => {
    const { signer, verifier, other } = await open();
    const mac = Buffer.from(await signer.sign(TEXT));
    const changed = Buffer.from(mac);
    changed[31] = (changed[31] ?? 0) ^ 1;

    expect(await verifier.isSigned(`${TEXT}2`, mac)).toBe(false);
    expect(await verifier.isSigned(TEXT, await other.sign(TEXT))).toBe(false);
    for (const wrong of [changed, mac.subarray(1), Buffer.concat([mac, mac])])
      expect(await verifier.isSigned(TEXT, wrong)).toBe(false);
  });
}
