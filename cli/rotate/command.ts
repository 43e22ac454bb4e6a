/** `keywright rotate`: begins a rotation before its time. */
import { Option } from 'commander';
import { rotationStrategy } from '../../events/fields';
import type { Rotation } from '../../shared/domain/kms-key';
import { KEY_HELP, operatorCommand, withApi } from '../operate/command';

interface Options {
  readonly strategy?: string;
}

const EXAMPLES = `
$ keywright rotate globex                        by the strategy of the key's policy
$ keywright rotate alias/keywright/shared --strategy replace`;

export const rotateCommand = () =>
  operatorCommand('rotate', 'begin a rotation of a KMS key before its time', EXAMPLES)
    .argument('<key>', KEY_HELP)
    .addOption(new Option('--strategy <name>', 'another strategy than its policy’s').choices(rotationStrategy.options))
    .action(
      withApi(async ({ api, print }, key: string, { strategy }: Options) => {
        const rotation = await api.call<Rotation>('request-rotation', { key, ...(strategy && { strategy }) });
        print(rotation, () => begun(rotation));
      }),
    );

function begun({ rotationId, kmsKeyArn, strategy, state }: Rotation): string {
  return `Rotation ${rotationId} of ${kmsKeyArn} by ${strategy}: ${state}.\nSee how it goes: keywright rotations ${kmsKeyArn}`;
}
