/** `keywright retire request` and `approve`: a step that takes two people, each of whom has read the certificate. */
import { Argument } from 'commander';
import { utc } from '../../shared/domain/instants';
import type { Approval } from '../../shared/domain/retirement/approval';
import { KEY_HELP, operatorCommand, withApi } from '../operate/command';
import { printable } from '../output/printable-text';
import { wrapped } from '../output/wrapped';

interface Options {
  readonly certificate: string;
  readonly reason?: string;
  readonly dryRun?: boolean;
}

const about = (name: string, description: string, examples: string) =>
  operatorCommand(name, description, examples)
    .argument('<key>', KEY_HELP)
    .addArgument(new Argument('<step>', 'which step').choices(['disable', 'schedule-deletion']))
    .requiredOption('--certificate <hash>', 'the hash of the key’s latest certificate, which you have read')
    .option('--dry-run', 'show what would happen without changing anything');

const REQUEST_EXAMPLES = `
$ keywright retire certificate KEY_ARN --out key.cert
$ keywright retire verify key.cert --key acme.pub
$ keywright retire request KEY_ARN schedule-deletion --certificate HASH \\
    --reason "replaced in May, quiet since"`;

const request = () =>
  about('request', 'request a step that needs a second person', REQUEST_EXAMPLES)
    .requiredOption('--reason <text>', 'why, for whoever approves and whoever reads the audit stream')
    .action(
      withApi(async ({ api, print }, key: string, step: string, options: Options) => {
        const { certificate: certificateHash, reason, dryRun } = options;
        const input = { key, step, certificateHash, reason, ...(dryRun && { dryRun }) };
        const answer = await api.call<Approval>('request-retirement-step', input);
        print(answer, () => said(answer, dryRun === true));
      }),
    );

const APPROVE_EXAMPLES = `
$ keywright retire plan KEY_ARN    who asked, and for which certificate
$ keywright retire approve KEY_ARN schedule-deletion --certificate HASH \\
    --dry-run
$ keywright retire approve KEY_ARN schedule-deletion --certificate HASH`;

const approve = () =>
  about('approve', 'approve a step that another person requested', APPROVE_EXAMPLES).action(
    withApi(async ({ api, print }, key: string, step: string, options: Options) => {
      const { certificate: certificateHash, dryRun } = options;
      const input = { key, step, certificateHash, ...(dryRun && { dryRun }) };
      const answer = await api.call<Approval>('approve-retirement-step', input);
      print(answer, () => said(answer, dryRun === true));
    }),
  );

export const STEP_COMMANDS = [request, approve] as const;

export function said(approval: Approval, dryRun: boolean): string {
  const { kmsKeyArn, step, certificateHash, requestedBy, reason, approvedBy, expiresAt } = approval;
  return [
    `${step} of`,
    `  ${kmsKeyArn}`,
    wrapped(printable(`asked for by ${requestedBy}: ${reason}`), '  '),
    approvedBy === undefined
      ? `  another person may approve it until ${utc(expiresAt)}`
      : wrapped(
          printable(`approved by ${approvedBy}; it is carried out at once, after everything was looked at again`),
          '  ',
        ),
    ...(dryRun ? ['Nothing was touched.'] : [nextLine(approval, certificateHash)]),
  ].join('\n');
}

function nextLine({ kmsKeyArn, step, approvedBy }: Approval, certificateHash: string): string {
  if (approvedBy === undefined)
    return `Approve it:\n  keywright retire approve ${kmsKeyArn} ${step} --certificate ${certificateHash}`;
  return `Take it back:\n  keywright retire undo ${kmsKeyArn} ${step} --reason TEXT`;
}
