/** The promises of `KeyUses`, for every implementation of it. */
import type { KeyUses } from '../../shared/domain/rotation/trigger-rotation';
import { aMaterial, anArn } from '../support/make';

/** @param open A count in which nothing was counted. */
export function keyUsesContract(open: () => Promise<KeyUses>): void {
  const used = { kmsKeyArn: anArn(), keyMaterialId: aMaterial(1) };

  test('uses add up', async () => {
    const uses = await open();

    expect(await uses.add(used, 3)).toBe(3);
    expect(await uses.add(used, 4)).toBe(7);
  });

  test('each material of each key has a count of its own', async () => {
    const uses = await open();
    await uses.add(used, 3);

    expect(await uses.add({ ...used, keyMaterialId: aMaterial(2) }, 1)).toBe(1);
    expect(await uses.add({ ...used, kmsKeyArn: anArn('other') }, 1)).toBe(1);
  });

  test('what is added at the same time is not lost', async () => {
    const uses = await open();

    const sums = await Promise.all(Array.from({ length: 10 }, () => uses.add(used, 5)));

    expect(Math.max(...sums)).toBe(50);
  });
}
