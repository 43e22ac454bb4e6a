import { requestRetirement } from '../../../../shared/domain/retirement/request-retirement';
import { advanceRetirement } from '../../../../shared/domain/retirement/retire-key';
import { NOW } from '../../../support/make';
import { ALICE, OLD, retirementWorld } from '../../../support/retirement-world';

describe('asked for by a person', () => {
  test('a key whose data keys stayed behind goes by the terms that the person gives', async () => {
    const world = retirementWorld();
    const terms = { quietDays: 0, approveDisable: false, disabledDays: 1, waitingDays: 7, onUse: 'alert' } as const;

    const tried = await requestRetirement({ kmsKeyArn: OLD, by: ALICE, terms, dryRun: true }, world.ports);
    expect(world.control.all('retirement')).toEqual([]);
    await requestRetirement({ kmsKeyArn: OLD, by: ALICE, terms }, world.ports);
    await advanceRetirement({ kmsKeyArn: OLD }, world.ports);

    expect(tried).toMatchObject({ terms });
    expect(await world.row()).toMatchObject({ stage: 'disabled', terms, asked: { by: ALICE, at: NOW } });
  });

  test.each([
    [{ waitingDays: 6 }, /^retirement\.waitingDays: must be a whole number of days from 7 to 30/],
    [{ waitingDays: 31 }, /^retirement\.waitingDays: /],
    [{ quietDays: -1 }, /^retirement\.quietDays: /],
    [{ disabledDays: 1.5 }, /^retirement\.disabledDays: /],
  ])('terms that contradict KMS are refused: %j', async (wrong, message) => {
    const world = retirementWorld();
    const terms = {
      quietDays: 0,
      approveDisable: false,
      disabledDays: 1,
      waitingDays: 7,
      onUse: 'alert',
      ...wrong,
    } as const;

    await expect(requestRetirement({ kmsKeyArn: OLD, by: ALICE, terms }, world.ports)).rejects.toThrow(message);
  });

  test.each([
    ['in use', { state: 'active' }, /^key: it is in use/],
    ['the customer’s', { option: 'customer-managed' }, /^key: the key is the customer’s/],
  ] as const)('a key that is %s is refused', async (_, fields, message) => {
    const world = retirementWorld({}, fields);

    await expect(requestRetirement({ kmsKeyArn: OLD, by: ALICE }, world.ports)).rejects.toThrow(message);
    await expect(requestRetirement({ kmsKeyArn: `${OLD}x`, by: ALICE }, world.ports)).rejects.toThrow(/not registered/);
  });
});
