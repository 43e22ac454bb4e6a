/** Event buses: CreateEventBus, DescribeEventBus, UpdateEventBus, DeleteEventBus, ListEventBuses. */
import * as z from 'zod/mini';
import { AwsError, type JsonObject } from '../call';
import { type Bus, newBus } from './buses';
import { arn, busName, busNameOrArn, description, limit, noTags } from './fields';
import { busArn, DEFAULT_BUS, readBusName } from './names';
import { homeOf, invalid, knownBus, notFound, type Operation, operation, present, secondsOf } from './operation';
import { pageOf } from './pages';

/** Source: EventBridge quotas. */
const BUSES_MAX = 100;

const settings = {
  Description: z.optional(description),
  DeadLetterConfig: z.optional(z.object({ Arn: z.optional(arn) })),
};

function withSettings(
  bus: Bus,
  input: { Description?: string | undefined; DeadLetterConfig?: { Arn?: string | undefined } | undefined },
): Bus {
  return {
    ...bus,
    ...(input.Description !== undefined && { description: input.Description }),
    ...(input.DeadLetterConfig?.Arn !== undefined && { deadLetterArn: input.DeadLetterConfig.Arn }),
  };
}

function settingsOf(bus: Bus): JsonObject {
  const DeadLetterConfig = bus.deadLetterArn === undefined ? undefined : { Arn: bus.deadLetterArn };
  return present({ Description: bus.description, DeadLetterConfig });
}

function shown(bus: Bus): JsonObject {
  return present({
    Name: bus.name,
    Arn: bus.arn,
    Description: bus.description,
    Policy: bus.policy && JSON.stringify(bus.policy),
    CreationTime: secondsOf(bus.createdAt),
    LastModifiedTime: secondsOf(bus.modifiedAt),
  });
}

export const busOperations: Readonly<Record<string, Operation>> = {
  CreateEventBus: operation({
    readOnly: false,
    input: z.object({ Name: busName, Tags: noTags, ...settings }),
    run({ events, call, input, allow }) {
      const name = { ...homeOf(call), name: input.Name };
      allow(busArn(name));
      if (input.Name.includes('/')) throw invalid('Parameter Name is not valid. Reason: Name must not contain "/".');
      if (events.buses.find(name) !== undefined) {
        throw new AwsError('ResourceAlreadyExistsException', `Event bus ${input.Name} already exists.`);
      }
      if (events.buses.list(homeOf(call)).length >= BUSES_MAX) {
        throw new AwsError('LimitExceededException', 'The requested resource exceeds the maximum number allowed.');
      }
      const bus = withSettings(newBus(name, events.clock.now()), input);
      events.buses.put(bus);
      return { EventBusArn: bus.arn, ...settingsOf(bus) };
    },
  }),

  DescribeEventBus: operation({
    readOnly: true,
    input: z.object({ Name: z.optional(busNameOrArn) }),
    run(request) {
      const bus = knownBus(request, request.input.Name);
      request.allow(bus.arn, bus);
      return { ...shown(bus), ...settingsOf(bus) };
    },
  }),

  UpdateEventBus: operation({
    readOnly: false,
    input: z.object({ Name: z.optional(busName), ...settings }),
    run(request) {
      const bus = knownBus(request, request.input.Name);
      request.allow(bus.arn, bus);
      const updated = { ...withSettings(bus, request.input), modifiedAt: request.events.clock.now() };
      request.events.buses.put(updated);
      return { Name: bus.name, Arn: bus.arn, ...settingsOf(updated) };
    },
  }),

  DeleteEventBus: operation({
    readOnly: false,
    input: z.object({ Name: busName }),
    run({ events, call, input, allow }) {
      const name = readBusName(input.Name, homeOf(call));
      allow(busArn(name));
      if (name.name === DEFAULT_BUS) throw invalid('Cannot delete event bus default.');
      const bus = events.buses.find(name);
      if (bus === undefined) throw notFound(`Event bus ${input.Name} does not exist.`);
      if (events.rules.onBus(bus.arn).length > 0) throw invalid("Event bus can't be deleted since it has rules.");
      events.buses.remove(bus.arn);
      return {};
    },
  }),

  ListEventBuses: operation({
    readOnly: true,
    input: z.object({
      NamePrefix: z.optional(busName),
      Limit: z.optional(limit),
      NextToken: z.optional(z.string()),
    }),
    run({ events, call, input, allow }) {
      allow(busArn({ ...homeOf(call), name: '*' }));
      const found = events.buses.list(homeOf(call)).filter(({ name }) => name.startsWith(input.NamePrefix ?? ''));
      const { items, ...more } = pageOf(found, input);
      return { EventBuses: items.map(shown), ...more };
    },
  }),
};
