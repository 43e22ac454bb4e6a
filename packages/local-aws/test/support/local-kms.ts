/** A KMS of local AWS for tests, with the real IAM, and with what CloudTrail and EventBridge would have been told. */
import type { AwsError, Call, JsonObject, Outcome, Principal, TrailDetails } from '../../call';
import type { Buses, EngineDeps, PolicyDocument, ServiceEvent } from '../../contracts';
import { iam } from '../../iam/iam';
import { type KmsOptions, kmsEngine } from '../../kms/engine';
import { administratorOf, localWorld, REQUEST } from './local-world';

export const ACCOUNT = '111111111111';
export const OTHER_ACCOUNT = '222222222222';
export const REGION = 'eu-central-1';
export const DAY_MS = 86_400_000;

type NativeEvent = { readonly accountId: string; readonly region: string } & Parameters<Buses['publish']>[2];

/** A caller's view of KMS. */
export interface KmsClient {
  /** The output; throws the error of a call that fails. */
  call(operation: string, input?: JsonObject): Promise<JsonObject>;
  /** The error of a call that must fail. */
  failure(operation: string, input?: JsonObject): Promise<AwsError>;
  /** What CloudTrail would be told, of a call that may fail. */
  trailOf(operation: string, input?: JsonObject): Promise<TrailDetails>;
}

/** No test of anything else should meet a request quota by accident. */
const NO_QUOTAS: KmsOptions = { quotas: { multiplier: 1000 } };

export function localKms({ world = localWorld(), ...options }: KmsOptions & { world?: EngineDeps } = {}) {
  const serviceEvents: ServiceEvent[] = [];
  const nativeEvents: NativeEvent[] = [];
  const accounts = iam(world);
  const engine = kmsEngine(
    world,
    {
      iam: accounts,
      trail: { record: () => undefined, recordServiceEvent: (event) => serviceEvents.push(event) },
      buses: { publish: (accountId, region, event) => nativeEvents.push({ accountId, region, ...event }) },
    },
    { ...NO_QUOTAS, ...options },
  );

  const as = (caller: Principal, region = REGION, from: Partial<Call> = {}): KmsClient => {
    const outcomeOf = async (operation: string, input: JsonObject = {}): Promise<Outcome> =>
      engine.handle({
        service: 'kms',
        operation,
        region,
        caller,
        input,
        ...REQUEST,
        ...from,
      });
    return {
      async call(operation, input) {
        const { output, error } = await outcomeOf(operation, input);
        if (error) throw error;
        return output ?? {};
      },
      async failure(operation, input) {
        const { error } = await outcomeOf(operation, input);
        if (error) return error;
        throw new Error(`${operation} was expected to fail and did not.`);
      },
      async trailOf(operation, input) {
        const { trail } = await outcomeOf(operation, input);
        if (trail) return trail;
        throw new Error(`${operation} has no trail details.`);
      },
    };
  };

  return {
    world,
    engine,
    serviceEvents,
    nativeEvents,
    as,
    admin: as(administratorOf(ACCOUNT)),
    /** Lets time pass, and what is due happen. */
    pass(ms: number) {
      world.clock.advance(ms);
      for (let beat = 0; beat < 10; beat += 1) engine.tick();
    },
    /** Somebody in a role that may do what the statements say, and nothing else. */
    role(statements: readonly JsonObject[], accountId = ACCOUNT, name = 'worker'): Principal {
      const arn = `arn:aws:iam::${accountId}:role/${name}`;
      const policy: PolicyDocument = { Version: '2012-10-17', Statement: statements };
      const principalId = `AROA${accountId}${name.toUpperCase()}`;
      const trustPolicy: PolicyDocument = { Version: '2012-10-17', Statement: [] };
      accounts.putRole({ arn, name, accountId, principalId, trustPolicy, policies: [policy] });
      const session = accounts.openSession(arn, 'test', 3600);
      const principal = accounts.principalOf(session.accessKeyId);
      if (!principal) throw new Error(`No session of ${arn}.`);
      return principal;
    },
  };
}

/** Base64 of a text, as AWS's JSON carries binary fields. */
export const base64 = (text: string) => Buffer.from(text).toString('base64');

/** A new key; its ARN, and its metadata. */
export async function newKey(client: KmsClient, input: JsonObject = {}): Promise<{ arn: string; keyId: string }> {
  const { KeyMetadata } = await client.call('CreateKey', input);
  const metadata = KeyMetadata as JsonObject;
  return { arn: String(metadata['Arn']), keyId: String(metadata['KeyId']) };
}

export async function describe(client: KmsClient, keyId: string): Promise<JsonObject> {
  return (await client.call('DescribeKey', { KeyId: keyId }))['KeyMetadata'] as JsonObject;
}
