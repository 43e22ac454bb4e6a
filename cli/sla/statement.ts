/** `keywright sla export` and `sla verify`: a period as a signed statement, and whether one that somebody holds is sound. */
import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { Refusal } from 'keywright-verify/note';
import { type SlaStatement, type StatedInterval, verifySlaStatement } from 'keywright-verify/sla-statement';
import { durationText } from '../../shared/domain/duration-text';
import { utc } from '../../shared/domain/instants';
import type { SignedStatement } from '../../shared/domain/sla-ledger/export-sla';
import { operatorCommand, withApi } from '../operate/command';
import { instantOf } from '../operate/instant';
import { printable } from '../output/printable-text';
import { readSigned } from '../output/signed-file';
import { wrapped } from '../output/wrapped';

interface ExportOptions {
  readonly from: string;
  readonly to: string;
  readonly out?: string;
}

const EXPORT_EXAMPLES = `
$ keywright sla export globex --from 2026-10-01 --to 2026-11-01 \\
    --out globex.sla
$ keywright sla export globex --from 2026-10-01 --to 2026-11-01 > globex.sla`;

/** `keywright sla export CUSTOMER` */
export const exportStatement = () =>
  operatorCommand('export', 'sign what a period took of a customer, for the contract', EXPORT_EXAMPLES)
    .argument('<customer>', 'the id of a customer')
    .requiredOption('--from <day>', 'the first day (UTC), or an instant', instantOf)
    .requiredOption('--to <day>', 'the day that is no longer part of it', instantOf)
    .option('--out <file>', 'write the statement there; the file must be new')
    .action(
      withApi(async ({ api, print }, customerId: string, { from, to, out }: ExportOptions) => {
        const answer = await api.call<SignedStatement>('export-sla', { customerId, from, to });
        if (out === undefined) return print(answer, () => answer.note);
        writeFileSync(out, answer.note, { flag: 'wx' });
        print(
          { ...answer, file: out },
          () => `${out}: ${answer.intervals} intervals. Anybody can verify it: keywright sla verify`,
        );
      }),
    );

const VERIFY_EXAMPLES = `
Examples:
  $ keywright sla verify globex.sla --public-key globex.pub
  $ keywright sla verify globex.sla --public-key "keywright/audit/globex+…"

Exit code 1: the statement does not hold. 2: it could not be looked at.
`;

interface VerifyOptions {
  readonly publicKey: string;
  readonly customer?: string;
  readonly json?: boolean;
}

/** `keywright sla verify FILE` */
export const verifyStatement = () =>
  new Command('verify')
    .description('verify an SLA statement offline')
    .argument('<file>', 'a statement, as `keywright sla export` wrote it')
    .requiredOption('--public-key <key>', 'of any audit stream of the provider, or a file with it')
    .option('--customer <id>', 'the customer whom it must be about')
    .option('--json', 'print the report as JSON')
    .addHelpText('after', VERIFY_EXAMPLES)
    .action((file: string, { publicKey, customer, json }: VerifyOptions) => {
      const given = readSigned(file, publicKey);
      if (given === undefined) return;
      const report = reportOn(given.note, given.publicKey, customer);
      process.stdout.write(`${json ? JSON.stringify(report, null, 2) : textOf(report)}\n`);
      if (!report.ok) process.exitCode = 1;
    });

interface StatementReport {
  readonly ok: boolean;
  /** What is wrong, each in a sentence. */
  readonly faults: readonly string[];
  readonly hash?: string;
  readonly statement?: SlaStatement;
}

function reportOn(note: Uint8Array, publicKey: string, customerId: string | undefined): StatementReport {
  try {
    const { statement, hash, faults } = verifySlaStatement(note, publicKey);
    const isOther = customerId !== undefined && statement.customerId !== customerId;
    const all = [...(isOther ? [`It is about ${statement.customerId}.`] : []), ...faults];
    return { ok: all.length === 0, faults: all, hash, statement };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ok: false, faults: [error.message] };
  }
}

function textOf({ ok, faults, hash, statement }: StatementReport): string {
  return [
    ...(statement && ok ? said(statement) : []),
    ...faults.map((fault) => wrapped(printable(fault), 'BAD  ')),
    ...(hash === undefined ? [] : [`hash ${hash}`]),
    ok ? 'The statement holds.' : 'The statement does NOT hold. Do not settle by it; ask whoever issued it.',
  ].join('\n');
}

function said({
  customerId,
  from,
  to,
  issuedAt,
  serviceLevel,
  budgetMs,
  burntMs,
  excludedMs,
  intervals,
}: SlaStatement) {
  return [
    wrapped(
      printable(
        `${customerId}: ${serviceLevel.targetPercent} % from ${utc(from)} until ${utc(to)}, issued ${utc(issuedAt)}`,
      ),
    ),
    `${durationText(burntMs)} burnt of ${durationText(budgetMs)}, ${durationText(excludedMs)} excluded`,
    ...intervals.map(intervalText),
  ];
}

function intervalText({
  incidentId,
  cause,
  party,
  clause,
  stoppedAt,
  servingAt,
  burntMs,
  excludedMs,
}: StatedInterval): string {
  const took =
    clause === undefined ? `${durationText(burntMs)} burnt` : `${durationText(excludedMs)} excluded (${clause})`;
  const since =
    stoppedAt === undefined
      ? 'nothing stopped'
      : `${utc(stoppedAt)} to ${servingAt === undefined ? 'the end' : utc(servingAt)}`;
  return wrapped(
    printable(`${took}: ${cause}${party === undefined ? '' : ` (${party})`}, ${since}, incident ${incidentId}`),
    '- ',
  );
}
