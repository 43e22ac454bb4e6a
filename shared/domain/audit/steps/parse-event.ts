/** Step 1: what the event is. */
import { auditAppended } from '../../../../events/audit-appended';
import {
  type EventBridgeEnvelope,
  KMS_SOURCE,
  kmsTrailContract,
  readEnvelope,
} from '../../../../events/cloudtrail-envelope';
import { IAM_SOURCE, readRoleChange } from '../../../../events/cloudtrail-iam-record';
import type { KmsRecord } from '../../../../events/cloudtrail-kms-record';
import { SOURCE } from '../../../../events/define-event';
import { keyUseOf } from '../../../../events/kms-key-use';
import { kmsKeyDeleted, kmsKeyMaterialExpired, type NativeKeyContract } from '../../../../events/kms-native-events';
import { relayCanary } from '../../../../events/relay-canary';
import { atMost } from '../../instants';
import { storedFact } from '../../outbox/stored-fact';
import type { Clock, ControlStore } from '../../ports';
import { refuseInvented } from '../../retirement/verify/invented-certificate';
import { namesOfFact, namesOfForwarded, namesOfOwn } from '../dedupe-names';
import { partAt } from '../raw-json';
import type { FactEvent, Ignored, KeyEvent, LossEvent, RecordEvent, RoleEvent } from './key-event';

/** An event as it came: the same JSON twice, read and as text. */
export interface ReceivedEvent {
  readonly value: unknown;
  readonly text: string;
}

export interface ParsePorts {
  readonly ownAccountId: string;
  readonly control: Pick<ControlStore, 'find' | 'fact'>;
  readonly clock: Clock;
}

/** @throws ContractViolation naming the field at fault; KeywrightError `store.unreachable` (retry). */
export async function parseEvent({ value, text }: ReceivedEvent, ports: ParsePorts): Promise<KeyEvent | Ignored> {
  const envelope = readEnvelope(value);
  if (envelope.source === SOURCE) return parseFact(envelope, ports);
  const contract = kmsTrailContract(envelope);
  if (contract) return parseRecord(contract.read(envelope.detail), envelope, text, ports);
  if (envelope.source === IAM_SOURCE) return parseRole(envelope, ports);
  if (envelope.source === KMS_SOURCE) return parseLoss(envelope, ports);
  return { ignored: `nothing is recorded of ${envelope.source}` };
}

async function parseFact(
  { account, detail, 'detail-type': detailType }: EventBridgeEnvelope,
  { ownAccountId, control }: ParsePorts,
): Promise<FactEvent | Ignored> {
  if (account !== ownAccountId) return { ignored: `account ${account} does not publish our facts` };
  // A stream that told of its own growth would never stop growing.
  if (detailType === auditAppended.detailType) return { ignored: 'it tells of a stream itself' };
  if (detailType === relayCanary.detailType) return { ignored: 'it tells of the relay alone' };
  const fact = await storedFact({ detailType, detail }, control);
  await refuseInvented(fact, control);
  return { kind: 'fact', fact, names: namesOfFact(fact.factId) };
}

function parseRecord(
  record: KmsRecord,
  { account, id: eventId }: EventBridgeEnvelope,
  text: string,
  { ownAccountId, clock }: ParsePorts,
): RecordEvent | Ignored {
  if (record.recipientAccountId !== account)
    return { ignored: `account ${account} sent a record of account ${record.recipientAccountId}` };
  const use = keyUseOf(record);
  const isOwn = account === ownAccountId;
  const names = isOwn ? namesOfOwn(use) : namesOfForwarded(use, account);
  const slice = partAt(text, ['detail']);
  const received = { ...slice, provenance: { via: 'eventbridge', eventId, account } } as const;
  return { kind: 'record', record, use, received, at: atMost(use.at, clock.now()), names, account, isOwn };
}

function parseRole({ account, detail }: EventBridgeEnvelope, { clock }: ParsePorts): RoleEvent | Ignored {
  const change = readRoleChange(detail);
  if (!change) return { ignored: 'it changes no role' };
  if (change.recipientAccountId !== account)
    return { ignored: `account ${account} sent a record of account ${change.recipientAccountId}` };
  const at = atMost(change.at, clock.now());
  return { kind: 'role', change: { ...change, at }, at, account };
}

/** Native events that tell of a loss. Their CloudTrail twins go into the streams; a rotation is no loss. */
const LOSSES: readonly NativeKeyContract<unknown>[] = [kmsKeyMaterialExpired, kmsKeyDeleted];

function parseLoss(envelope: EventBridgeEnvelope, { clock }: ParsePorts): LossEvent | Ignored {
  const { account, 'detail-type': detailType } = envelope;
  const contract = LOSSES.find((loss) => loss.detailType === detailType);
  if (!contract) return { ignored: `nothing is recorded of ${detailType}` };
  const { kmsKeyArn, at } = contract.read(envelope);
  return { kind: 'loss', detailType, kmsKeyArn, at: atMost(at, clock.now()), account };
}
