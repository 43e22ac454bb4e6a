/** `keywright audit-readers`: which principals of a customer read their audit log by its address. */
import { Command } from 'commander';
import type { ShownAuditReader } from '../../shared/domain/api/audit-readers';
import { utc } from '../../shared/domain/instants';
import { operatorCommand, withApi } from '../operate/command';
import { printable } from '../output/printable-text';
import { wrapped } from '../output/wrapped';

/** `keywright audit-readers add`, `list` and `remove`. */
export function auditReadersCommand(): Command {
  const readers = new Command('audit-readers')
    .description('say which IAM principals read a customer’s audit log')
    .addHelpText('after', `\nExample:\n  $ keywright audit-readers list acme`);
  const add = changing('add', 'let a role or a user read the customer’s log, and no other', 'reads the log of');
  const remove = changing('remove', 'take the log from it, at once', 'does not read the log any more of');
  for (const command of [add, remove, list()]) readers.addCommand(command);
  return readers;
}

const CUSTOMER_HELP = 'the id of the customer whose log it is';

const changing = (verb: 'add' | 'remove', description: string, says: string) =>
  operatorCommand(
    verb,
    description,
    `$ keywright audit-readers ${verb} acme \\\n    arn:aws:iam::444455556666:role/security/analyst`,
  )
    .argument('<customer>', CUSTOMER_HELP)
    .argument('<principal>', 'the ARN of an IAM role or an IAM user of theirs')
    .action(
      withApi(async ({ api, print }, customerId: string, principal: string) => {
        const operation = `${verb}-audit-reader`;
        const answer = await api.call<{ auditReader: ShownAuditReader }>(operation, { customerId, principal });
        print(answer, () => wrapped(`${printable(answer.auditReader.principal)} ${says} ${printable(customerId)}.`));
      }),
    );

const list = () =>
  operatorCommand('list', 'list who reads a customer’s log', '$ keywright audit-readers list acme')
    .argument('<customer>', CUSTOMER_HELP)
    .action(
      withApi(async ({ api, print }, customerId: string) => {
        const answer = await api.call<{ auditReaders: ShownAuditReader[] }>('list-audit-readers', { customerId });
        print(answer, () => showReaders(answer.auditReaders, customerId));
      }),
    );

/** Who reads the log, and who said so, as a person reads it. */
export const showReaders = (readers: readonly ShownAuditReader[], customerId: string): string =>
  readers.length === 0
    ? `Nobody reads the log of ${printable(customerId)} by its address.`
    : readers
        .map(({ principal, addedBy, addedAt }) =>
          [wrapped(printable(principal)), wrapped(`added ${utc(addedAt)} by ${printable(addedBy)}`, '  ')].join('\n'),
        )
        .join('\n');
