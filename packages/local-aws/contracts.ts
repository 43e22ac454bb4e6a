/**
 * What the parts of local AWS need of each other. Each is implemented in the folder named beside it.
 */
import type { Call, JsonObject, Outcome, Principal } from './call';
import type { Clock } from './clock';
import type { Store } from './store';

/** A part in which things fall due. */
export interface Ticking {
  /**
   * Does what is due by now and returns at once. The beat of local AWS calls it every few milliseconds, so it costs
   * what is due, not what exists.
   */
  tick(): void;
}

/** What every engine is made from. */
export interface EngineDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly faults: FaultPlan;
  /** A number from 0 up to 1; seeded, so that a run with faults can be repeated. */
  readonly random: () => number;
}

// ---- iam: who may do what -------------------------------------------------------------------------------------

export interface PolicyDocument {
  readonly Version?: string;
  readonly Statement: readonly JsonObject[] | JsonObject;
}

export interface Permission {
  /** `kms:Decrypt` */
  readonly action: string;
  /** The ARN that identity policies are matched against. */
  readonly resource: string;
  readonly resourceAccountId: string;
  /** The policy attached to the resource, where it has one (queue, bucket, topic, bus). KMS evaluates its own. */
  readonly resourcePolicy?: PolicyDocument;
  /** Condition keys of the request beside those of the principal: `{ 'kms:ViaService': 's3.eu-central-1.amazonaws.com' }`. */
  readonly conditions?: Readonly<Record<string, string | readonly string[]>>;
}

export type Effect = 'allow' | 'deny' | 'none';

export interface Iam {
  /** Throws AWS's AccessDenied (with the service's spelling of the code) unless the caller holds the permission. */
  require(caller: Principal, permission: Permission): void;
  /** What the caller's own (identity) policies say; session policies are already taken into account. */
  identityEffect(caller: Principal, permission: Permission): Effect;
  /**
   * What a policy attached to a resource says to the caller. `via` tells whether the statement names the caller itself
   * (`principal`; `*` counts too) or only the caller's account (`account`: the account's own IAM policies must allow it as well).
   */
  resourceEffect(
    policy: PolicyDocument,
    caller: Principal,
    permission: Permission,
  ): { readonly effect: Effect; readonly via: 'principal' | 'account' };
  /**
   * Opens an account if it is not open yet: an administrator's IAM user with an access key for this run. Its id is always
   * the same for the same account; its secret is made at random, and is the same until this process ends.
   */
  openAccount(accountId: string): Pick<SessionCredentials, 'accessKeyId' | 'secretAccessKey'>;
  /** Who an access key belongs to; undefined for a key that nobody holds or that has expired. */
  principalOf(accessKeyId: string): Principal | undefined;
  putRole(role: Role): void;
  roleOf(roleArn: string): Role | undefined;
  /** By its name, which is unique in an account whatever its path and its case. */
  roleNamed(accountId: string, name: string): Role | undefined;
  deleteRole(roleArn: string): void;
  putManagedPolicy(policyArn: string, document: PolicyDocument): void;
  managedPolicyOf(policyArn: string): PolicyDocument | undefined;
  /** A session of a role, as a service such as Lambda gets it: no trust policy is asked. */
  openSession(roleArn: string, sessionName: string, durationSeconds: number): SessionCredentials;
}

export interface Role {
  readonly arn: string;
  readonly name: string;
  readonly accountId: string;
  /** `AROA…`, new whenever the role is made anew. */
  readonly principalId: string;
  readonly trustPolicy: PolicyDocument;
  readonly policies: readonly PolicyDocument[];
  /** What the policies are called, one by one: an inline policy by its name, a managed one by its ARN. See iam/role-policies.ts. */
  readonly policyNames?: readonly string[];
}

export interface SessionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiresAt: number;
}

// ---- faults.ts: planned faults --------------------------------------------------------------------------------

export type FaultKind =
  | 'throttle'
  | 'timeout-after-effect'
  | 'server-error'
  | 'delay'
  | 'duplicate'
  | 'reorder'
  | 'drop';

