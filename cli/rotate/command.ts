/** `keywright rotate`: begins a rotation before its time. */
import { Option } from 'commander';
import { rotationStrategy } from '../../events/fields';
import type { Rotation } from '../../shared/domain/kms-key';
import type { WouldRotate } from '../../shared/domain/operations/request-rotation';
import { KEY_HELP, operatorCommand, withApi } from '../operate/command';

interface Options {
  readonly strategy?: string;
  readonly dryRun?: boolean;
}

const EXAMPLES = `
$ keywright rotate globex                        by the strategy of the key's policy
$ keywright rotate globex --dry-run              tell what would happen, and touch nothing
$ keywright rotate alias/keywright/shared --strategy replace`;

export const rotateCommand = () =>
  operatorCommand('rotate', 'begin a rotation of a KMS key before its time', EXAMPLES)
    .argument('<key>', KEY_HELP)
    .addOption(new Option('--strategy <name>', 'another strategy than its policy’s').choices(rotationStrategy.options))
    .option('--dry-run', 'tell what would happen, and touch nothing')
    .action(
      withApi(async ({ api, print }, key: string, { strategy, dryRun }: Options) => {
        const input = { key, ...(strategy !== undefined && { strategy }), ...(dryRun && { dryRun }) };
        const answer = await api.call<Rotation | WouldRotate>('request-rotation', input);
        print(answer, () => ('would' in answer ? wouldBe(answer) : begun(answer)));
      }),
    );

function begun({ rotationId, kmsKeyArn, strategy, state }: Rotation): string {
  return `Rotation ${rotationId} of ${kmsKeyArn} by ${strategy}: ${state}.\nSee how it goes: keywright rotations ${kmsKeyArn}`;
}

function wouldBe(answer: WouldRotate): string {
  const what =
    answer.would === 'begin'
      ? `A rotation by ${answer.strategy} would begin`
      : `Rotation ${answer.rotationId} by ${answer.strategy} is open and would be asked for again`;
  return `${what}, of ${answer.kmsKeyArn}.\nNothing was touched.`;
}
