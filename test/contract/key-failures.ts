/** The promises of `KeyFailures`, for every implementation of it. */
import type { KeyFailures } from '../../shared/domain/availability/key-failure';
import { anArn } from '../support/make';

export interface KeyFailuresScene {
  readonly failures: KeyFailures;
  /** What is kept of a key. */
  kept(kmsKeyArn: string): Promise<string | undefined>;
  /** From now on no report is taken. */
  breakDown(): Promise<void>;
}

export function keyFailuresContract(open: () => Promise<KeyFailuresScene>): void {
  test('of several reports of a key the last one is kept, and each key has its own', async () => {
    const { failures, kept } = await open();

    await failures.report(anArn(), 'kms.key-disabled');
    await failures.report(anArn('other'), 'kms.access-denied');
    await failures.report(anArn(), 'kms.key-pending-deletion');

    expect([await kept(anArn()), await kept(anArn('other')), await kept(anArn('third'))]).toEqual([
      'kms.key-pending-deletion',
      'kms.access-denied',
      undefined,
    ]);
  });

  test('that a key works again takes the place of its failure', async () => {
    const { failures, kept } = await open();

    await failures.report(anArn(), 'kms.key-disabled');
    await failures.report(anArn(), 'works-again');

    expect(await kept(anArn())).toBe('works-again');
  });

  test('the same report again changes nothing of what is kept', async () => {
    const { failures, kept } = await open();

    await failures.report(anArn(), 'kms.key-disabled');
    await failures.report(anArn(), 'kms.key-disabled');

    expect(await kept(anArn())).toBe('kms.key-disabled');
  });

  test('a report that is not taken is an error that says so', async () => {
    const { failures, breakDown } = await open();
    await breakDown();

    await expect(failures.report(anArn(), 'kms.key-disabled')).rejects.toMatchObject({
      code: expect.stringMatching(/^store\.(unreachable|refused)$/),
    });
  });
}
