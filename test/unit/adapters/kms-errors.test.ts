import {
  ConflictException,
  DisabledException,
  InvalidCiphertextException,
  KMSInvalidStateException,
  NotFoundException,
} from '@aws-sdk/client-kms';
import { kmsError } from '../../../shared/adapters/kms-errors';
import { KeywrightError } from '../../../shared/domain/errors';

const ARN = 'arn:aws:kms:eu-central-1:111122223333:key/one';
const named = (name: string, message = 'no') => Object.assign(new Error(message), { name });
const metadata = { $metadata: {} };

test.each([
  [new DisabledException({ ...metadata, message: `${ARN} is disabled.` }), 'kms.key-disabled', false],
  [
    new DisabledException({ ...metadata, message: `${ARN} is pending deletion (or pending replica deletion).` }),
    'kms.key-pending-deletion',
    false,
  ],
  [
    new KMSInvalidStateException({ ...metadata, message: `${ARN} is pending deletion.` }),
    'kms.key-pending-deletion',
    false,
  ],
  [new KMSInvalidStateException({ ...metadata, message: `${ARN} is not pending deletion.` }), 'state.forbids', false],
  [
    new KMSInvalidStateException({
      ...metadata,
      message: `${ARN} is pending import because no key material has ever been imported.`,
    }),
    'kms.key-pending-import',
    false,
  ],
  [new KMSInvalidStateException({ ...metadata, message: `${ARN} is unavailable.` }), 'kms.key-unavailable', false],
  [new KMSInvalidStateException({ ...metadata, message: `${ARN} is creating.` }), 'kms.conflict', true],
  [
    new KMSInvalidStateException({ ...metadata, message: 'the external key store proxy did not answer' }),
    'kms.key-store-unavailable',
    false,
  ],
  [new NotFoundException({ ...metadata, message: `Key '${ARN}' does not exist` }), 'kms.key-not-found', false],
  [new InvalidCiphertextException({ ...metadata, message: '' }), 'kms.ciphertext-refused', false],
  [new ConflictException({ ...metadata, message: 'an automatic rotation is due' }), 'kms.conflict', true],
  [named('IncorrectKeyException'), 'kms.wrong-key', false],
  [named('AccessDeniedException'), 'kms.access-denied', false],
  [named('LimitExceededException'), 'kms.limit-exceeded', false],
  [named('UnsupportedOperationException'), 'kms.unsupported', false],
  [named('XksProxyUriUnreachableException'), 'kms.key-store-unavailable', false],
  [named('CustomKeyStoreInvalidStateException'), 'kms.key-store-unavailable', false],
  [named('ValidationException'), 'input.invalid', false],
  [named('ThrottlingException'), 'kms.throttled', true],
  [named('KeyUnavailableException'), 'kms.unreachable', true],
  [named('DependencyTimeoutException'), 'kms.unreachable', true],
  [named('KMSInternalException'), 'kms.unreachable', true],
  [named('TimeoutError'), 'kms.unreachable', true],
  [named('ExpiredTokenException'), 'kms.unreachable', true],
])('%s means %s', (error, code, retry) => {
  expect(kmsError(error, 'Decrypt', {})).toMatchObject({ code, retry, cause: error });
});

test('an outage is never taken for a key that was taken away', () => {
  const outages = ['ECONNREFUSED', 'InternalFailure', 'ServiceUnavailable', 'NetworkingError', 'SomethingNew'];

  expect(outages.map((name) => kmsError(named(name), 'Decrypt', {}).code)).toEqual(
    outages.map(() => 'kms.unreachable'),
  );
});

test('the error says what was asked of which key and what AWS answered', () => {
  const error = kmsError(new NotFoundException({ ...metadata, message: 'gone' }), 'Decrypt', { kmsKeyArn: ARN });

  expect(error.message).toBe('KMS Decrypt: NotFoundException: gone');
  expect(error.details).toEqual({ kmsKeyArn: ARN, operation: 'Decrypt', awsError: 'NotFoundException' });
});

test('an error in our words already stays as it is', () => {
  const error = new KeywrightError('sts.role-refused', 'no');

  expect(kmsError(error, 'Decrypt', {})).toBe(error);
});

test.each<[string, Error, object]>([
  ['a name that KMS does not resolve', Object.assign(named('Error'), { code: 'ENOTFOUND' }), { isNetwork: true }],
  ['a connection that is cut', Object.assign(named('Error'), { code: 'ECONNRESET' }), { isNetwork: true }],
  ['an answer that never comes', named('TimeoutError'), { isNetwork: true }],
  ['an answer that KMS fails', named('KMSInternalException'), {}],
  [
    'an ARN of another region',
    new NotFoundException({ ...metadata, message: 'Invalid arn us-west-2' }),
    { isWrongPlace: true },
  ],
  ['a key that is gone', new NotFoundException({ ...metadata, message: `Key '${ARN}' does not exist` }), {}],
])('the error tells of %s what its code does not', (_title, error, told) => {
  const { isNetwork, isWrongPlace } = kmsError(error, 'Decrypt', {}).details;
  expect({ ...(isNetwork && { isNetwork }), ...(isWrongPlace && { isWrongPlace }) }).toEqual(told);
});
