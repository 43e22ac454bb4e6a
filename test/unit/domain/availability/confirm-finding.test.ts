import { confirmFinding } from '../../../../shared/domain/availability/confirm-finding';
import { findingOf } from '../../../../shared/domain/availability/key-evidence';
import type { ErrorCode } from '../../../../shared/domain/errors';
import { aKmsKey, aWatch, NOW, silentLog } from '../../../support/make';
import { scriptedKms } from '../../../support/scripted-kms';

async function confirmedAfter(...answers: readonly (ErrorCode | 'ok')[]) {
  const kms = scriptedKms();
  kms.unwrapAnswers(...answers);
  const waits: number[] = [];
  const pause = { wait: async (ms: number) => void waits.push(ms) };
  const evidence = await confirmFinding(aKmsKey(), aWatch(), {
    ...kms,
    pause,
    clock: { now: () => NOW },
    log: silentLog,
  });
  return { availability: evidence && findingOf(evidence).availability, looks: kms.unwraps(), waits };
}

test('one look is enough for what is believed already', async () => {
  expect(await confirmedAfter('ok')).toEqual({ availability: 'available', looks: 1, waits: [] });
});

test('news takes two looks that agree, half a second apart', async () => {
  const found = await confirmedAfter('kms.key-disabled', 'kms.key-disabled');

  expect(found).toEqual({ availability: 'unavailable', looks: 2, waits: [500] });
});

test('two looks that agree count, whatever one before them said', async () => {
  const found = await confirmedAfter('kms.access-denied', 'kms.key-disabled', 'kms.key-disabled');

  expect(found).toMatchObject({ availability: 'unavailable', looks: 3 });
});

test('looks that never agree confirm nothing, and end', async () => {
  const found = await confirmedAfter('kms.access-denied', 'ok', 'kms.access-denied', 'ok', 'kms.access-denied');

  expect(found).toEqual({ availability: undefined, looks: 4, waits: [500, 500, 500] });
});
