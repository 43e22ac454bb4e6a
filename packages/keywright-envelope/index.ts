/**
 * keywright-envelope: protects an application's data, each customer's under data keys of their own.
 *
 *   const envelope = openEnvelope({ controlTableName, dataKeyTableName, reportTableName });
 *   const container = await envelope.encrypt({ customerId: 'acme', dataStoreId: 'documents' }, plaintext);
 *
 * Region, credentials and endpoint are those of the AWS SDK's own environment. Attach the stack's output
 * `ApplicationPolicyArn` to the application's role: what that allows is what the library needs. It reads data stores, KMS
 * keys and customers' windows in the control table and changes nothing there, reads and puts data keys, reports into a table
 * that holds reports alone, and uses the KMS keys or assumes the customers' roles.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { STSClient } from '@aws-sdk/client-sts';
import { PATIENCE } from '../../shared/adapters/client-timeouts';
import { documentsOf } from '../../shared/adapters/document-client';
import { dynamoControlStore } from '../../shared/adapters/dynamo-control-store';
import { dynamoDataKeyStore } from '../../shared/adapters/dynamo-data-key-store';
import { dynamoKeyFailures } from '../../shared/adapters/dynamo-key-failures';
import { dynamoLiveTraffic } from '../../shared/adapters/dynamo-live-traffic';
import { kmsClients } from '../../shared/adapters/kms-clients';
import { kmsDataKeyCrypto } from '../../shared/adapters/kms-data-key-crypto';
import { nextId } from '../../shared/adapters/time-ordered-id';
import { createEnvelope, type Envelope, type EnvelopeOptions } from './envelope';
import { keyReports } from './key-reports';
import { liveReport } from './live-report';
import { invalid } from './place';
import { steadyClock } from './steady-clock';

export { createEnvelope, type Decrypted, type Envelope, type EnvelopeOptions, type EnvelopePorts } from './envelope';
export { EnvelopeError, type EnvelopeErrorCode } from './errors';
export type { Place } from './place';
export { type Reprotection, reprotect } from './reprotect';

export interface OpenEnvelopeOptions extends EnvelopeOptions {
  /** The stack's outputs `ControlTableName`, `DataKeyTableName` and `ReportTableName`. */
  readonly controlTableName: string;
  readonly dataKeyTableName: string;
  readonly reportTableName: string;
}

/**
 * An envelope on the product's tables and KMS. Open one per process: it keeps data keys and connections. A KMS key that
 * fails is reported to the product, which finds out why and pages on-call if it has to. How often KMS is asked is
 * reported, too, about twice a second while it is: what is left over of the KMS request quota is what re-encryption uses.
 * A role that may not report is served all the same; re-encryption then uses less, and feels its way.
 *
 * @throws EnvelopeError `INVALID_ARGUMENT` naming the option.
 */
export function openEnvelope(options: OpenEnvelopeOptions): Envelope {
  const { controlTableName, dataKeyTableName, reportTableName, ...rest } = options;
  refuseNameless({ controlTableName, dataKeyTableName, reportTableName });
  const documents = documentsOf(new DynamoDBClient({ requestHandler: PATIENCE }));
  const sts = new STSClient({ requestHandler: PATIENCE });
  const nowMs = Date.now;
  const onSent = liveReport({ live: dynamoLiveTraffic(documents, reportTableName, nextId()), nowMs });
  const ports = {
    ids: { next: nextId },
    nowMs,
    steadyMs: steadyClock(nowMs, () => performance.now()),
    control: dynamoControlStore(documents, controlTableName),
    dataKeys: dynamoDataKeyStore(documents, dataKeyTableName, controlTableName),
    crypto: kmsDataKeyCrypto(kmsClients(sts, { requestHandler: sts.config.requestHandler }, onSent)),
    reports: keyReports({ failures: dynamoKeyFailures(documents, reportTableName), nowMs }),
  };
  return createEnvelope(ports, rest);
}

function refuseNameless(tables: Readonly<Record<string, unknown>>): void {
  for (const [option, name] of Object.entries(tables)) {
    if (typeof name !== 'string' || name === '') throw invalid(option, 'must name a table of the deployed product');
  }
}
