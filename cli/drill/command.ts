/** `keywright drill`: takes a key of ours away and gives it back, and shows how long it took to notice, tell and recover. */
import { Argument, Command } from 'commander';
import type { DrillList, ShownDrill } from '../../shared/domain/api/drills';
import { DRILL_CAUSES, type DrillCause } from '../../shared/domain/drills/drill';
import { defined } from '../../shared/domain/optional-fields';
import { operatorCommand, withApi } from '../operate/command';
import { numberOf } from '../operate/number';
import { awaitDrill } from './await-drill';
import { progressLine, showDrill, showDrills } from './report';

/** `keywright drill run`, `show` and `list`. */
export function drillCommand(): Command {
  const drill = new Command('drill')
    .description('take a key that protects nothing away, and measure what follows')
    .addHelpText('after', '\nExample:\n  $ keywright drill run key-disabled');
  for (const command of [run(), show(), list()]) drill.addCommand(command);
  return drill;
}

const FAILED = 'a target was missed';

const RUN_EXAMPLES = `
$ keywright drill run                               disables the key of drills
$ keywright drill run key-policy                    has its policy refuse us
$ keywright drill run key-disabled --for globex     at a customer’s request`;

const run = () =>
  operatorCommand('run', 'run a drill, and wait until it is over: some two minutes', RUN_EXAMPLES, FAILED)
    .addArgument(new Argument('[cause]', 'what is done to the key (default: key-disabled)').choices(DRILL_CAUSES))
    .option('--for <customer>', 'the customer who asked for it: their stream is told how it ended')
    .action(
      withApi(async ({ api, print }, cause: DrillCause | undefined, { for: customerId }: { readonly for?: string }) => {
        const { drill } = await api.call<{ drill: ShownDrill }>('start-drill', defined({ cause, customerId }));
        const ended = await awaitDrill(drill, api, (now) => process.stderr.write(`${progressLine(now)}\n`));
        print({ drill: ended }, () => showDrill(ended));
        if (ended.state !== 'passed') process.exitCode = 1;
      }),
    );

const show = () =>
  operatorCommand('show', 'show what a drill measured', '$ keywright drill show 01JDRY2Q', FAILED)
    .argument('<drill>', 'its id')
    .action(
      withApi(async ({ api, print }, drillId: string) => {
        const { drill } = await api.call<{ drill: ShownDrill }>('show-drill', { drillId });
        print({ drill }, () => showDrill(drill));
        if (drill.state === 'failed') process.exitCode = 1;
      }),
    );

const list = () =>
  operatorCommand('list', 'list drills, the newest first', '$ keywright drill list --limit 50')
    .option('--limit <count>', 'at most so many (default: 20)', numberOf)
    .action(
      withApi(async ({ api, print }, { limit }: { readonly limit?: number }) => {
        const answer = await api.call<DrillList>('list-drills', defined({ limit }));
        print(answer, () => showDrills(answer));
      }),
    );
