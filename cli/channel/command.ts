/** `keywright channel`: where pages of on-call and notices to customers go. */
import { Command, Option } from 'commander';
import type { ChannelList, ShownChannel } from '../../shared/domain/api/channels';
import { SEVERITIES } from '../../shared/domain/availability/incidents/severity-level';
import { CHANNEL_KINDS, CHANNEL_ROLES } from '../../shared/domain/availability/paging/channel';
import { defined } from '../../shared/domain/optional-fields';
import type { WorkWindow } from '../../shared/domain/rotation/work-window';
import { awaitTest } from '../operate/await-test';
import { operatorCommand, withApi } from '../operate/command';
import { numberOf } from '../operate/number';
import { windowOf } from '../policy/window';
import { showAdded, showChannels, showTest } from './report';
import { secretIn } from './secret-file';

/** `keywright channel add`, `list`, `test` and `remove`. */
export function channelCommand(): Command {
  const channel = new Command('channel').description('manage the channels that pages and customers’ notices go to');
  for (const command of [add(), list(), test(), remove()]) channel.addCommand(command);
  return channel;
}

const NAME_HELP = 'its name: lower-case letters, digits, hyphens';
const CUSTOMER_HELP = 'a channel of this customer’s contact, not of on-call';

interface Which {
  readonly customer?: string;
}

interface AddOptions extends Which {
  readonly kind: string;
  readonly target?: string;
  readonly secretFile?: string;
  readonly role?: string;
  readonly severity?: string;
  readonly tier?: string;
  readonly hours?: WorkWindow;
  readonly timeZone?: string;
  readonly after?: number;
}

const ADD_EXAMPLES = `
$ keywright channel add primary --kind pagerduty --secret-file key.txt
$ keywright channel add chat --kind slack --secret-file url.txt \\
    --severity warning --hours "mon-fri 08:00-18:00 Europe/Berlin"
$ keywright channel add lead --kind sns --role escalation --after 20 \\
    --target arn:aws:sns:eu-central-1:111122223333:keywright-pages-lead
$ keywright channel add soc --kind webhook --customer globex \\
    --target https://soc.example.com/keywright --secret-file whsec.txt`;

const add = () =>
  operatorCommand('add', 'add a channel, or replace the one of that name', ADD_EXAMPLES)
    .argument('<name>', NAME_HELP)
    .addOption(new Option('--kind <kind>', 'what it is').choices(CHANNEL_KINDS).makeOptionMandatory())
    .option('--target <address>', 'the ARN of a topic or a bus, or a URL')
    .option(
      '--secret-file <file>',
      'its secret, in a file, or - for standard input: a routing key, whsec_… or Slack’s URL',
    )
    .addOption(new Option('--role <role>', 'when it is paged (default: first)').choices(CHANNEL_ROLES))
    .option('--severity <list>', `which pages it takes: ${SEVERITIES.join(',')} (default: all)`)
    .option('--tier <list>', 'which customers’ tiers it is for, as in sla set (default: all)')
    .option('--hours <text>', 'when it takes pages: days, times, time zone (default: always)', windowOf)
    .option('--time-zone <name>', 'the clock of its readers (default: that of --hours, or UTC)')
    .option('--after <minutes>', 'of an escalation: unacknowledged for so long (default: 15)', numberOf)
    .option('--customer <id>', CUSTOMER_HELP)
    .action(
      withApi(async ({ api, print }, name: string, options: AddOptions) => {
        const { hours: window, severity, tier, after, customer, secretFile, kind, target, role } = options;
        const { timeZone: zone, ...hours } = window ?? {};
        const secret = secretFile === undefined ? undefined : secretIn(secretFile);
        const answer = await api.call<{ channel: ShownChannel }>('add-channel', {
          name,
          kind,
          ...defined({ target, role, secret, customerId: customer, afterMinutes: after }),
          ...defined({ timeZone: options.timeZone ?? zone, severities: severity?.split(','), tiers: tier?.split(',') }),
          ...(window && { hours }),
        });
        print(answer, () => showAdded(answer.channel, customer));
      }),
    );

const LIST_EXAMPLES = `
$ keywright channel list                    those of on-call
$ keywright channel list --customer globex  those of a customer’s contact`;

const list = () =>
  operatorCommand('list', 'list channels, and which of them fail', LIST_EXAMPLES)
    .option('--customer <id>', CUSTOMER_HELP)
    .action(
      withApi(async ({ api, print }, { customer }: Which) => {
        const answer = await api.call<ChannelList>('list-channels', defined({ customerId: customer }));
        print(answer, () => showChannels(answer));
      }),
    );

const test = () =>
  operatorCommand(
    'test',
    'send a test page through a channel',
    '$ keywright channel test primary',
    'the channel did not take it',
  )
    .argument('<name>', NAME_HELP)
    .option('--customer <id>', CUSTOMER_HELP)
    .action(
      withApi(async ({ api, print }, name: string, { customer }: Which) => {
        const which = { name, ...defined({ customerId: customer }) };
        const { testId } = await api.call<{ testId: string }>('test-channel', which);
        const read = async () => {
          const { channels } = await api.call<ChannelList>('list-channels', defined({ customerId: customer }));
          return channels.find((one) => one.name === name)?.test;
        };
        const ended = await awaitTest(testId, { read, sender: 'page-oncall' });
        print(ended, () => showTest(name, ended));
        if (!ended.taken) process.exitCode = 1;
      }),
    );

const remove = () =>
  operatorCommand('remove', 'remove a channel', '$ keywright channel remove chat')
    .argument('<name>', NAME_HELP)
    .option('--customer <id>', CUSTOMER_HELP)
    .action(
      withApi(async ({ api, print }, name: string, { customer }: Which) => {
        const which = { name, ...defined({ customerId: customer }) };
        const answer = await api.call<{ channel: ShownChannel }>('remove-channel', which);
        print(answer, () => `Channel ${name} is removed: no page goes there any more.`);
      }),
    );
