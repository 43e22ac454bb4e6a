/** `keywright subscriptions`: where the entries of a customer's audit log are sent. */
import { Command, Option } from 'commander';
import type { MadeSubscription, ShownSubscription, SubscriptionDetails } from '../../shared/domain/api/subscriptions';
import { defined } from '../../shared/domain/optional-fields';
import { DESTINATION_KINDS, ENTRY_FORMATS, OUTCOMES, SIGNINGS } from '../../shared/domain/subscriptions/subscription';
import { secretIn } from '../channel/secret-file';
import type { Api } from '../operate/api';
import { awaitTest } from '../operate/await-test';
import { operatorCommand, withApi } from '../operate/command';
import { numberOf } from '../operate/number';
import { showDetails, showMade, showSubscriptions, showTest } from './report';

/** `keywright subscriptions add`, `list`, `show`, `test`, `pause`, `resume`, `remove`, `resend` and `rotate-secret`. */
export function subscriptionsCommand(): Command {
  const subscriptions = new Command('subscriptions')
    .description('send a customer’s audit log to where they want it')
    .addHelpText('after', `\nExample:\n  $ keywright subscriptions list acme`);
  for (const command of [add(), list(), show(), test(), pause(), resume(), remove(), resend(), rotateSecret()])
    subscriptions.addCommand(command);
  return subscriptions;
}

const CUSTOMER_HELP = 'the id of the customer whose log it is';
const NAME_HELP = 'its name: lower-case letters, digits, hyphens';

interface AddOptions {
  readonly kind: string;
  readonly target: string;
  readonly format?: string;
  readonly operations?: string;
  readonly dataStores?: string;
  readonly outcomes?: string;
  readonly signing?: string;
  readonly secretFile?: string;
  readonly from?: number;
}

const ADD_EXAMPLES = `
$ keywright subscriptions add acme siem --kind webhook \\
    --target https://siem.example.com/keywright
$ keywright subscriptions add acme lake --kind s3 --from 0 --format ocsf \\
    --target s3://keywright-audit-acme/log
$ keywright subscriptions add acme denied --kind splunk --outcomes failed \\
    --target https://splunk.example.com/services/collector/event \\
    --secret-file token.txt`;

const TEST_FAILED = 'the destination did not take the test';

const add = () =>
  operatorCommand('add', 'add a subscription, and wait for its test', ADD_EXAMPLES, TEST_FAILED)
    .argument('<customer>', CUSTOMER_HELP)
    .argument('<name>', NAME_HELP)
    .addOption(new Option('--kind <kind>', 'what its destination is').choices(DESTINATION_KINDS).makeOptionMandatory())
    .requiredOption('--target <address>', 'a URL, an ARN, or s3://BUCKET/PREFIX')
    .addOption(new Option('--format <format>', 'of each entry (default: cloudevents)').choices(ENTRY_FORMATS))
    .option('--operations <list>', 'send these alone: Decrypt,key-rotated.v1')
    .option('--data-stores <list>', 'send what is about these data stores alone')
    .option('--outcomes <list>', `send these alone: ${OUTCOMES.join(',')}`)
    .addOption(new Option('--signing <way>', 'of a webhook: by a secret, or by a key pair').choices(SIGNINGS))
    .option('--secret-file <file>', 'the token of Splunk or the API key of Datadog, in a file, or - for standard input')
    .option('--from <index>', 'the first entry, 0 for the whole log (default: from now on)', numberOf)
    .action(
      withApi(async ({ api, print }, customerId: string, name: string, options: AddOptions) => {
        const { kind, target, format, operations, dataStores, outcomes, signing, secretFile, from } = options;
        const made = await api.call<MadeSubscription>('add-subscription', {
          customerId,
          name,
          kind,
          target,
          ...defined({ format, signing, from, secret: secretFile === undefined ? undefined : secretIn(secretFile) }),
          ...defined({ operations: listIn(operations), dataStores: listIn(dataStores), outcomes: listIn(outcomes) }),
        });
        const tested = await testEnded(made.subscription, api);
        print({ ...made, ...tested }, () => [showMade(made), showTest(name, tested)].join('\n'));
        if (!tested.taken) process.exitCode = 1;
      }),
    );

