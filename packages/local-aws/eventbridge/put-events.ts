/**
 * PutEvents: up to ten events for any buses, of which some may be refused while the others are accepted.
 *
 * Codes and texts as recorded from AWS; those of a source that begins with `aws.` and of too many bytes are AWS's, but
 * not in the recordings. An event for a bus that does not exist is accepted and gone.
 */
import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import type { Call } from '../call';
import type { BusEvent } from '../contracts';
import { readObject } from '../json-object';
import { readInput } from '../kms/input';
import type { Arrival } from './delivery/router';
import { busArn, readBusName, secondPrecision } from './names';
import { type EventBridge, homeOf, invalid, type Operation, requirePermission } from './operation';

const ENTRIES_MAX = 10;
/** Source: EventBridge User Guide, "Calculating PutEvents event entry size". */
const REQUEST_BYTES_MAX = 1_048_576;
const TIME_BYTES = 14;
const DETAIL_TYPE_CHARACTERS_MAX = 128;

const entry = z.object({
  Time: z.optional(z.number()),
  Source: z.optional(z.string()),
  Resources: z.optional(z.array(z.string())),
  DetailType: z.optional(z.string()),
  Detail: z.optional(z.string()),
  EventBusName: z.optional(z.string()),
  TraceHeader: z.optional(z.string()),
});
type Entry = z.output<typeof entry>;

const input = z.object({ Entries: z.array(entry).check(z.minLength(1)), EndpointId: z.optional(z.string()) });

export const putEvents: Operation = {
  readOnly: false,
  perform(events, call) {
    const { Entries } = readInput(input, call.input);
    if (Entries.length > ENTRIES_MAX) throw tooMany(Entries);
    if (Entries.reduce((sum, one) => sum + sizeBytesOf(one), 0) > REQUEST_BYTES_MAX) {
      throw invalid('Total size of the entries in the request is over the limit.');
    }
    const targets = Entries.map((one) => allowedBus(events, call, one));
    const results = Entries.map((one) => read(one, call, events.clock.now()));
    const arrivals = results.flatMap((result, index) => arrivalOf(result, targets[index]));
    events.router.route(arrivals);
    return {
      FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length,
      Entries: results.map((result) => ('ErrorCode' in result ? result : { EventId: result.id })),
    };
  },
};

/** One entry that the caller may not send refuses the whole call. @returns undefined for a bus that does not exist. */
function allowedBus(events: EventBridge, call: Call, { EventBusName }: Entry): string | undefined {
  const name = readBusName(EventBusName, homeOf(call));
  const bus = events.buses.find(name);
  requirePermission(events, call, busArn(name), bus ?? name);
  return bus?.arn;
}

type Refusal = { readonly ErrorCode: string; readonly ErrorMessage: string };

function arrivalOf(result: BusEvent | Refusal, bus: string | undefined): readonly Arrival[] {
  return 'ErrorCode' in result || bus === undefined ? [] : [{ busArn: bus, event: result }];
}

function read(entry: Entry, call: Call, now: number): BusEvent | Refusal {
  const { Source, DetailType, Detail, Resources = [], Time } = entry;
  if (Source === undefined || Source === '') return required('Source');
  if (DetailType === undefined || DetailType === '') return required('DetailType');
  if (Detail === undefined || Detail === '') return required('Detail');
  if (Source.startsWith('aws.')) {
    return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' };
  }
  if (DetailType.length > DETAIL_TYPE_CHARACTERS_MAX) {
    return notValid('DetailType', `DetailType must have length less than or equal to ${DETAIL_TYPE_CHARACTERS_MAX}.`);
  }
  const detail = readObject(Detail);
  if (detail === undefined) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': DetailType,
    source: Source,
    account: call.caller.accountId,
    time: secondPrecision(Time === undefined ? now : Time * 1000),
    region: call.region,
    resources: Resources,
    detail,
  };
}

function required(field: string): Refusal {
  return notValid(field, `${field} is a required argument.`);
}

function notValid(field: string, reason: string): Refusal {
  return { ErrorCode: 'InvalidArgument', ErrorMessage: `Parameter ${field} is not valid. Reason: ${reason}` };
}

function sizeBytesOf({ Time, Source = '', DetailType = '', Detail = '', Resources = [] }: Entry): number {
  const texts = [Source, DetailType, Detail, ...Resources];
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), Time === undefined ? 0 : TIME_BYTES);
}

/** AWS shows the entries as its own service prints them. */
function tooMany(entries: readonly Entry[]): Error {
  const shown = entries.map(({ Time, Source, Resources, DetailType, Detail, EventBusName, TraceHeader }) => {
    const fields = {
      time: Time,
      source: Source,
      resources: Resources && `[${Resources.join(', ')}]`,
      detailType: DetailType,
      detail: Detail,
      eventBusName: EventBusName,
      traceHeader: TraceHeader,
      kmsKeyIdentifier: undefined,
      internalMetadata: undefined,
    };
    const list = Object.entries(fields).map(([name, value]) => `${name}=${value ?? null}`);
    return `PutEventsRequestEntry(${list.join(', ')})`;
  });
  return invalid(
    `1 validation error detected: Value '[${shown.join(', ')}]' at 'entries' failed to satisfy constraint: ` +
      `Member must have length less than or equal to ${ENTRIES_MAX}`,
  );
}
