/** AddPermission and RemovePermission: the older way to write statements into a queue's policy. Forms as recorded from AWS. */
import type { Call, JsonObject } from '../../call';
import { queueOf, type Sqs } from '../context';
import { invalidValue, missing } from '../errors';
import { requiredText, texts } from '../input';
import { attributeOf } from './attributes';
import type { QueueRow } from './queues';

interface Policy {
  readonly Version: string;
  readonly Id: string;
  readonly Statement: readonly JsonObject[];
}

export function permissionOperations(sqs: Sqs) {
  const { book, world } = sqs;

  function write(row: QueueRow, Statement: readonly JsonObject[]) {
    const { Policy: _, ...attributes } = row.attributes;
    const policy: Policy = { Version: '2008-10-17', Id: `${row.arn}/SQSDefaultPolicy`, ...read(row), Statement };
    const changed = Statement.length === 0 ? attributes : { ...attributes, Policy: JSON.stringify(policy) };
    book.put({ ...row, attributes: changed, modifiedAt: world.clock.now() });
    return {};
  }

  return {
    AddPermission(call: Call) {
      const { row } = queueOf(sqs, call);
      const label = requiredText(call.input, 'Label');
      const principals = required(call, 'AWSAccountIds').map((id) => `arn:aws:iam::${id}:root`);
      const actions = required(call, 'Actions').map((action) => `SQS:${action}`);
      const statements = read(row)?.Statement ?? [];
      if (statements.some(({ Sid }) => Sid === label)) throw invalidValue(label, 'Label', 'Already exists.');
      const statement = {
        Sid: label,
        Effect: 'Allow',
        Principal: { AWS: oneOrMany(principals) },
        Action: oneOrMany(actions),
        Resource: row.arn,
      };
      return write(row, [...statements, statement]);
    },

    RemovePermission(call: Call) {
      const { row } = queueOf(sqs, call);
      const label = requiredText(call.input, 'Label');
      const statements = read(row)?.Statement ?? [];
      const kept = statements.filter(({ Sid }) => Sid !== label);
      if (kept.length === statements.length) throw invalidValue(label, 'Label', "can't find label.");
      return write(row, kept);
    },
  };
}

function read(row: QueueRow): Policy | undefined {
  const text = attributeOf(row.attributes, 'Policy');
  if (text === undefined) return undefined;
  const policy = JSON.parse(text) as Policy;
  return { ...policy, Statement: [policy.Statement ?? []].flat() };
}

function required(call: Call, name: string): readonly string[] {
  const values = texts(call.input, name);
  if (values.length === 0) throw missing(name);
  return values;
}

function oneOrMany(values: readonly string[]) {
  const [first, ...rest] = values;
  return first !== undefined && rest.length === 0 ? first : values;
}
