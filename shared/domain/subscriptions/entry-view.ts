/** An entry as filters and formats read it: what they do not know they leave alone, and its bytes are never written anew. */
import type { EntryFilter } from './subscription';

export interface EntryView {
  readonly index: number;
  /** As they are in the log. */
  readonly bytes: Uint8Array;
  readonly customerId: string;
  readonly eventId: string;
  readonly at: string;
  readonly kind: string;
  readonly operation: string;
  readonly outcome?: string;
  readonly errorCode?: string;
  readonly kmsKeyArns: readonly string[];
  readonly dataStores: readonly string[];
  readonly caller: Members;
  readonly source: Members;
  /** What the record or the fact says, as JSON has it. */
  readonly record: Members;
  readonly fact: Members;
}

type Members = Readonly<Record<string, unknown>>;

const DATA_STORE_CONTEXT = 'keywright:dataStoreId';

/** @returns undefined when the bytes are no entry. */
export function viewOf(index: number, bytes: Uint8Array): EntryView | undefined {
  const entry = objectIn(bytes);
  if (!entry) return undefined;
  const { customerId, eventId, at, kind, operation, outcome, errorCode } = entry;
  const known = [customerId, eventId, at, kind, operation];
  if (!known.every((value) => typeof value === 'string')) return undefined;
  const [fact, record] = [membersOf(entry['fact']), membersOf(entry['record'])];
  return {
    index,
    bytes,
    customerId: String(customerId),
    eventId: String(eventId),
    at: String(at),
    kind: String(kind),
    operation: String(operation),
    ...(typeof outcome === 'string' && { outcome }),
    ...(typeof errorCode === 'string' && { errorCode }),
    kmsKeyArns: kind === 'fact' ? textsIn([fact['kmsKeyArn']]) : textsIn(entry['kmsKeyArns']),
    dataStores: kind === 'fact' ? ofFact(fact) : ofContexts(entry['encryptionContexts']),
    caller: membersOf(entry['caller']),
    source: membersOf(entry['source']),
    record,
    fact,
  };
}

/** Whether a subscription wants it. */
export function passes({ operation, outcome, dataStores: stores }: EntryView, filter: EntryFilter): boolean {
  const { operations, dataStores, outcomes } = filter;
  return (
    (operations?.includes(operation) ?? true) &&
    (outcomes?.some((wanted) => wanted === outcome) ?? true) &&
    (dataStores?.some((wanted) => stores.includes(wanted)) ?? true)
  );
}

function objectIn(bytes: Uint8Array): Members | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : undefined;
  } catch {
    return undefined;
  }
}

const membersOf = (value: unknown): Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : {};

const textsIn = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];

const ofFact = ({ dataStoreId, dataStores }: Members): readonly string[] => [
  ...textsIn([dataStoreId]),
  ...textsIn(dataStores),
];

const ofContexts = (contexts: unknown): readonly string[] =>
  Array.isArray(contexts) ? textsIn(contexts.map((context) => membersOf(context)[DATA_STORE_CONTEXT])) : [];
