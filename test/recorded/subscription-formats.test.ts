/** Entries of recorded CloudTrail records, as CloudEvents and as OCSF, are what the published schemas say. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { viewOf } from '../../shared/domain/subscriptions/entry-view';
import { deliveryOf, testDelivery } from '../../shared/domain/subscriptions/formats/formats';
import type { EntryFormat } from '../../shared/domain/subscriptions/subscription';
import { anEntry, subscriptionWorld } from '../support/subscription-world';

const DATA = join(__dirname, '../../../shared/data');
const json = (path: string) => JSON.parse(readFileSync(path, 'utf8'));

interface Attribute {
  readonly requirement?: string;
  readonly type?: string;
  readonly enum?: Readonly<Record<string, unknown>>;
  readonly is_array?: boolean;
}
type Attributes = Readonly<Record<string, Attribute>>;
interface Shape {
  readonly name: string;
  readonly extends?: string;
  readonly attributes: Attributes & { readonly $include?: readonly string[] };
  readonly constraints?: { readonly at_least_one?: readonly string[] };
}

let folder: string;
let schema: { readonly objects: ReadonlyMap<string, Shape>; readonly dictionary: Attributes };
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ocsf-'));
  execFileSync('tar', ['xzf', join(DATA, 'ocsf/ocsf-schema-1.8.0.tgz'), '-C', folder]);
  const files = execFileSync('find', [folder, '-path', '*/objects/*', '-name', '*.json'], { encoding: 'utf8' });
  const shapes: Shape[] = files.trim().split('\n').map(json);
  schema = {
    objects: new Map(shapes.map((shape) => [shape.name, shape])),
    dictionary: json(join(folder, 'ocsf-schema-1.8.0/dictionary.json')).attributes,
  };
});
afterAll(() => rmSync(folder, { recursive: true }));

const attributesOf = (name: string): Attributes => {
  const shape = schema.objects.get(name);
  if (!shape) return {};
  const { $include: included = [], ...own } = shape.attributes;
  const profiles = included.map((path) => json(join(folder, 'ocsf-schema-1.8.0', path)).attributes);
  return Object.assign({}, shape.extends ? attributesOf(shape.extends) : {}, ...profiles, own);
};

const CLASS = json(join(DATA, 'ocsf/api_activity-6003-attributes-1.8.0.json'));
const INTEGERS = new Set(['integer_t', 'long_t', 'timestamp_t', 'port_t']);

/** What of a value is not as the schema has it. */
function faultsOf(value: unknown, attributes: Attributes, at: string, constraint: readonly string[] = []): string[] {
  const members = value as Readonly<Record<string, unknown>>;
  const names = Object.keys(members);
  const missing = Object.entries(attributes).flatMap(([name, { requirement }]) =>
    requirement === 'required' && !(name in members) ? [`${at}.${name} is missing`] : [],
  );
  const isBare = constraint.length > 0 && !constraint.some((name) => name in members);
  const inside = names.flatMap((name) => {
    const known = attributes[name];
    if (!known) return [`${at}.${name} is unknown`];
    return faultsIn(members[name], { ...schema.dictionary[name], ...known }, `${at}.${name}`);
  });
  return [...missing, ...(isBare ? [`${at} has none of ${constraint}`] : []), ...inside];
}

function faultsIn(value: unknown, { type = '', enum: known, is_array: isArray }: Attribute, at: string): string[] {
  if (isArray || Array.isArray(value))
    return (value as readonly unknown[]).flatMap((one) => faultsIn(one, { type, ...(known && { enum: known }) }, at));
  if (known && !(String(value) in known)) return [`${at} is ${value}`];
  const object = schema.objects.get(type);
  if (object) return faultsOf(value, attributesOf(type), at, object.constraints?.at_least_one);
  if (INTEGERS.has(type)) return Number.isInteger(value) ? [] : [`${at} is no integer`];
  return typeof value === 'string' ? [] : [`${at} is no text`];
}

