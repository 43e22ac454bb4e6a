/** `keywright keys`: the KMS keys that a customer's data depends on, or all of them, and whether they serve. */
import type { ShownKey } from '../../shared/domain/api/list-keys';
import { utc } from '../../shared/domain/instants';
import { defined } from '../../shared/domain/optional-fields';
import type { Api } from '../operate/api';
import { KEY_HELP, operatorCommand, whichKeys, withApi } from '../operate/command';
import { colours } from '../output/colours';
import { printable } from '../output/printable-text';
import { wrapped } from '../output/wrapped';
import { burntText } from '../sla/report';

const EXAMPLES = `
$ keywright keys                    all that have a rotation policy
$ keywright keys globex             the key that protects this customer
$ keywright keys --customer globex  every key that it has or had
$ keywright keys --customer globex --json | jq -r '.keys[].availability'`;

export const keysCommand = () =>
  operatorCommand('keys', 'show KMS keys, of a customer or all, and whether they work', EXAMPLES)
    .argument('[key]', KEY_HELP)
    .option('--customer <id>', 'all keys that this customer’s data depends on')
    .option('--after <cursor>', 'of all keys: go on where the page before ended')
    .action(
      withApi(async ({ api, print }, key: string | undefined, { customer, after }: Options) => {
        const isAll = key === undefined && customer === undefined;
        const input = { ...whichKeys(key, customer), ...defined({ after }) };
        const answer = isAll ? await pageOfAll(api, after) : await api.call<KeyPage>('list-keys', input);
        print(answer, () => showPage(answer));
      }),
    );

/** So many fill a page, unless there are no more. */
const PAGE = 50;

/** A page of the API may hold few keys, or none: one after the other until they fill one of ours. */
export async function pageOfAll(api: Pick<Api, 'call'>, after: string | undefined): Promise<KeyPage> {
  const keys: ShownKey[] = [];
  let next = after;
  do {
    const page = await api.call<KeyPage>('list-all-keys', defined({ after: next }));
    keys.push(...page.keys);
    next = page.next;
  } while (next !== undefined && keys.length < PAGE);
  return { keys, ...defined({ next }) };
}

interface Options {
  readonly customer?: string;
  readonly after?: string;
}

export interface KeyPage {
  readonly keys: readonly ShownKey[];
  /** Where the next page of all keys begins. */
  readonly next?: string;
}

/** What somebody has to look at first. */
const ORDER: readonly ShownKey['availability'][] = ['unavailable', 'at-risk', 'unknown', 'available'];

/** A page of keys: first those that do not serve, then by the state that each is in. */
export function showPage({ keys, next }: KeyPage): string {
  if (keys.length === 0 && next === undefined)
    return 'No key has a rotation policy. Show one by name: keywright keys KEY';
  const rank = ({ availability, state }: ShownKey) => `${ORDER.indexOf(availability)}${state}`;
  const sorted = [...keys].sort((one, other) => (rank(one) < rank(other) ? -1 : Number(rank(one) > rank(other))));
  return [
    showKeys(sorted),
    ...(next === undefined ? [] : [`There are more:\n  keywright keys --after '${next}'`]),
  ].join('\n\n');
}

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
