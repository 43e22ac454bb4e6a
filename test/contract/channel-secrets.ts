/** The promises of `SecretSealer` and `SecretOpener`, for every implementation of them. */
import type { SecretOpener, SecretSealer } from '../../shared/domain/availability/ports';

export interface SecretsScene {
  readonly sealer: SecretSealer;
  readonly opener: SecretOpener;
}

export function channelSecretsContract(open: () => Promise<SecretsScene>): void {
  test('a secret opens for the name that it was sealed for, as often as it is asked for', async () => {
    const { sealer, opener } = await open();
    const sealed = await sealer.seal('whsec_“ü”', 'oncall/main');

    expect(await opener.open(sealed, 'oncall/main')).toBe('whsec_“ü”');
    expect(await opener.open(sealed, 'oncall/main')).toBe('whsec_“ü”');
  });

  test('it opens for no other name, and the error does not tell it', async () => {
    const { sealer, opener } = await open();
    const sealed = await sealer.seal('hidden-word', 'customer/acme/main');
    await opener.open(sealed, 'customer/acme/main');

    const error = await opener.open(sealed, 'customer/globex/main').catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: 'secret.not-opened', retry: true });
    expect(String(error) + JSON.stringify(error)).not.toContain('hidden-word');
  });
}
