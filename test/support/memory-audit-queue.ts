/** Entries on their way to the writers of the logs, in memory. */
import type { AuditEntries } from '../../events/audit-entries';
import type { AuditQueue } from '../../shared/domain/audit/log/ports';

export interface MemoryAuditQueue extends AuditQueue {
  readonly sent: readonly AuditEntries[];
  /** From now on the messages of these customers are refused; of all of them, when none is named. */
  refuse(...customerIds: readonly string[]): void;
}

export function memoryAuditQueue(): MemoryAuditQueue {
  const sent: AuditEntries[] = [];
  let isRefused: (message: AuditEntries) => boolean = () => false;
  return {
    sent,
    refuse(...customerIds) {
      isRefused = ({ customerId }) => customerIds.length === 0 || customerIds.includes(customerId);
    },
    async send(messages) {
      sent.push(...messages.filter((message) => !isRefused(message)));
      return new Set(messages.flatMap((message, at) => (isRefused(message) ? [at] : [])));
    },
  };
}
