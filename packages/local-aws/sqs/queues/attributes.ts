/**
 * The attributes of a queue: which there are, their bounds and defaults.
 * Source: SetQueueAttributes in the SQS API reference; defaults and texts as recorded from AWS.
 */

import { readObject } from '../../json-object';
import { own } from '../../own-property';
import { invalidValue, sqsError, unknownAttribute } from '../errors';

export type Attributes = Readonly<Record<string, string>>;

interface Rule {
  readonly accepts: (value: string) => boolean;
  /** What holds where nothing was set. Without one, an attribute that was not set is not shown. */
  readonly fallback?: string;
  /** Only for FIFO queues: with the error's text for others. */
  readonly fifoOnly?: string;
}

const RULES: Readonly<Record<string, Rule>> = {
  DelaySeconds: { accepts: between(0, 900), fallback: '0' },
  MaximumMessageSize: { accepts: between(1_024, 1_048_576), fallback: '1048576' },
  MessageRetentionPeriod: { accepts: between(60, 1_209_600), fallback: '345600' },
  ReceiveMessageWaitTimeSeconds: { accepts: between(0, 20), fallback: '0' },
  VisibilityTimeout: { accepts: between(0, 43_200), fallback: '30' },
  Policy: { accepts: orEmpty(isJsonObject) },
  RedrivePolicy: { accepts: orEmpty(isJsonObject) },
  RedriveAllowPolicy: { accepts: orEmpty(isJsonObject) },
  KmsMasterKeyId: { accepts: () => true },
  KmsDataKeyReusePeriodSeconds: { accepts: orEmpty(between(60, 86_400)) },
  SqsManagedSseEnabled: { accepts: isBoolean, fallback: 'true' },
  FifoQueue: { accepts: isBoolean, fifoOnly: 'Unknown Attribute FifoQueue.' },
  ContentBasedDeduplication: {
    accepts: isBoolean,
    fallback: 'false',
    fifoOnly: 'Unknown Attribute ContentBasedDeduplication.',
  },
  DeduplicationScope: {
    accepts: oneOf('queue', 'messageGroup'),
    fallback: 'queue',
    fifoOnly: 'You can specify the DeduplicationScope only when FifoQueue is set to true.',
  },
  FifoThroughputLimit: {
    accepts: oneOf('perQueue', 'perMessageGroupId'),
    fallback: 'perQueue',
    fifoOnly: 'You can specify the FifoThroughputLimit only when FifoQueue is set to true.',
  },
};

/** The value that holds: what was set, or the default. */
export function attributeOf(attributes: Attributes, name: string): string | undefined {
  return own(attributes, name) ?? own(RULES, name)?.fallback;
}

export function secondsOf(attributes: Attributes, name: string): number {
  return Number(attributeOf(attributes, name));
}

/** Every attribute of a queue that is a setting, as GetQueueAttributes shows it. */
export function shownSettings(attributes: Attributes, isFifo: boolean): Attributes {
  const shown = Object.entries(RULES).flatMap(([name, rule]) => {
    const value = attributeOf(attributes, name);
    return value === undefined || (rule.fifoOnly !== undefined && !isFifo) ? [] : [[name, value] as const];
  });
  return Object.fromEntries(shown);
}

export function isSetting(name: string, isFifo: boolean): boolean {
  const rule = own(RULES, name);
  return rule !== undefined && (rule.fifoOnly === undefined || isFifo);
}

/** Attributes after a change. An empty text takes a setting back. Throws AwsError for what AWS would refuse. */
export function changedAttributes(before: Attributes, change: Attributes, isFifo: boolean): Attributes {
  for (const [name, value] of Object.entries(change)) checkAttribute(name, value, isFifo);
  if (change['KmsMasterKeyId'] && change['SqsManagedSseEnabled'] === 'true') {
    const text =
      'You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.';
    throw sqsError('InvalidAttributeName', text);
  }
  const after = { ...before, ...change };
  if (change['KmsMasterKeyId']) {
    after['SqsManagedSseEnabled'] = 'false';
    after['KmsDataKeyReusePeriodSeconds'] ||= '300';
  }
  if (change['SqsManagedSseEnabled'] === 'true' || after['KmsMasterKeyId'] === '') {
    after['KmsMasterKeyId'] = '';
    after['KmsDataKeyReusePeriodSeconds'] = '';
  }
  return Object.fromEntries(Object.entries(after).filter(([, value]) => value !== ''));
}

function checkAttribute(name: string, value: string, isFifo: boolean) {
  const rule = own(RULES, name);
  if (rule === undefined) throw unknownAttribute(name);
  if (rule.fifoOnly !== undefined && !isFifo) throw sqsError('InvalidAttributeName', rule.fifoOnly);
  if (name === 'FifoQueue' && value !== 'true') {
    const text = 'Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.';
    throw sqsError('InvalidAttributeValue', text);
  }
  if (!rule.accepts(value)) {
    throw sqsError('InvalidAttributeValue', `Invalid value for the parameter ${name}.`);
  }
}

// ---- redrive policy -------------------------------------------------------------------------------------------------

export interface RedrivePolicy {
  readonly deadLetterTargetArn: string;
  readonly maxReceiveCount: number;
}

/** Reads a redrive policy. `maxReceiveCount` may be written as a number or as text. Throws AwsError. */
export function readRedrivePolicy(text: string): RedrivePolicy {
  const policy = JSON.parse(text) as Record<string, unknown>;
  const refuse = (reason: string) => invalidValue(text, 'RedrivePolicy', reason);
  for (const name of ['maxReceiveCount', 'deadLetterTargetArn']) {
    if (policy[name] === undefined) {
      throw refuse(`Redrive policy does not contain mandatory attribute: ${name}.`);
    }
  }
  const maxReceiveCount = Number(policy['maxReceiveCount']);
  // 1 to 1,000. Source: "Configure a dead-letter queue" in the SQS developer guide.
  if (!Number.isInteger(maxReceiveCount) || maxReceiveCount < 1 || maxReceiveCount > 1_000) {
    throw refuse('Invalid value for maxReceiveCount.');
  }
  return { deadLetterTargetArn: String(policy['deadLetterTargetArn']), maxReceiveCount };
}

// ---- what a value may be --------------------------------------------------------------------------------------------

function between(min: number, max: number) {
  return (value: string) => /^\d{1,7}$/.test(value) && Number(value) >= min && Number(value) <= max;
}

function oneOf(...values: readonly string[]) {
  return (value: string) => values.includes(value);
}

/** The settings that an empty text takes back. */
function orEmpty(accepts: Rule['accepts']) {
  return (value: string) => value === '' || accepts(value);
}

function isBoolean(value: string) {
  return value === 'true' || value === 'false';
}

function isJsonObject(value: string) {
  return readObject(value) !== undefined;
}