export interface Fault {
  /** `kms`, `dynamodb`, `events`, `sqs` … */
  readonly service: string;
  /** One operation only; every operation when left out. */
  readonly operation?: string;
  readonly kind: FaultKind;
  /** From 0 to 1. */
  readonly probability: number;
  /** The fault ends after it struck this often. Unlimited when left out. */
  readonly times?: number;
  readonly delayMs?: number;
}

export interface FaultPlan {
  /** The fault that strikes now, if any. Counts it. Off by default: no plan, no fault. */
  strikes(service: string, operation: string, kinds: readonly FaultKind[]): Fault | undefined;
  set(faults: readonly Fault[]): void;
  readonly struck: Readonly<Record<string, number>>;
}

// ---- cloudtrail: what AWS would have logged -------------------------------------------------------------------

export interface Trail {
  /** Writes the record or records (both accounts of a cross-account call) of a call that carries trail details. */
  record(call: Call, outcome: Outcome): void;
  /** Writes a record that the service itself causes: RotateKey, DeleteKey, DeleteExpiredKeyMaterial. */
  recordServiceEvent(event: ServiceEvent): void;
}

export interface ServiceEvent {
  readonly eventSource: string;
  readonly eventName: string;
  readonly region: string;
  readonly accountId: string;
  readonly resources: readonly { readonly ARN: string; readonly accountId: string; readonly type?: string }[];
  readonly serviceEventDetails?: JsonObject;
  readonly additionalEventData?: JsonObject;
}

// ---- eventbridge ----------------------------------------------------------------------------------------------

/** An event as a rule sees it. */
export interface BusEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: JsonObject;
}

export interface Buses {
  /** An event of an AWS service on an account's default bus. `readOnlyManagement` events reach only wide rules. */
  publish(
    accountId: string,
    region: string,
    event: Omit<BusEvent, 'version' | 'id' | 'account' | 'region'>,
    options?: { readonly readOnlyManagement?: boolean },
  ): void;
}

/** The service that delivers, and for what. */
export interface Deliverer {
  /** `events.amazonaws.com` */
  readonly service: string;
  /** The rule or schedule: `aws:SourceArn` of the target's policy. */
  readonly sourceArn: string;
  /** The role under which the service acts, as EventBridge Scheduler does: then the role's policies count like any caller's. */
  readonly roleArn?: string;
}

/** Where rules and schedules deliver to. */
export interface Targets {
  /** Puts a message on a queue as a service, subject to the queue's policy. Throws AwsError. */
  sendToQueue(
    queueArn: string,
    body: string,
    as: Deliverer & {
      readonly messageGroupId?: string;
      readonly attributes?: Readonly<Record<string, string>>;
    },
  ): void;
  /** Asynchronous invocation: accepted now, run later, retried twice by Lambda. Throws AwsError when there is no such function. */
  invokeLater(functionArn: string, event: JsonObject, as: Deliverer): void;
}

// ---- sqs ------------------------------------------------------------------------------------------------------

export interface ReceivedMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly md5OfBody: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly messageAttributes: JsonObject;
}

export interface Queues {
  receive(
    queueArn: string,
    limits: { readonly max: number; readonly visibilityTimeoutSeconds?: number },
  ): readonly ReceivedMessage[];
  remove(queueArn: string, receiptHandles: readonly string[]): void;
  /** Makes messages visible again at once or later: what a failed batch does. */
  release(queueArn: string, receiptHandles: readonly string[], visibilityTimeoutSeconds: number): void;
}

// ---- s3 -------------------------------------------------------------------------------------------------------

/** Objects that a service such as CloudTrail writes. */
export interface Objects {
  createBucket(bucket: string, owner: { readonly accountId: string; readonly region: string }): void;
  put(bucket: string, key: string, body: Uint8Array, metadata?: Readonly<Record<string, string>>): void;
}

// ---- dynamodb -------------------------------------------------------------------------------------------------

/** One change of a table as its stream carries it, in DynamoDB's own JSON. */
export interface StreamRecord {
  readonly eventID: string;
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly dynamodb: JsonObject & { readonly SequenceNumber: string };
}

export interface TableStreams {
  /** Records of a table's stream after a position; the position to ask with next. No position: from the beginning. */
  read(
    streamArn: string,
    after: string | undefined,
    max: number,
  ): Promise<{ readonly records: readonly StreamRecord[]; readonly position: string | undefined }>;
}
