/** Records of a log file against the streams that they belong in: what a stream lacks is sent to it, and marked as late. */
import { ContractViolation } from '../../../../events/define-event';
import { keyUseOf } from '../../../../events/kms-key-use';
import { KeywrightError } from '../../errors';
import { atMost } from '../../instants';
import type { Clock } from '../../ports';
import { type NamedEntry, packed } from '../audit-messages';
import { lateName, namesOfOwn } from '../dedupe-names';
import type { AuditQueue, AuditSequence } from '../log/ports';
import type { ReceivedRecord } from '../received-record';
import type { StreamWriter } from '../self-caused-records';
import { type AttributePorts, attributeEvent } from '../steps/attribute-event';
import type { RecordEvent } from '../steps/key-event';
import { makeEntries } from '../steps/make-entries';
import type { FileRecord } from './ports';

export interface ComparePorts extends AttributePorts {
  readonly sequence: Pick<AuditSequence, 'known'>;
  readonly queue: AuditQueue;
  readonly streamWriter: StreamWriter;
  readonly clock: Clock;
}

/** What was found of one customer's records. */
export interface Found {
  readonly events: number;
  readonly late: number;
}

export interface Compared {
  readonly counts: ReadonlyMap<string, Found>;
  /** Sent just now. They count once a later pass finds them in their streams. */
  readonly missing: number;
  /** Records of another account, or that no entry can hold. */
  readonly damaged: number;
}

/**
 * Safe to repeat: what a stream has, or gets meanwhile, is taken once.
 *
 * @throws KeywrightError `queue.not-sent`, `store.unreachable` (both retry).
 */
export async function compareRecords(records: readonly FileRecord[], ports: ComparePorts): Promise<Compared> {
  const made = await Promise.all(records.map((record) => entriesOf(record, ports)));
  const entries = once(made.flatMap((one) => one ?? []));
  const counts = new Map<string, Found>();
  const missing: NamedEntry[] = [];
  for (const customerId of new Set(entries.map((entry) => entry.customerId))) {
    const theirs = entries.filter((entry) => entry.customerId === customerId);
    const known = await ports.sequence.known(
      customerId,
      theirs.flatMap(({ names }) => names.dedupeKeys),
    );
    const has = (names: readonly string[]) => names.some((name) => known.has(name));
    const late = theirs.filter(({ names }) => has(names.dedupeKeys.slice(-1)));
    const lacking = theirs.filter(({ names }) => !has(names.dedupeKeys));
    missing.push(...lacking);
    counts.set(customerId, { late: late.length, events: theirs.length - late.length - lacking.length });
  }
  await send(missing, ports.queue);
  return { counts, missing: missing.length, damaged: made.filter((one) => one === undefined).length };
}

/** CloudTrail may deliver a record twice: those that stand together count once. */
const once = (entries: readonly NamedEntry[]): readonly NamedEntry[] => {
  const seen = new Set<string>();
  return entries.filter(({ customerId, names }) => {
    const name = `${customerId} ${names.dedupeKeys[0]}`;
    return !seen.has(name) && seen.add(name);
  });
};

/** None for a record that our rules do not ask EventBridge for: reads of metadata. Undefined for one that cannot be taken. */
async function entriesOf(file: FileRecord, ports: ComparePorts): Promise<readonly NamedEntry[] | undefined> {
  const use = keyUseOf(file.record);
  if (use.recipientAccountId !== ports.ownAccountId) return undefined;
  if (use.kind === 'read') return [];
  const event: RecordEvent = {
    kind: 'record',
    record: file.record,
    use,
    received: cameLate(file.received),
    at: atMost(use.at, ports.clock.now()),
    names: { dedupeKeys: [...namesOfOwn(use).dedupeKeys, lateName(use)] },
    account: ports.ownAccountId,
    isOwn: true,
  };
  const attributed = await attributeEvent(event, ports);
  if ('ignored' in attributed) return [];
  try {
    return makeEntries(attributed, ports.streamWriter);
  } catch (error) {
    if (error instanceof ContractViolation) return undefined;
    throw error;
  }
}

const cameLate = ({ provenance, ...received }: ReceivedRecord): ReceivedRecord => ({
  ...received,
  provenance: provenance.via === 'file' ? { ...provenance, late: true } : provenance,
});

async function send(entries: readonly NamedEntry[], queue: AuditQueue): Promise<void> {
  const messages = packed(entries.map((entry, event) => ({ event, entry }))).map(({ message }) => message);
  if (messages.length === 0) return;
  const refused = await queue.send(messages);
  if (refused.size === 0) return;
  throw new KeywrightError('queue.not-sent', 'The queue of the audit log did not take a message. Try again.');
}
