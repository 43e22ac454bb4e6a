/** Retirements: begun or let go on, asked for and approved where that takes two people, taken back, and shown. */

import * as z from 'zod/mini';
import { invalid, KeywrightError } from '../errors';
import { defined } from '../optional-fields';
import type { ControlStore } from '../ports';
import { type ApprovePorts, approveStep, requestStep } from '../retirement/approve-retirement';
import { findRetirement } from '../retirement/find-retirement';
import { requestRetirement } from '../retirement/request-retirement';
import type { Retirement, RetirementCertificate } from '../retirement/retirement';
import type { BringBackPorts } from '../retirement/steps/restore-key';
import { undoRetirement } from '../retirement/undo-retirement';
import { certificateHash, dryRun, id, keyName, reason, retirementTerms } from './fields';
import { type FindKeyPorts, findKey } from './find-key';
import { listed } from './list';
import { keysMeant } from './list-keys';
import { defineOperation, defineProvenOperation } from './operation';
import { shownApproval, shownRetirement } from './retirement-outlook';

type Ports = FindKeyPorts & BringBackPorts;

const step = z.enum(['disable', 'schedule-deletion'], { error: 'must be disable or schedule-deletion' });

export const requestRetirementOperation = defineOperation(
  'request-retirement',
  { key: keyName, terms: z.optional(retirementTerms), dryRun },
  async (input, { principal: by }, ports: Ports) => {
    const { kmsKeyArn } = await findKey(input.key, ports);
    const { terms, dryRun: tried } = input;
    return shownRetirement(await requestRetirement({ kmsKeyArn, by, terms, dryRun: tried === true }, ports), ports);
  },
);

export const requestStepOperation = defineProvenOperation(
  'request-retirement-step',
  { key: keyName, step, certificateHash, reason, dryRun },
  async (input, by, ports: Ports) => {
    const { kmsKeyArn } = await findKey(input.key, ports);
    const request = { ...input, kmsKeyArn, by, dryRun: input.dryRun === true };
    return { kmsKeyArn, ...shownApproval(await requestStep(request, ports)) };
  },
);

export const approveStepOperation = defineProvenOperation(
  'approve-retirement-step',
  { key: keyName, step, certificateHash, dryRun },
  async (input, by, ports: FindKeyPorts & ApprovePorts) => {
    const { kmsKeyArn } = await findKey(input.key, ports);
    const approval = { ...input, kmsKeyArn, by, dryRun: input.dryRun === true };
    return { kmsKeyArn, ...shownApproval(await approveStep(approval, ports)) };
  },
);

export const undoRetirementOperation = defineOperation(
  'undo-retirement',
  { key: keyName, step, reason, dryRun },
  async (input, { principal: by }, ports: Ports) => {
    const { kmsKeyArn } = await findKey(input.key, ports);
    const { step: taken, reason: why } = input;
    const request = { kmsKeyArn, step: taken, reason: why, by, dryRun: input.dryRun === true };
    return shownRetirement(await undoRetirement(request, ports), ports);
  },
);

/** The signed note: it is verified offline, by `keywright retire verify` or by any reader of the format. */
export type ShownCertificate = RetirementCertificate & Pick<Retirement, 'kmsKeyArn'>;

export const showCertificate = defineOperation(
  'show-certificate',
  { key: keyName },
  async (input, _caller, ports: Ports): Promise<ShownCertificate> => {
    const { kmsKeyArn } = await findKey(input.key, ports);
    const { retirement } = await findRetirement(kmsKeyArn, ports);
    if (retirement.certificate) return { kmsKeyArn, ...retirement.certificate };
    const message = `key: there is no certificate of ${kmsKeyArn} yet. The first proof issues one: see what it waits for.`;
    throw new KeywrightError('state.not-found', message, { field: 'key' });
  },
);

export const listRetirements = defineOperation(
  'list-retirements',
  { key: z.optional(keyName), customerId: z.optional(id) },
  async (input, _caller, ports: Ports) => {
    if (input.key !== undefined && input.customerId !== undefined) {
      throw invalid('customerId', 'goes without a key. Name a key or a customer, or neither for every retirement.');
    }
    const { rows, more } = await listed(retirementsOf(input, ports));
    return { retirements: await Promise.all(rows.map((row) => shownRetirement(row, ports))), more };
  },
);

interface Which {
  readonly key?: string | undefined;
  readonly customerId?: string | undefined;
}

async function* retirementsOf(which: Which, ports: Ports): AsyncIterable<Retirement> {
  if (which.key === undefined && which.customerId === undefined) return yield* everyRetirement(ports.control);
  for (const { kmsKeyArn } of await keysMeant(which, ports)) {
    const retirement = await ports.control.find('retirement', kmsKeyArn);
    if (retirement) yield retirement;
  }
}

const PAGE = 250;

async function* everyRetirement(control: ControlStore): AsyncIterable<Retirement> {
  let after: string | undefined;
  do {
    const page = await control.page('retirement', { limit: PAGE, ...defined({ after }) });
    yield* page.rows;
    after = page.next;
  } while (after !== undefined);
}
