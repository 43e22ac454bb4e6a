/** `keywright retire`: what still needs a KMS key that shall go. */
import { Command } from 'commander';
import type { RetirementPlan } from '../../shared/domain/operations/plan-retirement';
import { KEY_HELP, operatorCommand, withApi } from '../operate/command';
import { grouped } from '../output/table';

export function retireCommand(): Command {
  const retire = new Command('retire').description('see what keeps a KMS key from going');
  for (const command of [plan()]) retire.addCommand(command);
  return retire;
}

const plan = () =>
  operatorCommand('plan', 'show what still needs a KMS key, and what comes next', '$ keywright retire plan KEY_ARN')
    .argument('<key>', KEY_HELP)
    .action(
      withApi(async ({ api, print }, key: string) => {
        const answer = await api.call<RetirementPlan>('plan-retirement', { key });
        print(answer, () => showPlan(answer));
      }),
    );

function showPlan({ kmsKeyArn, state, replacedBy, retiredAt, needs, refused, next }: RetirementPlan): string {
  const { jobs, dataStores, dataKeys } = needs;
  return [
    `${kmsKeyArn}: ${state}${retiredAt === undefined ? '' : ` since ${retiredAt}`}`,
    ...(replacedBy === undefined ? [] : [`  ${replacedBy} took its place`]),
    `  needed by ${grouped(dataStores.length)} data stores, ${grouped(dataKeys)} data keys, ${grouped(jobs.length)} jobs`,
    ...dataStores.slice(0, SHOWN_MAX).map((id) => `    data store ${id}`),
    ...jobs.map((jobId) => `    re-encryption job ${jobId}`),
    ...(refused ? [`  the proof of ${refused.at} found ${refused.references.join(', ')}`] : []),
    next,
  ].join('\n');
}

const SHOWN_MAX = 10;
