/** The promises of `LastUses`, for every implementation of it. */
import type { LastUses } from '../../shared/domain/retirement/verify/usage-sources';
import { anArn, after as fromNow, NOW } from '../support/make';

export function lastUsesContract(open: () => Promise<LastUses>): void {
  test('of a key that nobody used there is no last use', async () => {
    expect(await (await open()).of(anArn())).toBeUndefined();
  });

  test('the last use is the latest, in whatever order uses are noted, and each key has its own', async () => {
    const uses = await open();

    for (const ms of [1_000, 3_000, 2_000, 3_000]) await uses.note(anArn(), fromNow(ms));
    await uses.note(anArn('other'), NOW);

    expect([await uses.of(anArn()), await uses.of(anArn('other'))]).toEqual([fromNow(3_000), NOW]);
  });
}
