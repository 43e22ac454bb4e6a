/** The promises of `EndpointSecrets`, for every implementation of it. */
import type { EndpointSecrets } from '../../shared/domain/subscriptions/ports';

export function endpointSecretsContract(open: () => EndpointSecrets): void {
  test('a shared secret is what its receiver is told', () => {
    const { secret, shown } = open().make('v1');

    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]+=*$/);
    expect(shown).toBe(secret);
  });

  test('of a key pair its receiver is told the public half alone', () => {
    const { secret, shown } = open().make('v1a');

    expect(secret).toMatch(/^whsk_[A-Za-z0-9+/]+=*$/);
    expect(shown).toMatch(/^whpk_[A-Za-z0-9+/]+=*$/);
    expect(Buffer.from(secret.slice(5), 'base64').subarray(0, 32)).not.toEqual(Buffer.from(shown.slice(5), 'base64'));
  });

  test('no two are the same', () => {
    const secrets = open();
    const made = [secrets.make('v1'), secrets.make('v1'), secrets.make('v1a'), secrets.make('v1a')];

    expect(new Set(made.map(({ secret }) => secret)).size).toBe(4);
  });
}
