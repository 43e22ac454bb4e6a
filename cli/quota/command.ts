/** `keywright quota`: the KMS request quota that applications and re-encryption share. */
import { Command, InvalidArgumentError } from 'commander';
import type { QuotaShown } from '../../shared/domain/api/kms-quotas';
import { KEY_HELP, operatorCommand, withApi } from '../operate/command';
import { grouped, table } from '../output/table';
import { wrapped } from '../output/wrapped';

export function quotaCommand(): Command {
  const quota = new Command('quota').description('show and set the KMS request quota that re-encryption respects');
  for (const command of [show(), set()]) quota.addCommand(command);
  return quota;
}

const show = () =>
  operatorCommand('show', 'show how the quota of a KMS key is used', '$ keywright quota show globex')
    .argument('<key>', KEY_HELP)
    .action(
      withApi(async ({ api, print }, key: string) => {
        const quota = await api.call<QuotaShown>('show-kms-quota', { key });
        print(quota, () => showQuota(quota));
      }),
    );

interface SetOptions {
  readonly perSecond?: number;
  readonly reserved?: number;
}

const set = () =>
  operatorCommand('set', 'set the quota that a KMS key shares with other keys', SET_EXAMPLES)
    .argument('<key>', KEY_HELP)
    .option(
      '--per-second <requests>',
      'the quota that Service Quotas shows (default: unchanged, initially AWS’s default)',
      wholeNumber,
    )
    .option(
      '--reserved <requests>',
      'requests a second to reserve for callers that do not report their use',
      wholeNumber,
    )
    .action(
      withApi(async ({ api, print }, key: string, { perSecond, reserved }: SetOptions) => {
        const quota = await api.call<QuotaShown>('set-kms-quota', { key, perSecond, reserved });
        print(quota, () => showQuota(quota));
      }),
    );

const SET_EXAMPLES = `
$ keywright quota set globex --per-second 100000
$ keywright quota set globex --reserved 2000`;

function wholeNumber(text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(number)) throw new InvalidArgumentError('Write a whole number.');
  return number;
}

const COLUMNS = [{ title: 'job' }, { title: 'priority' }, { title: 'requests a second', align: 'right' }] as const;

/** The quota as a person reads it. */
export function showQuota({ quotaId, perSecond, reserved, livePerSecond, jobs }: QuotaShown): string {
  const live = livePerSecond === undefined ? 'an unknown number now' : grouped(livePerSecond);
  const lines = [
    wrapped(
      `${quotaId}: ${grouped(perSecond)} requests a second, ${grouped(reserved)} of them reserved; applications use ${live}`,
    ),
  ];
  if (jobs.length === 0) return [...lines, 'No job uses it now.'].join('\n');
  const rows = jobs.map(({ jobId, priority, perSecond: mine }) => [jobId, priority, mine]);
  return [...lines, table(COLUMNS, rows)].join('\n');
}
