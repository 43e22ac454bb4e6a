/** Which principals read a customer's audit log by its address: adds, removes and lists them. */
import type { AuditReader } from '../customers/audit-reader';
import {
  type AuditReaderPorts,
  type AuditReaderRequest,
  addAuditReader,
  auditReadersOf,
  removeAuditReader,
} from '../customers/change-audit-readers';
import { mustFind } from '../require-row';
import { id } from './fields';
import { defineOperation, type Operation } from './operation';

export interface ShownAuditReader {
  readonly customerId: string;
  /** The ARN of a role or a user, as it was given. */
  readonly principal: string;
  readonly addedBy: string;
  readonly addedAt: string;
  readonly removedAt?: string;
}

type Change = (request: AuditReaderRequest, ports: AuditReaderPorts) => Promise<AuditReader>;

const changing = (name: string, change: Change): Operation<AuditReaderPorts> =>
  defineOperation(
    name,
    { customerId: id, principal: id },
    async ({ customerId, principal: principalArn }, { principal: by }, ports: AuditReaderPorts) => ({
      auditReader: shown(await change({ customerId, principalArn, by }, ports)),
    }),
  );

export const addAuditReaderOperation = changing('add-audit-reader', addAuditReader);
export const removeAuditReaderOperation = changing('remove-audit-reader', removeAuditReader);

export const listAuditReaders = defineOperation(
  'list-audit-readers',
  { customerId: id },
  async (
    { customerId },
    _caller,
    ports: AuditReaderPorts,
  ): Promise<{ readonly auditReaders: readonly ShownAuditReader[] }> => {
    await mustFind('customer', customerId, ports);
    return { auditReaders: (await auditReadersOf(customerId, ports)).map(shown) };
  },
);

const shown = ({ principal: _name, principalArn, revision: _revision, ...row }: AuditReader): ShownAuditReader => ({
  ...row,
  principal: principalArn,
});
