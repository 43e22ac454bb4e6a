/** The promises of `Aliases`, for every implementation of it. */
import type { Aliases } from '../../shared/domain/api/find-key';

export interface AliasesScene {
  readonly aliases: Aliases;
  /** Points an alias at a key. @returns the key's full ARN. */
  given(alias: string): Promise<string>;
}

export function aliasesContract(open: () => Promise<AliasesScene>): void {
  test('an alias is found by the full ARN of its key, and each has its own', async () => {
    const { aliases, given } = await open();
    const [one, other] = [await given('alias/one'), await given('alias/other')];

    expect(one).toMatch(/^arn:aws:kms:[\w-]+:\d{12}:key\//);
    expect([await aliases.keyOf('alias/one'), await aliases.keyOf('alias/other')]).toEqual([one, other]);
  });

  test('a key is found by its id as well', async () => {
    const { aliases, given } = await open();
    const arn = await given('alias/one');
    await given('alias/other');

    expect(await aliases.keyOf(arn.split('/')[1] ?? '')).toBe(arn);
    expect(await aliases.keyOf('00000000-0000-4000-8000-000000000000')).toBeUndefined();
  });

  test('an alias that names no key is undefined', async () => {
    const { aliases, given } = await open();
    await given('alias/one');

    expect(await aliases.keyOf('alias/nobody')).toBeUndefined();
  });
}
