/** `keywright window`: how long applications may keep a customer's data keys, and what a loss of the KMS key does to them. */
import { Option } from 'commander';
import type { ShownWindow } from '../../shared/domain/api/customer-windows';
import { ON_LOSS, type OnLoss, WINDOW_SECONDS_MAX } from '../../shared/domain/customers/customer-window';
import { utc } from '../../shared/domain/instants';
import { operatorCommand, withApi } from '../operate/command';
import { numberOf } from '../operate/number';
import { printable } from '../output/printable-text';
import { wrapped } from '../output/wrapped';

const EXAMPLES = `
$ keywright window globex               what holds now
$ keywright window globex --seconds 60  keep data keys for a minute
$ keywright window globex --seconds 0   ask KMS for every call
$ keywright window globex --seconds 3600 --on-loss keep`;

interface Options {
  readonly seconds?: number;
  readonly onLoss?: OnLoss;
}

export const windowCommand = () =>
  operatorCommand('window', 'show or set how long applications keep a customer’s data keys', EXAMPLES)
    .argument('<customer>', 'the id of the customer')
    .option('--seconds <number>', `how long, from 0 to ${WINDOW_SECONDS_MAX} (default: unchanged)`, numberOf)
    .addOption(
      new Option(
        '--on-loss <act>',
        'when their KMS key is lost: flush data keys at once, or keep them until the window ends (default: unchanged)',
      ).choices(ON_LOSS),
    )
    .action(
      withApi(async ({ api, print }, customerId: string, { seconds: windowSeconds, onLoss }: Options) => {
        const isSet = windowSeconds !== undefined || onLoss !== undefined;
        const terms = isSet ? { windowSeconds, onLoss } : {};
        const operation = isSet ? 'set-customer-window' : 'show-customer-window';
        const shown = await api.call<ShownWindow>(operation, { customerId, ...terms });
        print(shown, () => showWindow(shown));
      }),
    );

const LOSS = {
  flush: 'When their KMS key is lost, applications stop within seconds.',
  keep: 'When their KMS key is lost, applications go on until the window ends.',
} as const;

/** The window as a person reads it. */
export function showWindow({ customerId, windowSeconds, onLoss, setBy, setAt }: ShownWindow): string {
  const keeps =
    windowSeconds === 0
      ? 'applications keep no data key: every call asks KMS'
      : `applications keep data keys for ${windowSeconds} s`;
  const who =
    setBy === undefined || setAt === undefined
      ? 'nobody chose this: the default'
      : `set ${utc(setAt)} by ${printable(setBy)}`;
  return [
    wrapped(`${printable(customerId)}: ${keeps}.`),
    wrapped(windowSeconds === 0 ? LOSS.flush : LOSS[onLoss], '  '),
    wrapped(who, '  '),
  ].join('\n');
}
