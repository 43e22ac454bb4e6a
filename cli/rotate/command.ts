/** `keywright rotate`: begins a rotation before its time. */

import { Option } from 'commander';
import { rotationStrategy } from '../../events/fields';
import type { WouldRotate } from '../../shared/domain/api/request-rotation';
import { defined } from '../../shared/domain/optional-fields';
import type { Rotation } from '../../shared/domain/rotation/rotation';
import { KEY_HELP, operatorCommand, type Session, withApi } from '../operate/command';
import { wrapped } from '../output/wrapped';
import type { ImportedRotation } from './import-material';

interface Options {
  readonly strategy?: string;
  readonly import?: string;
  readonly materialExpires?: string;
  readonly dryRun?: boolean;
}

const EXAMPLES = `
$ keywright rotate globex                   by the strategy of its policy
$ keywright rotate globex --dry-run         what would happen; nothing changes
$ keywright rotate alias/keywright/shared --strategy replace
$ keywright rotate globex --import new.bin  to your material, 32 raw bytes;
                                            they go to KMS alone`;

export const rotateCommand = () =>
  operatorCommand('rotate', 'rotate a KMS key now, ahead of its schedule', EXAMPLES, 'other material was waiting')
    .argument('<key>', KEY_HELP)
    .addOption(
      new Option('--strategy <name>', 'the strategy to use instead of the policy’s').choices(rotationStrategy.options),
    )
    .addOption(
      new Option('--import <file>', 'import this key material first, with your own AWS credentials').conflicts(
        'strategy',
      ),
    )
    .option('--material-expires <instant>', 'when KMS deletes the imported material, as 2027-01-31T12:00:00.000Z')
    .option('--dry-run', 'show what would happen without changing anything')
    .action(
      withApi(async (session, key: string, options: Options) => {
        if (options.import !== undefined) return importFrom(options.import, key, options, session);
        const { strategy, dryRun } = options;
        const input = { key, ...defined({ strategy }), ...(dryRun && { dryRun }) };
        const answer = await session.api.call<Rotation | WouldRotate>('request-rotation', input);
        session.print(answer, () => rotationText(answer));
      }),
    );

async function importFrom(file: string, key: string, options: Options, { api, print }: Session): Promise<void> {
  const [{ importAndRotate }, { importPorts }] = await Promise.all([
    import('./import-material'),
    import('../../shared/runtime/aws-ports'),
  ]);
  const request = { key, file, expiresAt: options.materialExpires, dryRun: options.dryRun === true };
  const answer = await importAndRotate(request, api, importPorts());
  print(answer, () => `${wrapped(MATERIAL[answer.material])}\n${rotationText(answer.rotation)}`);
  if (answer.material === 'already-waiting') process.exitCode = 1;
}

const MATERIAL: Readonly<Record<ImportedRotation['material'], string>> = {
  imported: 'KMS has the new material.',
  'already-waiting':
    'Material that was imported before waits in KMS and is rotated to first: that of the file was NOT imported now.',
  'would-import': 'The material would be imported.',
};

/** What was begun, or would be, and where to look. */
export const rotationText = (rotation: Rotation | WouldRotate): string =>
  'would' in rotation ? wouldBe(rotation) : begun(rotation);

function begun({ rotationId, kmsKeyArn, strategy, state }: Rotation): string {
  return [
    `Rotation ${rotationId} by ${strategy}: ${state}`,
    `  ${kmsKeyArn}`,
    'See how it goes:',
    `  keywright rotations ${kmsKeyArn}`,
  ].join('\n');
}

function wouldBe(answer: WouldRotate): string {
  const what =
    answer.would === 'begin'
      ? `A rotation by ${answer.strategy} would begin`
      : `Rotation ${answer.rotationId} by ${answer.strategy} is open and would be asked for again`;
  return `${wrapped(`${what}:`)}\n  ${answer.kmsKeyArn}\nNothing was touched.`;
}