const testEnded = ({ customerId, name, test: { testId } }: ShownSubscription, api: Api) =>
  awaitTest(testId, {
    read: async () => {
      const which = { customerId, name };
      return (await api.call<SubscriptionDetails>('show-subscription', which)).subscription.test;
    },
    sender: 'deliver-entries',
  });

const listIn = (text: string | undefined) => text?.split(',').map((part) => part.trim());

const list = () =>
  operatorCommand('list', 'list a customer’s subscriptions', '$ keywright subscriptions list acme')
    .argument('<customer>', CUSTOMER_HELP)
    .action(
      withApi(async ({ api, print }, customerId: string) => {
        const answer = await api.call<{ subscriptions: ShownSubscription[] }>('list-subscriptions', { customerId });
        print(answer, () => showSubscriptions(answer.subscriptions, customerId));
      }),
    );

const show = () =>
  operatorCommand(
    'show',
    'show how far one is, what was tried last, and what was set aside',
    '$ keywright subscriptions show acme siem',
  )
    .argument('<customer>', CUSTOMER_HELP)
    .argument('<name>', NAME_HELP)
    .action(
      withApi(async ({ api, print }, customerId: string, name: string) => {
        const answer = await api.call<SubscriptionDetails>('show-subscription', { customerId, name });
        print(answer, () => showDetails(answer));
      }),
    );

const test = () =>
  operatorCommand('test', 'send a test', '$ keywright subscriptions test acme siem', TEST_FAILED)
    .argument('<customer>', CUSTOMER_HELP)
    .argument('<name>', NAME_HELP)
    .action(
      withApi(async ({ api, print }, customerId: string, name: string) => {
        const which = { customerId, name };
        const { subscription } = await api.call<{ subscription: ShownSubscription }>('test-subscription', which);
        const tested = await testEnded(subscription, api);
        print(tested, () => showTest(name, tested));
        if (!tested.taken) process.exitCode = 1;
      }),
    );

/** A verb that changes one subscription and is told in a sentence. */
const changing = (verb: string, description: string, says: (name: string) => string) =>
  operatorCommand(verb, description, `$ keywright subscriptions ${verb} acme siem`)
    .argument('<customer>', CUSTOMER_HELP)
    .argument('<name>', NAME_HELP)
    .action(
      withApi(async ({ api, print }, customerId: string, name: string) => {
        const answer = await api.call<{ subscription: ShownSubscription }>(`${verb}-subscription`, {
          customerId,
          name,
        });
        print(answer, () => says(name));
      }),
    );

const pause = () =>
  changing('pause', 'send nothing until it is resumed', (name) => `${name} is paused. It goes on where it ended.`);

const resume = () =>
  changing('resume', 'go on where it ended, after a test', (name) => `${name} goes on once a test was taken.`);

const remove = () =>
  changing('remove', 'send nothing any more, and forget its secret', (name) => `${name} is removed.`);

const resend = () =>
  operatorCommand(
    'resend',
    'send everything from an index on, again where it was sent',
    '$ keywright subscriptions resend acme siem 1200',
  )
    .argument('<customer>', CUSTOMER_HELP)
    .argument('<name>', NAME_HELP)
    .argument('<from>', 'the index of the first entry', numberOf)
    .action(
      withApi(async ({ api, print }, customerId: string, name: string, from: number) => {
        const asked = { customerId, name, from };
        const answer = await api.call<{ subscription: ShownSubscription }>('resend-entries', asked);
        print(answer, () => `${name} is sent entry ${from} next, and all that follow.`);
      }),
    );

const rotateSecret = () =>
  operatorCommand(
    'rotate-secret',
    'make a new secret; the one before signs as well for a day',
    '$ keywright subscriptions rotate-secret acme siem',
  )
    .argument('<customer>', CUSTOMER_HELP)
    .argument('<name>', NAME_HELP)
    .option('--secret-file <file>', 'the new token of Splunk or API key of Datadog, in a file, or - for standard input')
    .action(
      withApi(async ({ api, print }, customerId: string, name: string, options: { readonly secretFile?: string }) => {
        const secret = options.secretFile === undefined ? undefined : secretIn(options.secretFile);
        const made = await api.call<MadeSubscription>('rotate-subscription-secret', {
          customerId,
          name,
          ...defined({ secret }),
        });
        print(made, () => showMade(made));
      }),
    );
