/** `keywright impact`: what would stop if a KMS key went away now. */
import type { KeyImpact } from '../../shared/domain/api/show-impact';
import { many, storeText } from '../incidents/report';
import { availabilityText } from '../keys/command';
import { KEY_HELP, operatorCommand, withApi } from '../operate/command';
import { printable } from '../output/printable-text';
import { wrapped } from '../output/wrapped';

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

/** The impact as a person reads it. */
export function showImpact(impact: KeyImpact): string {
  const { kmsKeyArn, customers, customerCount, dataStores, dataStoreCount, dataKeys, windowMinutes } = impact;
  const keys = `${many(dataKeys.count, 'data key')}${dataKeys.more ? ', and more that were not counted,' : ''}`;
  const unnamed = dataStoreCount - dataStores.length;
  return [
    kmsKeyArn,
    wrapped(availabilityText(impact), '  '),
    '',
    wrapped(`Without it ${many(dataStoreCount, 'data store')} of ${many(customerCount, 'customer')} stop.`),
    ...(customers.length === 0 ? [] : [wrapped(customers.map(({ name }) => printable(name)).join(', '), '  ')]),
    wrapped(`${keys} could not be opened.`),
    wrapped(
      `Applications hold data keys for ${windowMinutes.usual} minutes unless the customer chose otherwise, ${windowMinutes.max} at the most, and stop within seconds of a loss unless the customer lets them keep what they hold.`,
    ),
    ...(dataStores.length === 0 ? [] : ['']),
    ...dataStores.map((store) => storeText(store, '- ')),
    ...(unnamed > 0 ? [`and ${many(unnamed, 'data store')} more`] : []),
  ].join('\n');
}
