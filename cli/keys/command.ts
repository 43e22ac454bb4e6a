/** `keywright keys`: the KMS keys that a customer's data depends on, and whether they serve. */
import type { ShownKey } from '../../shared/domain/api/list-keys';
import { utc } from '../../shared/domain/instants';
import { KEY_HELP, operatorCommand, whichKeys, withApi } from '../operate/command';
import { colours } from '../output/colours';
import { printable } from '../output/printable-text';
import { wrapped } from '../output/wrapped';
import { burntText } from '../sla/report';

const EXAMPLES = `
$ keywright keys globex             the key that protects this customer
$ keywright keys --customer globex  every key that it has or had
$ keywright keys --customer globex --json | jq -r '.keys[].availability'`;

export const keysCommand = () =>
  operatorCommand('keys', 'show the KMS keys that a customer’s data depends on, and if they work', EXAMPLES)
    .argument('[key]', KEY_HELP)
    .option('--customer <id>', 'all keys that this customer’s data depends on')
    .action(
      withApi(async ({ api, print }, key: string | undefined, { customer }: { readonly customer?: string }) => {
        const answer = await api.call<{ keys: ShownKey[] }>('list-keys', whichKeys(key, customer));
        print(answer, () => showKeys(answer.keys));
      }),
    );

/** Keys as a person reads them, each in a few lines: an ARN alone fills one. */
export const showKeys = (keys: readonly ShownKey[]): string => keys.map(showKey).join('\n\n');

function showKey({
  kmsKeyArn,
  option,
  customerId,
  state,
  alias,
  incidentId,
  unavailableStores,
  budget,
  ...is
}: ShownKey): string {
  return [
    kmsKeyArn,
    wrapped(`${option}, ${state}, ${customerId === undefined ? 'shared' : `of ${printable(customerId)}`}`, '  '),
    ...(alias === undefined ? [] : [wrapped(printable(alias), '  ')]),
    wrapped(availabilityText(is), '  '),
    ...storesText(unavailableStores, '  '),
    ...(budget === undefined ? [] : [wrapped(burntText(budget), '  ')]),
    ...(incidentId === undefined ? [] : [`  keywright explain ${incidentId}`]),
  ].join('\n');
}

/** Which data stores a key that is lost stops. */
export function storesText(stores: ShownKey['unavailableStores'], indent: string): string[] {
  if (stores === undefined || stores.first.length === 0) return [];
  const names = stores.first.map(({ customerId, dataStoreId }) => printable(`${customerId}/${dataStoreId}`));
  return [wrapped(`KEY_UNAVAILABLE: ${names.join(', ')}${stores.more ? ', and more' : ''}`, indent)];
}

const PAINT = {
  available: colours.green,
  'at-risk': colours.yellow,
  unavailable: colours.red,
  unknown: colours.yellow,
};

/** `unavailable since 2026-11-24 02:14:03 UTC: key-disabled (customer)` */
export function availabilityText({
  availability,
  availabilitySince,
  cause,
  party,
}: Pick<ShownKey, 'availability' | 'availabilitySince' | 'cause' | 'party'>): string {
  const is = PAINT[availability](availability);
  if (availabilitySince === undefined) return `${is}: nobody looks at it`;
  const why = cause === undefined ? '' : `: ${cause}${party === undefined ? '' : ` (${party})`}`;
  return `${is} since ${utc(availabilitySince)}${why}`;
}
