/** `keywright audit`: what a customer does with their audit log, trusting nothing but its public key. */
import { Command } from 'commander';
import { compareCommand } from './compare';
import { exportCommand } from './export';
import { proveCommand } from './prove';
import { publicKeyCommand } from './public-key';
import { tailCommand } from './tail';
import { verifyCommand } from './verify';

const HELP = `
A log is a folder, an S3 prefix, or the provider’s API, which knows by your
AWS credentials whose log you read: docs/audit-for-analysts.md. The same checks without the product:
the package keywright-verify.

Examples:
  $ keywright audit verify ./acme --public-key acme.pub
  $ keywright audit tail s3://audit-bucket/acme --public-key acme.pub --follow
  $ keywright audit compare ./acme ./AWSLogs --public-key acme.pub
`;

/** The command with its verbs. */
export function auditCommand(): Command {
  const audit = new Command('audit').description('verify, read and compare audit logs').addHelpText('after', HELP);
  const verbs = [verifyCommand(), tailCommand(), exportCommand(), proveCommand(), compareCommand(), publicKeyCommand()];
  for (const verb of verbs) audit.addCommand(verb);
  return audit;
}
