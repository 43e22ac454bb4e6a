/** Compromises as a person reads them. */
import type { CompromiseStatus, ShownCompromise } from '../../shared/domain/compromise/compromise-status';
import type { Protects } from '../../shared/domain/compromise/protected-data';
import { utc } from '../../shared/domain/instants';
import { printable } from '../output/printable-text';
import { grouped, table } from '../output/table';
import { wrapped } from '../output/wrapped';

export function showProtects({ customers, dataStores, dataKeys, from, isWhole }: Protects): string {
  const many = (count: number, what: string) => `${grouped(count)} ${what}${count === 1 ? '' : 's'}`;
  return [
    wrapped(
      `It protects ${many(dataKeys, 'data key')} of ${many(customers, 'customer')} in ${many(dataStores, 'data store')}.`,
    ),
    ...(from === undefined ? [] : [`The oldest data key was made at ${utc(from)}.`]),
    ...(isWhole ? [] : ['There are more than were counted.']),
    'What it protected before is found by the containment. Nothing was touched.',
  ].join('\n');
}

const COMPROMISES = [
  { title: 'compromise' },
  { title: 'what' },
  { title: 'state' },
  { title: 'data stores', align: 'right' },
  { title: 'data keys', align: 'right' },
  { title: 'declared' },
] as const;

export function showCompromises(compromises: readonly ShownCompromise[]): string {
  if (compromises.length === 0) return 'No compromise.';
  const [first] = compromises;
  const rows = compromises.map((one) => [
    one.compromiseId,
    one.what === 'kms-key' ? 'KMS key' : 'data keys',
    one.state,
    one.dataStores,
    one.dataKeys,
    utc(one.declaredAt),
  ]);
  return `${table(COMPROMISES, rows)}\nSee how one goes: keywright compromise status ${first?.compromiseId}`;
}

const EXPOSURES = [
  { title: 'customer' },
  { title: 'data store' },
  { title: 'state' },
  { title: 'data keys', align: 'right' },
  { title: 'from' },
  { title: 'until' },
  { title: 'protected anew', align: 'right' },
] as const;

export function showCompromise({ compromise, moving, exposures, more, left, reprotected }: CompromiseStatus): string {
  const rows = exposures.map((one) => [
    one.customerId,
    one.dataStoreId,
    compromise.replaceDataKeys ? one.state : 'notified',
    one.dataKeys,
    one.from === undefined ? '' : utc(one.from),
    one.until === undefined ? '' : utc(one.until),
    one.scan?.reprotected ?? 0,
  ]);
  return [
    wrapped(
      `Compromise ${compromise.compromiseId} of ${compromise.kmsKeyArn ?? `${compromise.dataKeys} data keys`}: ${compromise.state}`,
    ),
    wrapped(printable(`Declared by ${compromise.declaredBy} at ${utc(compromise.declaredAt)}: ${compromise.reason}`)),
    ...(compromise.waitingFor === undefined ? [] : [wrapped(printable(compromise.waitingFor), 'Waits: ')]),
    ...(moving ? [`Data keys moved: ${grouped(moving.reencrypted)} of about ${grouped(moving.expected)}`] : []),
    ...(compromise.misplaced
      ? [
          wrapped(
            `Data keys in no registered data store: ${grouped(compromise.misplaced)}. Find out who put their rows there.`,
          ),
        ]
      : []),
    ...next(compromise, left, reprotected),
    '',
    table(EXPOSURES, rows),
    ...(more ? ['There are more data stores than these.'] : []),
  ].join('\n');
}

/** What is left for the applications to do. */
function next({ state, cleanFrom, replaceDataKeys }: ShownCompromise, left: number, reprotected: number): string[] {
  if (!replaceDataKeys || state === 'open') return [];
  const done = `${grouped(reprotected)} records protected anew; ${grouped(left)} data stores are left.`;
  if (left === 0) return [done];
  const from = cleanFrom === undefined ? 'now' : utc(cleanFrom);
  return [done, wrapped(`Applications scan their records with keywright-envelope, from ${from} on, and confirm.`)];
}
