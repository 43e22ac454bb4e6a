/** What a customer's own principals ask of their audit log: entries by filter, and proofs. The log's files are asked for by GET. */
import * as z from 'zod/mini';
import {
  customerReadBy,
  proveConsistency,
  proveInclusion,
  type ReadAuditPorts,
  readEntries,
  readLogFile,
} from '../subscriptions/read-audit';
import { count, entryFilter, sentence } from './fields';
import { defineOperation } from './operation';

export const READ_AUDIT_OPERATIONS = [
  defineOperation(
    'list-entries',
    { cursor: z.optional(sentence('must be the cursor of a page')), limit: z.optional(count), ...entryFilter },
    async (request, { principal }, ports: ReadAuditPorts) =>
      readEntries(await customerReadBy(principal, ports), request, ports),
  ),
  defineOperation('prove-inclusion', { index: count }, async ({ index }, { principal }, ports: ReadAuditPorts) =>
    proveInclusion(await customerReadBy(principal, ports), index, ports),
  ),
  defineOperation('prove-consistency', { from: count }, async ({ from }, { principal }, ports: ReadAuditPorts) =>
    proveConsistency(await customerReadBy(principal, ports), from, ports),
  ),
];

/** The file of that path, of the log that the principal reads. @throws KeywrightError `identity.refused`, `state.not-found`. */
export const readFileAs = async (path: string, principal: string, ports: ReadAuditPorts): Promise<Uint8Array> =>
  readLogFile(await customerReadBy(principal, ports), path, ports);
