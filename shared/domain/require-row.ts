/** Rows that have to be there: how it is said that one is not, once for each noun, whoever asks for it. */
import { KeywrightError } from './errors';
import type { ControlStore } from './ports';
import type { Rows } from './rows';

interface Missing {
  /** What an id of that noun is called, unless the caller calls it otherwise. */
  readonly field: string;
  says(id: string): string;
}

const MISSING = {
  'kms-key': {
    field: 'kmsKeyArn',
    says: (arn) => `${arn} is not registered. Was it onboarded, and is the ARN complete?`,
  },
  customer: {
    field: 'customerId',
    says: (id) => `${id} is not registered. Add the customer with keywright customer add.`,
  },
  rotation: { field: 'rotationId', says: (id) => `there is no rotation ${id}. Use the id that its request gave.` },
  'reencryption-job': { field: 'jobId', says: (id) => `there is no job ${id}. Use the id that its request gave.` },
  'reencryption-shard': { field: 'shard', says: (id) => `there is no shard ${id} of a job.` },
  compromise: {
    field: 'compromiseId',
    says: (id) => `there is no compromise ${id}. Use the id that its declaration gave.`,
  },
  'declared-backup': {
    field: 'backupId',
    says: (id) => `nobody declared a backup ${id}. Use the id that its declaration gave.`,
  },
  incident: { field: 'incidentId', says: (id) => `there is no incident ${id}.` },
  drill: { field: 'drillId', says: (id) => `there is no drill ${id}. List them: keywright drill list` },
  'early-warning': { field: 'warningId', says: (id) => `there is no warning ${id}.` },
  'retirement-stop': { field: 'stopId', says: (id) => `there is no retirement stop ${id}.` },
} as const satisfies Partial<Record<keyof Rows, Missing>>;

/** Nouns that somebody may name without there being a row. */
export type Named = keyof typeof MISSING;

/** That there is no such row. @param field What the caller calls the id, where that is not its usual name. */
export function notRegistered(entityType: Named, id: string, field: string = MISSING[entityType].field) {
  const { field: idField, says } = MISSING[entityType];
  return new KeywrightError('state.not-found', `${field}: ${says(id)}`, { field, [idField]: id });
}

/**
 * A row that was read, if it was there.
 *
 * @throws KeywrightError `state.not-found`, naming the field and the way out.
 */
export function registered<N extends Named>(
  entityType: N,
  row: Rows[N] | undefined,
  id: string,
  field?: string,
): Rows[N] {
  if (row === undefined) throw notRegistered(entityType, id, field);
  return row;
}

/**
 * The row of that id, read strongly consistent.
 *
 * @throws KeywrightError `state.not-found`, naming the field and the way out; and as `find` does.
 */
export async function mustFind<N extends Named>(
  entityType: N,
  id: string,
  { control }: { readonly control: Pick<ControlStore, 'find'> },
  field?: string,
): Promise<Rows[N]> {
  return registered(entityType, await control.find(entityType, id), id, field);
}

/** That a customer has nothing of what was asked for, or is none. */
export const nobodyWith = (what: string, customerId: string, field: string): KeywrightError =>
  new KeywrightError(
    'state.not-found',
    `${field}: no customer ${customerId} with ${what}. Is the id spelled as it was onboarded?`,
    { field, customerId },
  );
