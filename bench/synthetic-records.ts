/** CloudTrail records of KMS for benchmarks: the shapes and sizes of real ones, the values made up from a number. */

export const ACCOUNT = '111122223333';
const REGION = 'eu-central-1';

export function kmsKeyArn(key: number): string {
  return `arn:aws:kms:${REGION}:${ACCOUNT}:key/${uuid(key, 0)}`;
}

/** About 1.2 KB as JSON, what a Decrypt by a role of a service comes to. Different for each number. */
export function kmsRecord(number: number, keys: number): Readonly<Record<string, unknown>> {
  const arn = kmsKeyArn(number % keys);
  const second = String(number % 60).padStart(2, '0');
  return {
    eventVersion: '1.11',
    userIdentity: {
      type: 'AssumedRole',
      principalId: 'AROAEXAMPLEEXAMPLE123:orders-api',
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/orders-api/orders-api`,
      accountId: ACCOUNT,
      accessKeyId: 'ASIAEXAMPLEEXAMPLE12',
      sessionContext: {
        sessionIssuer: {
          type: 'Role',
          principalId: 'AROAEXAMPLEEXAMPLE123',
          arn: `arn:aws:iam::${ACCOUNT}:role/orders-api`,
          accountId: ACCOUNT,
          userName: 'orders-api',
        },
        attributes: { creationDate: '2026-11-01T08:00:00Z', mfaAuthenticated: 'false' },
      },
    },
    eventTime: `2026-11-01T08:15:${second}Z`,
    eventSource: 'kms.amazonaws.com',
    eventName: 'Decrypt',
    awsRegion: REGION,
    sourceIPAddress: '192.0.2.10',
    userAgent: 'aws-sdk-js/3.1164.0 ua/2.1 os/linux#6.1 lang/js md/nodejs#20.20.2 api/kms#3.1164.0',
    requestParameters: {
      encryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      encryptionContext: { 'keywright:customerId': `customer-${number % keys}`, 'keywright:dataStoreId': 'orders' },
    },
    responseElements: null,
    additionalEventData: {
      keyMaterialId: uuid(number % keys, 1)
        .replaceAll('-', '')
        .repeat(2),
    },
    requestID: uuid(number, 2),
    eventID: uuid(number, 3),
    readOnly: true,
    resources: [{ accountId: ACCOUNT, type: 'AWS::KMS::Key', ARN: arn }],
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: ACCOUNT,
    eventCategory: 'Management',
    tlsDetails: {
      tlsVersion: 'TLSv1.3',
      cipherSuite: 'TLS_AES_128_GCM_SHA256',
      clientProvidedHostHeader: `kms.${REGION}.amazonaws.com`,
    },
  };
}

function uuid(number: number, kind: number): string {
  const hex = (number * 16 + kind).toString(16).padStart(12, '0');
  return `5a${kind}0c0de-0000-4000-8000-${hex}`;
}
