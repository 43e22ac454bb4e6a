/** `keywright rotations`: the open and the past rotations of a key or a customer. */
import { utc } from '../../shared/domain/instants';
import type { Rotation } from '../../shared/domain/rotation/rotation';
import { KEY_HELP, operatorCommand, whichKeys, withApi } from '../operate/command';
import { printable } from '../output/printable-text';
import { table } from '../output/table';
import { wrapped } from '../output/wrapped';

interface Options {
  readonly customer?: string;
}

const EXAMPLES = `
$ keywright rotations globex             the key that protects this customer
$ keywright rotations --customer globex  every key that it has or had`;

export const rotationsCommand = () =>
  operatorCommand('rotations', 'show the rotations of a KMS key or a customer', EXAMPLES)
    .argument('[key]', KEY_HELP)
    .option('--customer <id>', 'all keys that this customer’s data depends on')
    .action(
      withApi(async ({ api, print }, key: string | undefined, { customer }: Options) => {
        const answer = await api.call<{ rotations: Rotation[]; more: boolean }>(
          'list-rotations',
          whichKeys(key, customer),
        );
        print(answer, () => textOf(answer));
      }),
    );

const COLUMNS = [
  { title: 'asked for' },
  { title: 'strategy' },
  { title: 'state' },
  { title: 'by' },
  { title: 'rotation' },
];

function textOf({ rotations, more }: { readonly rotations: readonly Rotation[]; readonly more: boolean }): string {
  if (rotations.length === 0) return 'No rotation so far. Begin one: keywright rotate KEY';
  const rows = rotations.map((one) => [utc(one.requestedAt), one.strategy, one.state, one.startedBy, one.rotationId]);
  const blocked = rotations.flatMap(({ state, rotationId, blockedBy }) =>
    state === 'blocked'
      ? [wrapped(printable(`${rotationId} is blocked: ${blockedBy ?? 'no reason was recorded'}`))]
      : [],
  );
  return [table(COLUMNS, rows), ...blocked, ...(more ? ['There are more; name one key to see its own.'] : [])].join(
    '\n',
  );
}
