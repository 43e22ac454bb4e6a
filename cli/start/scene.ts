/** Everything that a step of the scenario works with. */
import type { KMSClient } from '@aws-sdk/client-kms';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Envelope } from 'keywright-envelope/envelope';
import type { LocalAws } from 'local-aws/aws';
import type { DataKeyStore } from '../../shared/domain/keys/ports';
import type { ControlStore } from '../../shared/domain/ports';
import type { Notes } from './notes';
import type { Findings } from './report';

export interface Scene {
  readonly aws: LocalAws;
  /** When this process began to play, on local AWS's clock: what came before was done by an earlier one. */
  readonly playedSince: number;
  /** What the stack says of itself: table names, bucket, buses. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly control: ControlStore;
  readonly dataKeys: DataKeyStore;
  /** The provider's application, as it protects data at an instant; a new one has nothing cached. */
  envelopeAt(nowMs: () => number): Envelope;
  /** Clients of the provider's administrator, and of Acme's. */
  readonly kms: KMSClient;
  readonly sqs: SQSClient;
  readonly s3: S3Client;
  readonly acmeKms: KMSClient;
  readonly notes: Notes;
  readonly findings: Findings;
  /** A line about something that just happened within the step. */
  say(line: string): void;
}

/** A step that was done already, before the process was killed for example, finds so and does nothing again. */
export interface Step {
  readonly title: string;
  /** @returns what happened, in a line for the terminal. */
  run(scene: Scene): Promise<string>;
}
