/** Says which principals read a customer's audit log by its address, and takes it from them. */
import { auditReaderChanged } from '../../../events/audit-reader-changed';
import { invalid, refusal } from '../errors';
import { newFact } from '../outbox/new-fact';
import type { Clock, ControlStore, Ids } from '../ports';
import { mustFind } from '../require-row';
import { retryOnConflict } from '../retry-on-conflict';
import { committed } from '../rows';
import { AUDIT_READERS_MAX, type AuditReader, accountOf, principalName } from './audit-reader';

export interface AuditReaderPorts {
  readonly control: Pick<ControlStore, 'find' | 'commit' | 'ofCustomer'>;
  readonly clock: Clock;
  readonly ids: Ids;
}

export interface AuditReaderRequest {
  readonly customerId: string;
  /** The ARN of a role or a user. */
  readonly principalArn: string;
  /** Who asks, as the event has it. */
  readonly by: string;
}

/**
 * Lets a principal read the customer's log. Safe to repeat: who reads it already is not added, nor told, again.
 *
 * @throws KeywrightError `input.invalid`, `state.forbids` and `state.not-found`, naming the field: nothing was touched;
 *   `state.changed-meanwhile` (retry).
 */
export async function addAuditReader(request: AuditReaderRequest, ports: AuditReaderPorts): Promise<AuditReader> {
  const { customerId, principalArn, by } = request;
  const principal = named(principalArn);
  const { accountId } = await mustFind('customer', customerId, ports);
  if (accountId !== undefined && accountOf(principalArn) !== accountId)
    throw invalid(
      'principal',
      `is not of the customer’s account ${accountId}. Name a role there; others may assume it.`,
    );
  return retryOnConflict(async () => {
    const before = await ports.control.find('audit-reader', principal);
    if (before && isReading(before)) {
      if (before.customerId === customerId) return before;
      throw refusal('state.forbids', 'principal', 'reads another customer’s log. Name a role for each customer.');
    }
    if ((await auditReadersOf(customerId, ports)).length >= AUDIT_READERS_MAX)
      throw refusal('state.forbids', 'principal', `${AUDIT_READERS_MAX} read this log already. Remove one first.`);
    const addedAt = ports.clock.now();
    const row = { principal, principalArn, customerId, addedBy: by, addedAt, revision: before?.revision ?? 0 };
    return commitChange(row, 'added', by, ports);
  });
}

/**
 * Takes the log from a principal, at once. Safe to repeat.
 *
 * @throws KeywrightError `input.invalid` and `state.not-found`, naming the field; `state.changed-meanwhile` (retry).
 */
export async function removeAuditReader(request: AuditReaderRequest, ports: AuditReaderPorts): Promise<AuditReader> {
  const { customerId, principalArn, by } = request;
  const principal = named(principalArn);
  await mustFind('customer', customerId, ports);
  return retryOnConflict(async () => {
    const before = await ports.control.find('audit-reader', principal);
    if (before?.customerId !== customerId)
      throw refusal(
        'state.not-found',
        'principal',
        'reads no log of this customer. See `keywright audit-readers list`.',
      );
    if (!isReading(before)) return before;
    return commitChange({ ...before, removedAt: ports.clock.now() }, 'removed', by, ports);
  });
}

/** Who reads the customer's log now, by name. Eventually consistent. */
export async function auditReadersOf(
  customerId: string,
  { control }: Pick<AuditReaderPorts, 'control'>,
): Promise<readonly AuditReader[]> {
  const found: AuditReader[] = [];
  for await (const row of control.ofCustomer('audit-reader', customerId)) if (isReading(row)) found.push(row);
  return found;
}

/** Whether it was not removed since. */
export const isReading = ({ removedAt }: Pick<AuditReader, 'removedAt'>): boolean => removedAt === undefined;

function named(principalArn: string): string {
  const principal = principalName(principalArn);
  if (principal !== undefined) return principal;
  const way = 'Of a session name its role: arn:aws:iam::444455556666:role/analyst';
  throw invalid('principal', `must be the ARN of an IAM role or an IAM user. ${way}`);
}

async function commitChange(
  row: AuditReader,
  change: 'added' | 'removed',
  changedBy: string,
  ports: AuditReaderPorts,
): Promise<AuditReader> {
  const { customerId, principalArn: principal } = row;
  const at = ports.clock.now();
  const fact = newFact(auditReaderChanged, ports, { at, customerId, principal, change, changedBy });
  await ports.control.commit({ writes: [{ entityType: 'audit-reader', row }], facts: [fact] });
  return committed(row);
}
