/**
 * sign-heartbeats: signs each log's checkpoint anew, with nothing changed but its time, before it is older than was promised. So
 * whoever reads a log knows that it is whole up to a short time ago, and that silence is silence.
 */
import { invalid } from '../errors';
import { later, MINUTE_MS } from '../instants';
import type { ControlStore, Log } from '../ports';
import { workDue } from '../work-due-rows';
import type { AuditLog } from './log/audit-log';
import { type IntegratePorts, integrate, renewCheckpoint } from './log/integrate-entries';

export interface HeartbeatPorts extends IntegratePorts {
  readonly control: Pick<ControlStore, 'due' | 'find' | 'commit'>;
  readonly log: Log;
  /** A checkpoint is signed anew when it is so old. */
  readonly heartbeatMinutes: number;
}

/** A day is the longest silence that anybody need put up with. */
const MINUTES_MAX = 1_440;

/** The cadence as the stack says it. @throws KeywrightError `input.invalid`. */
export function heartbeatMinutesOf(text: string): number {
  const minutes = Number(text);
  if (Number.isInteger(minutes) && minutes >= 1 && minutes <= MINUTES_MAX) return minutes;
  throw invalid('heartbeatMinutes', `must be a whole number from 1 to ${MINUTES_MAX}. Set it in serverless.yml.`);
}

/** Two signatures, a read and a write each: 2,000 logs a minute in four parts, far below the quota of KMS. */
const DUE = { max: 500, concurrency: 20, forMs: 20_000 };

/**
 * Signs the logs that are due. Costs what is due. Safe to repeat, and to run twice at once: of two one writes.
 *
 * @param part Of what is due; all of it where none is named.
 * @throws KeywrightError `store.unreachable` (retry).
 */
export async function signHeartbeats(ports: HeartbeatPorts, part?: number): Promise<void> {
  const bounds = { ...DUE, ...(part !== undefined && { part }) };
  const { failed } = await workDue('audit-log', bounds, (row: AuditLog) => signHeartbeat(row, ports), ports);
  for (const error of failed) ports.log.error('an audit log has no heartbeat', { reason: String(error) });
}

/** What was sequenced and not yet signed for is signed for with it. */
async function signHeartbeat(row: AuditLog, ports: HeartbeatPorts): Promise<void> {
  const { sequence, clock, control, heartbeatMinutes } = ports;
  const period = heartbeatMinutes * MINUTE_MS;
  const head = await integrate(await sequence.head(row.customerId), ports);
  const signedAt = await renewCheckpoint(head, later(clock.now(), -period), ports);
  await control.commit({
    writes: [{ entityType: 'audit-log', row: { ...row, dueAt: later(signedAt ?? clock.now(), period) } }],
    facts: [],
  });
}