/** Class attributes name their type by the dictionary. */
const classAttributes = (): Attributes =>
  Object.fromEntries(
    Object.entries(CLASS.class_attributes as Record<string, { requirement: string; profile: string | null }>).map(
      ([name, { requirement, profile }]) => [
        name,
        {
          ...schema.dictionary[name],
          requirement: profile && profile !== 'cloud' ? 'optional' : requirement,
          ...(name === 'activity_id' && { enum: CLASS.activity_id }),
        } as Attribute,
      ],
    ),
  );

const records: readonly object[] = readFileSync(join(DATA, 'cloudtrail/aws-docs-kms-records.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line).record);

async function delivered(format: EntryFormat): Promise<readonly string[]> {
  const world = subscriptionWorld();
  await world.add({ format });
  const subscription = await world.subscription();
  const kinds = ['crypto-use', 'key-management', 'read', 'service-event'];
  const entries = records.flatMap((record, at) => {
    const fields = { kind: kinds[at % 4], operation: (record as { eventName?: string }).eventName ?? 'Sign', record };
    return [
      anEntry(`record-${at}`, fields),
      anEntry(`bare-${at}`, { ...fields, caller: {}, outcome: 'failed', errorCode: 'X' }),
    ];
  });
  const fact = anEntry('fact', {
    kind: 'fact',
    operation: 'key-rotated.v1',
    fact: { changedBy: 'somebody' },
    record: undefined,
    caller: undefined,
  });
  const bodies = [...entries, fact].flatMap(({ bytes }, index) => {
    const view = viewOf(index, bytes);
    const delivery = view && deliveryOf(view, subscription);
    return delivery ? [Buffer.from(delivery.body).toString()] : [];
  });
  return [...bodies, Buffer.from(testDelivery(subscription).body).toString()];
}

test('every entry as OCSF is an API Activity of OCSF 1.8', async () => {
  const events = (await delivered('ocsf')).map((text) => JSON.parse(text));

  expect(events.length).toBeGreaterThan(20);
  const faults = events.flatMap((event) => faultsOf(event, classAttributes(), 'event'));
  expect([...new Set(faults)]).toEqual([]);
  for (const event of events) expect(event.type_uid).toBe(event.class_uid * 100 + event.activity_id);
});

test('an event that is not as the schema has it is found', async () => {
  const [event] = (await delivered('ocsf')).map((text) => JSON.parse(text));
  const wrong = [
    { ...event, activity_id: 7 },
    { ...event, time: 'now' },
    { ...event, nothing: 1 },
    { ...event, actor: {} },
    { ...event, metadata: { version: '1.8.0' } },
  ];
  for (const one of wrong) expect(faultsOf(one, classAttributes(), 'event')).not.toEqual([]);
});

interface CloudEventSchema {
  readonly required: readonly string[];
  readonly properties: Readonly<Record<string, { readonly $ref: string }>>;
  readonly definitions: Readonly<
    Record<string, { readonly type: string | readonly string[]; readonly minLength?: number }>
  >;
}

test('every entry as a CloudEvent is one by its schema', async () => {
  const { required, properties, definitions }: CloudEventSchema = json(
    join(DATA, 'cloudevents/cloudevents-1.0.schema.json'),
  );
  const events = (await delivered('cloudevents')).map((text) => JSON.parse(text));
  const faults = events.flatMap((event) => [
    ...required.filter((name) => !(name in event)),
    ...Object.entries(event).filter(([name, value]) => {
      const { type, minLength = 0 } = definitions[properties[name]?.$ref.replace('#/definitions/', '') ?? ''] ?? {};
      return (
        type === undefined || ([type].flat().includes('string') && name !== 'data' && String(value).length < minLength)
      );
    }),
  ]);

  expect(events.length).toBeGreaterThan(20);
  expect(faults).toEqual([]);
  for (const { time, source } of events) {
    expect(new Date(time).toISOString()).toBe(time);
    expect(new URL(source, 'https://example.com/').pathname).toBe(`/${source}`);
  }
});
