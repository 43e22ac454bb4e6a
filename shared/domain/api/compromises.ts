/** Declaring that somebody else may know or have used a key, and seeing it to its end. */

import * as z from 'zod/mini';
import { instant } from '../../../events/fields';
import { confirmNoneLeft, noteReprotection } from '../compromise/clear-exposure';
import { compromiseStatus, type ShownCompromise, shown } from '../compromise/compromise-status';
import { declareCompromise } from '../compromise/declare-compromise';
import type { CompromisePorts } from '../compromise/ports';
import { invalid } from '../errors';
import { defined } from '../optional-fields';
import { dryRun, id, keyName, reason, yesOrNo } from './fields';
import { type FindKeyPorts, findKey } from './find-key';
import { listed } from './list';
import { keysMeant } from './list-keys';
import { defineOperation } from './operation';

type Ports = FindKeyPorts & CompromisePorts;

const dataKeyName = z.strictObject(
  { customerId: id, dataStoreId: id, dataKeyId: id },
  { error: 'must name customerId, dataStoreId and dataKeyId' },
);

export const declareCompromiseOperation = defineOperation(
  'declare-compromise',
  {
    key: z.optional(keyName),
    dataKeys: z.optional(z.array(dataKeyName, { error: 'must be a list of data keys' })),
    reason,
    since: z.optional(instant),
    replaceDataKeys: z.optional(yesOrNo),
    dryRun,
  },
  async (input, { principal }, ports: Ports) => {
    const { key, dataKeys, since, replaceDataKeys } = input;
    const common = {
      reason: input.reason,
      by: principal,
      ...defined({ since }),
      ...(input.dryRun && { dryRun: true }),
    };
    if ((key === undefined) === (dataKeys === undefined)) {
      throw invalid('key', 'name either the KMS key or the data keys that are compromised.');
    }
    if (dataKeys !== undefined) {
      if (replaceDataKeys === false) throw invalid('replaceDataKeys', 'compromised data keys are always replaced.');
      return declareCompromise({ ...common, dataKeys }, ports);
    }
    const { kmsKeyArn } = await findKey(key ?? '', ports);
    return declareCompromise({ ...common, kmsKeyArn, ...(replaceDataKeys && { replaceDataKeys }) }, ports);
  },
);

export const showCompromise = defineOperation(
  'show-compromise',
  { compromiseId: id },
  async ({ compromiseId }, _caller, ports: Ports) => compromiseStatus(compromiseId, ports),
);

export const listCompromises = defineOperation(
  'list-compromises',
  { key: z.optional(keyName), customerId: z.optional(id) },
  async (input, _caller, ports: Ports) => {
    const { rows, more } = await listed(compromisesOf(input, ports));
    return { compromises: rows, more };
  },
);

/** Of keys: those of the keys. Of a customer: also those of data keys of theirs, and of keys that they no longer use. */
async function* compromisesOf(
  input: { readonly key?: string | undefined; readonly customerId?: string | undefined },
  ports: Ports,
): AsyncIterable<ShownCompromise> {
  const { control } = ports;
  const ids = new Set<string>();
  for (const { kmsKeyArn } of await keysMeant(input, ports)) {
    for await (const { compromiseId } of control.ofKmsKey('compromise', kmsKeyArn)) ids.add(compromiseId);
  }
  if (input.customerId !== undefined) {
    for await (const { compromiseId } of control.ofCustomer('exposure', input.customerId)) ids.add(compromiseId);
  }
  for (const compromiseId of ids) {
    const compromise = await control.find('compromise', compromiseId);
    if (compromise) yield shown(compromise);
  }
}

const count = z.int({ error: 'must be a whole number' }).check(z.nonnegative('must be zero or more'));

/** A data store, and what the application’s scan over its records has come to. */
const REPORT = {
  compromiseId: id,
  customerId: id,
  dataStoreId: id,
  scan: z.strictObject(
    { startedAt: instant, looked: count, reprotected: count, left: count },
    { error: 'must say startedAt, looked, reprotected and left, as the scan does' },
  ),
};

export const noteReprotectionOperation = defineOperation('note-reprotection', REPORT, (report, _caller, ports: Ports) =>
  noteReprotection(report, ports),
);

export const confirmNoneLeftOperation = defineOperation(
  'confirm-none-left',
  REPORT,
  (report, { principal }, ports: Ports) => confirmNoneLeft({ ...report, by: principal }, ports),
);
