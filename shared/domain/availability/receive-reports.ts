/**
 * receive-reports: what applications tell of KMS keys that failed them, or serve them again, becomes signals.
 *
 * A report comes from whoever may write reports, who is trusted with nothing else: it says which key and one of a few
 * answers, never words of its own or a time, and `assess-key` looks for itself before anything follows.
 */
import * as z from 'zod/mini';
import { readWith } from '../../../events/define-event';
import { kmsKeyArn } from '../../../events/fields';
import type { Clock, ControlStore, Log } from '../ports';
import { KEY_FAILURES, WORKS_AGAIN } from './key-failure';
import { raiseSignal } from './raise-signal';

export interface ReceivePorts {
  readonly control: Pick<ControlStore, 'find' | 'commit'>;
  readonly clock: Clock;
  readonly log: Log;
}

const TOLD = [...KEY_FAILURES, WORKS_AGAIN] as const;

const REPORT = z.object({
  kmsKeyArn,
  failure: z.enum(TOLD, { error: `must be one of ${TOLD.join(', ')}` }),
});

/** That an application could not use a key, or can again. */
export type Report = z.output<typeof REPORT>;

/** @throws ContractViolation for what is no report. */
export const readReport = (report: unknown): Report => readWith(REPORT, 'report', report);

/**
 * Signals the key that the report names, if it is one of ours. Safe to repeat: `raiseSignal` bounds how
 * often a key is looked at.
 *
 * @throws KeywrightError `store.unreachable` (retry), `store.row-misplaced`.
 */
export async function receiveReport(report: Report, ports: ReceivePorts): Promise<'signalled' | 'ignored'> {
  const { control, clock, log } = ports;
  const { kmsKeyArn, failure } = report;
  if (!(await control.find('kms-key', kmsKeyArn))) {
    log.warn('ignored: no report', { reason: 'the key is not registered', kmsKeyArn });
    return 'ignored';
  }
  const at = clock.now();
  const signal = failure === WORKS_AGAIN ? 'own-success' : 'own-failure';
  await raiseSignal({ kmsKeyArn, at, signal, observed: `an application: ${failure}` }, ports);
  return 'signalled';
}
