/** `keywright impact`: what would stop if a KMS key went away now. */
import type { CustomerAtStake, KeyImpact } from '../../shared/domain/api/show-impact';
import { outlookInWords } from '../../shared/domain/availability/incidents/loss-outlook';
import { many, storeText } from '../incidents/report';
import { availabilityText } from '../keys/command';
import { KEY_HELP, operatorCommand, withApi } from '../operate/command';
import { printable } from '../output/printable-text';
import { wrapped } from '../output/wrapped';
import { leftText, targetText } from '../sla/report';

const EXAMPLES = `
$ keywright impact globex         the key that protects this customer
$ keywright impact globex --json  all of it, for a program`;

export const impactCommand = () =>
  operatorCommand('impact', 'show what would stop if a KMS key went away now', EXAMPLES)
    .argument('<key>', KEY_HELP)
    .action(
      withApi(async ({ api, print }, key: string) => {
        const impact = await api.call<KeyImpact>('show-impact', { key });
        print(impact, () => showImpact(impact));
      }),
    );

/** The impact as a person reads it: from the key to what customers were promised. */
export function showImpact(impact: KeyImpact): string {
  const { kmsKeyArn, customers, customerCount, dataStores, dataStoreCount, dataKeys, windowMinutes, stopping } = impact;
  const keys = `${many(dataKeys.count, 'data key')}${dataKeys.more ? ', and more that were not counted,' : ''}`;
  const unnamed = dataStoreCount - dataStores.length;
  return [
    kmsKeyArn,
    wrapped(availabilityText(impact), '  '),
    '',
    wrapped(`Without it ${many(dataStoreCount, 'data store')} of ${many(customerCount, 'customer')} stop.`),
    ...outlookInWords({ lostAt: impact.at, stopping }).stops.map((stop) => wrapped(stop, '  ')),
    wrapped(`${keys} could not be opened.`),
    wrapped(
      `Applications hold data keys for ${windowMinutes.usual} minutes unless the customer chose otherwise, ${windowMinutes.max} at the most, and stop within seconds of a loss unless the customer lets them keep what they hold.`,
    ),
    ...(customers.length === 0 ? [] : ['', ...customers.map(customerText)]),
    ...(customerCount > customers.length ? [`and ${many(customerCount - customers.length, 'customer')} more`] : []),
    ...(dataStores.length === 0 ? [] : ['']),
    ...dataStores.map((store) => `${storeText(store, '- ')}\n  ${many(store.dataKeys, 'data key')} counted`),
    ...(unnamed > 0 ? [`and ${many(unnamed, 'data store')} more`] : []),
    ...impact.alsoUnder.map(alsoText),
  ].join('\n');
}

const customerText = ({ name, terms, isDefault, ...budget }: CustomerAtStake): string =>
  wrapped(`${printable(name)}: ${targetText(terms)}${isDefault ? ' (default)' : ''}, ${leftText(budget)}`, '- ');

const alsoText = ({ customerId, dataStoreId, dataKeys }: KeyImpact['alsoUnder'][number]): string =>
  wrapped(
    printable(`${customerId}/${dataStoreId} names another key, and has ${many(dataKeys, 'data key')} under this one.`),
    '- ',
  );
