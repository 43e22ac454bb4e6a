/** `keywright retire`: the way of a KMS key that was replaced out of the world. */
import { writeFileSync } from 'node:fs';
import { Argument, Command } from 'commander';
import { onFile } from 'local-aws/file-errors';
import type { RetirementPlan } from '../../shared/domain/api/plan-retirement';
import type { ShownRetirement } from '../../shared/domain/api/retirement-outlook';
import type { ShownCertificate } from '../../shared/domain/api/retirements';
import { utc } from '../../shared/domain/instants';
import { KEY_HELP, operatorCommand, whichKeys, withApi } from '../operate/command';
import { type RetirementOptions, retirementTermsIn, withRetirementTerms } from '../operate/retirement-terms';
import { showPlan, showRetirement, showRetirements } from './report';
import { STEP_COMMANDS } from './steps';
import { verify } from './verify-certificate';

export function retireCommand(): Command {
  const retire = new Command('retire').description('retire a replaced key after verifying that nothing uses it');
  const inner = [plan(), start(), ...STEP_COMMANDS.map((make) => make()), undo(), status(), certificate(), verify()];
  for (const command of inner) retire.addCommand(command);
  return retire;
}

const plan = () =>
  operatorCommand('plan', 'show what still needs a KMS key and the next step', '$ keywright retire plan KEY_ARN')
    .argument('<key>', KEY_HELP)
    .action(
      withApi(async ({ api, print }, key: string) => {
        const answer = await api.call<RetirementPlan>('plan-retirement', { key });
        print(answer, () => showPlan(answer));
      }),
    );

type StartOptions = RetirementOptions & { readonly dryRun?: boolean };

const START_EXAMPLES = `
$ keywright retire start KEY_ARN            by the terms of its policy
$ keywright retire start KEY_ARN --dry-run  what would happen; nothing changes
$ keywright retire start KEY_ARN --quiet-days 14 --approve-disable`;

const start = () =>
  withRetirementTerms(operatorCommand('start', 'start or resume the retirement of a KMS key', START_EXAMPLES))
    .argument('<key>', KEY_HELP)
    .option('--dry-run', 'show what would happen without changing anything')
    .action(
      withApi(async ({ api, print }, key: string, { dryRun, ...options }: StartOptions) => {
        const terms = retirementTermsIn(options);
        const input = { key, ...(terms && { terms }), ...(dryRun && { dryRun }) };
        const answer = await api.call<ShownRetirement>('request-retirement', input);
        print(answer, () => showRetirement(answer, { dryRun: dryRun === true }));
      }),
    );

interface UndoOptions {
  readonly reason: string;
  readonly dryRun?: boolean;
}

const UNDO_EXAMPLES = `
$ keywright retire undo KEY_ARN disable --reason "an export needs it"
$ keywright retire undo KEY_ARN schedule-deletion --reason "wait a month"

The first puts the key into use again at once, the second calls the deletion
off.`;

/** Nobody else has to agree to what brings a key back. */
const undo = () =>
  operatorCommand('undo', 'undo a step immediately and hold the retirement', UNDO_EXAMPLES)
    .argument('<key>', KEY_HELP)
    .addArgument(new Argument('<step>', 'which step').choices(['disable', 'schedule-deletion']))
    .requiredOption('--reason <text>', 'the reason, as the audit stream shows it')
    .option('--dry-run', 'show what would happen without changing anything')
    .action(
      withApi(async ({ api, print }, key: string, step: string, { reason, dryRun }: UndoOptions) => {
        const input = { key, step, reason, ...(dryRun && { dryRun }) };
        const answer = await api.call<ShownRetirement>('undo-retirement', input);
        print(answer, () => showRetirement(answer, { dryRun: dryRun === true }));
      }),
    );

const STATUS_EXAMPLES = `
$ keywright retire status
$ keywright retire status --customer globex --json`;

const status = () =>
  operatorCommand('status', 'show retirements, what they wait for and until when', STATUS_EXAMPLES)
    .argument('[key]', KEY_HELP)
    .option('--customer <id>', 'only keys of this customer')
    .action(
      withApi(async ({ api, print }, key: string | undefined, { customer }: { readonly customer?: string }) => {
        const answer = await api.call<{ retirements: ShownRetirement[]; more: boolean }>(
          'list-retirements',
          whichKeys(key, customer),
        );
        print(answer, () => showRetirements(answer.retirements, answer.more));
      }),
    );

const CERTIFICATE_EXAMPLES = `
$ keywright retire certificate KEY_ARN --out key.cert
$ keywright retire verify key.cert --key acme.pub
$ keywright retire certificate KEY_ARN | mail auditor@example.com`;

const certificate = () =>
  operatorCommand('certificate', 'print or save the latest certificate of a KMS key', CERTIFICATE_EXAMPLES)
    .argument('<key>', KEY_HELP)
    .option('--out <file>', 'write to this file instead of standard output')
    .action(
      withApi(async ({ api, print }, key: string, { out }: { readonly out?: string }) => {
        const answer = await api.call<ShownCertificate>('show-certificate', { key });
        if (out === undefined) return print(answer, () => answer.note);
        onFile(out, () => writeFileSync(out, answer.note));
        print(answer, () => `${out}: ${answer.verdict}, issued ${utc(answer.issuedAt)}\nhash ${answer.hash}`);
      }),
    );
