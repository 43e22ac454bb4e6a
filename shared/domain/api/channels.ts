/** The channels that pages and notices go to: what people add, list, test and remove. No answer holds a secret. */
import * as z from 'zod/mini';
import { SEVERITIES } from '../availability/incidents/severity-level';
import {
  addChannel,
  type ChannelPorts,
  channelsOwned,
  removeChannel,
  requestChannelTest,
} from '../availability/paging/change-channels';
import {
  CHANNEL_KINDS,
  CHANNEL_ROLES,
  type Channel,
  type ChannelFailure,
  DEFAULT_CHANNEL,
} from '../availability/paging/channel';
import { count, id, sentence, workDays } from './fields';
import { defineOperation } from './operation';

export type ShownChannel = Omit<Channel, 'secret'> & {
  readonly hasSecret: boolean;
  /** Since when it takes no page, and why. */
  readonly failing?: ChannelFailure;
};

export interface ChannelList {
  readonly owner: string;
  readonly channels: readonly ShownChannel[];
  /** Of on-call’s: the topic of the stack, while it takes no page. */
  readonly defaultFailing?: ChannelFailure;
}

/** The fields of a channel that name it. */
const named = { name: id, customerId: z.optional(id) };

export const addChannelOperation = defineOperation(
  'add-channel',
  {
    ...named,
    kind: z.enum(CHANNEL_KINDS, { error: `must be one of ${CHANNEL_KINDS.join(', ')}` }),
    target: z.optional(id),
    role: z.optional(z.enum(CHANNEL_ROLES, { error: `must be one of ${CHANNEL_ROLES.join(', ')}` })),
    severities: z.optional(
      z.array(z.enum(SEVERITIES, { error: `must be of ${SEVERITIES.join(', ')}` }), { error: 'must be a list' }),
    ),
    tiers: z.optional(z.array(id, { error: 'must be a list' }).check(z.maxLength(20, 'has too many tiers'))),
    hours: z.optional(workDays),
    timeZone: z.optional(id),
    afterMinutes: z.optional(count),
    secret: z.optional(sentence('must be text that is not empty')),
  },
  async (input, { principal }, ports: ChannelPorts): Promise<{ readonly channel: ShownChannel }> => ({
    channel: shown(await addChannel(input, principal, ports)),
  }),
);

export const listChannels = defineOperation(
  'list-channels',
  { customerId: z.optional(id) },
  async ({ customerId }, _caller, ports: Pick<ChannelPorts, 'control'>): Promise<ChannelList> => {
    const { owner, channels, failing = {} } = await channelsOwned(customerId, ports);
    const failureOf = new Map(Object.entries(failing));
    const ofDefault = failureOf.get(DEFAULT_CHANNEL);
    return {
      owner,
      channels: channels.map((channel) => shown(channel, failureOf.get(channel.name))),
      ...(ofDefault && { defaultFailing: ofDefault }),
    };
  },
);

export const testChannelOperation = defineOperation(
  'test-channel',
  named,
  async (which, _caller, ports: ChannelPorts): Promise<{ readonly testId: string }> => ({
    testId: await requestChannelTest(which, ports),
  }),
);

export const removeChannelOperation = defineOperation(
  'remove-channel',
  named,
  async (which, { principal }, ports: ChannelPorts): Promise<{ readonly channel: ShownChannel }> => ({
    channel: shown(await removeChannel(which, principal, ports)),
  }),
);

function shown({ secret, ...channel }: Channel, failing?: ChannelFailure): ShownChannel {
  return { ...channel, hasSecret: secret !== undefined, ...(failing && { failing }) };
}
