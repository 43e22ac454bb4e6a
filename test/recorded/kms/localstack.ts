/**
 * The conversations that localstack recorded with real KMS. The recordings hold answers only; the requests below do what
 * each case's name says.
 */
import { createHash, createPublicKey, generateKeyPairSync, randomBytes, verify } from 'node:crypto';
import type { JsonObject } from 'local-aws/call';
import { importInput, wrapWithAes } from 'local-aws/test/support/kms-import';
import { ACCOUNT, base64, type KmsClient, localKms, newKey } from 'local-aws/test/support/local-kms';
import { administratorOf } from 'local-aws/test/support/local-world';
import { answer, type RecordedCase, recordedFile } from './case';
import { type Bindings, differences } from './compare';

const HOME = 'us-east-1';

type Kms = ReturnType<typeof localKms> & { readonly aws: KmsClient; in(region: string): KmsClient };
/** The answers of one case, by the step names of the recording. */
type Scenario = (kms: Kms, ...parameters: readonly string[]) => Promise<JsonObject>;

const MESSAGE = base64('some important message');
const NEVER = { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' };

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  async test_create_alias({ aws }) {
    const { keyId } = await newKey(aws);
    return { create_alias: await answer(aws, 'CreateAlias', { AliasName: 'no-prefix', TargetKeyId: keyId }) };
  },
  async test_create_key_with_invalid_tag_key({ aws }, kind) {
    const TagKey = { lowercase_prefix: 'aws:key1', uppercase_prefix: 'AWS:key1', too_long_key: 'a'.repeat(129) }[
      kind ?? ''
    ];
    return { 'invalid-tag-key': await answer(aws, 'CreateKey', { Tags: [{ TagKey, TagValue: 'value1' }] }) };
  },
  async test_create_key_with_too_many_tags_raises_error({ aws }) {
    const Tags = Array.from({ length: 51 }, (_, index) => ({ TagKey: `key${index}`, TagValue: 'value' }));
    return { 'invalid-tag-key': await answer(aws, 'CreateKey', { Tags }) };
  },
  async test_tag_existing_key_with_invalid_tag_key({ aws }) {
    const { keyId } = await newKey(aws);
    const Tags = [{ TagKey: 'aws:key1', TagValue: 'value1' }];
    return { 'invalid-tag-key': await answer(aws, 'TagResource', { KeyId: keyId, Tags }) };
  },
  async test_key_with_long_tag_value_raises_error({ aws }) {
    const Tags = [{ TagKey: 'tag1', TagValue: 'v'.repeat(257) }];
    return { 'too-long-tag-value': await answer(aws, 'CreateKey', { Tags }) };
  },
  async test_untag_key_partially({ aws }) {
    const Tags = ['1', '2', '3'].map((number) => ({ TagKey: `tag${number}`, TagValue: `value${number}` }));
    const { keyId } = await newKey(aws, { Tags });
    const before = await aws.call('ListResourceTags', { KeyId: keyId });
    await aws.call('UntagResource', { KeyId: keyId, TagKeys: ['tag2'] });
    const after = await aws.call('ListResourceTags', { KeyId: keyId });
    return { 'list-resource-tags': before['Tags'], 'list-resource-tags-after-partially-untagged': after['Tags'] };
  },

  async test_describe_with_alias_arn({ aws }) {
    const { KeyMetadata } = await aws.call('CreateKey', { Description: 'test - description' });
    const { KeyId } = KeyMetadata as JsonObject;
    await aws.call('CreateAlias', { AliasName: 'alias/described', TargetKeyId: KeyId });
    const described = await answer(aws, 'DescribeKey', { KeyId: `arn:aws:kms:${HOME}:${ACCOUNT}:alias/described` });
    return { 'created-key': KeyMetadata, 'describe-key': described };
  },
  async test_hmac_create_key({ aws }) {
    const input = { Description: 'test key', KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' };
    const { KeyMetadata } = await aws.call('CreateKey', input);
    const described = await aws.call('DescribeKey', { KeyId: (KeyMetadata as JsonObject)['KeyId'] });
    return { 'create-hmac-key': KeyMetadata, 'describe-key': described['KeyMetadata'] };
  },
  async test_get_key_in_different_region({ aws, ...kms }) {
    const elsewhere = kms.in('eu-central-1');
    const { arn, keyId } = await newKey(elsewhere, { Description: 'test key 123' });
    return {
      'describe-key-diff-region-with-id': await answer(aws, 'DescribeKey', { KeyId: keyId }),
      'describe-key-diff-region-with-arn': await answer(aws, 'DescribeKey', { KeyId: arn }),
      'describe-key-same-specific-region-with-id': await answer(elsewhere, 'DescribeKey', { KeyId: keyId }),
      'describe-key-same-specific-region-with-arn': await answer(elsewhere, 'DescribeKey', { KeyId: arn }),
    };
  },
  async test_replicate_key({ aws, ...kms }) {
    const elsewhere = kms.in('ap-southeast-1');
    const { keyId } = await newKey(aws, { MultiRegion: true, Description: 'test replicated key' });
    const missing = await answer(elsewhere, 'DescribeKey', { KeyId: keyId });
    const replicated = await answer(aws, 'ReplicateKey', { KeyId: keyId, ReplicaRegion: 'ap-southeast-1' });
    const primary = await answer(aws, 'DescribeKey', { KeyId: keyId });
    kms.pass(60_000);
    return {
      'describe-key-from-different-region': missing,
      'replicate-key': replicated,
      'describe-key-from-region': primary,
      'describe-replicated-key': await answer(elsewhere, 'DescribeKey', { KeyId: keyId }),
    };
  },

  async test_derive_shared_secret({ aws }) {
    const agreeing = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'KEY_AGREEMENT' };
    const [own, other] = [await newKey(aws, agreeing), await newKey(aws, agreeing)];
    const { PublicKey } = await aws.call('GetPublicKey', { KeyId: other.keyId });
    const signing = await newKey(aws, { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
    const symmetric = await newKey(aws);
    const derive = (KeyId: string, more: JsonObject = {}) =>
      answer(aws, 'DeriveSharedSecret', { KeyId, KeyAgreementAlgorithm: 'ECDH', PublicKey, ...more });
    return {
      response: await derive(own.keyId),
      'response-invalid-key-usage': await derive(signing.keyId),
      'response-invalid-key-spec': await answer(aws, 'CreateKey', { KeySpec: 'RSA_2048', KeyUsage: 'KEY_AGREEMENT' }),
      'response-invalid-key-agreement-algo': await derive(own.keyId, { KeyAgreementAlgorithm: 'INVALID' }),
      'response-invalid-key': await derive(symmetric.keyId),
      'response-invalid-public-key': await derive(own.keyId, { PublicKey: base64('InvalidPublicKey') }),
    };
  },
  async test_encrypt_validate_plaintext_size_per_key_type({ aws }, KeySpec, EncryptionAlgorithm) {
    const { keyId } = await newKey(aws, { KeySpec, KeyUsage: 'ENCRYPT_DECRYPT' });
    const input = { KeyId: keyId, Plaintext: base64('x'.repeat(880)), EncryptionAlgorithm };
    return { 'generate-random-exc': await answer(aws, 'Encrypt', input) };
  },
  async test_plaintext_size_for_encrypt({ aws }) {
    const { keyId } = await newKey(aws);
    const error = await answer(aws, 'Encrypt', { KeyId: keyId, Plaintext: base64('x'.repeat(4097)) });
    return { 'invalid-plaintext-size-encrypt': error };
  },
  async test_error_messaging_for_invalid_keys({ aws }) {
    const mac = await newKey(aws, { KeySpec: 'HMAC_224', KeyUsage: 'GENERATE_VERIFY_MAC' });
    const symmetric = await newKey(aws);
    const signing = await newKey(aws, { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' });
    const pss = { KeyId: mac.keyId, Message: MESSAGE, SigningAlgorithm: 'RSASSA_PSS_SHA_256' };
    const ecdsa = { KeyId: symmetric.keyId, Message: MESSAGE, SigningAlgorithm: 'ECDSA_SHA_256', Signature: MESSAGE };
    const { CiphertextBlob } = await aws.call('Encrypt', { KeyId: symmetric.keyId, Plaintext: MESSAGE });
    return {
      'generate-mac-invalid-key-id': await answer(aws, 'GenerateMac', {
        KeyId: symmetric.keyId,
        Message: MESSAGE,
        MacAlgorithm: 'HMAC_SHA_224',
      }),
      'sign-invalid-key-id': await answer(aws, 'Sign', pss),
      'verify-invalid-key-id': await answer(aws, 'Verify', ecdsa),
      'encrypt-invalid-key-id': await answer(aws, 'Encrypt', { KeyId: signing.keyId, Plaintext: MESSAGE }),
      'decrypt-invalid-key-id': await answer(aws, 'Decrypt', { KeyId: mac.keyId, CiphertextBlob }),
    };
  },
  async test_re_encrypt({ aws }) {
    const [source, destination] = [await newKey(aws), await newKey(aws)];
    const { CiphertextBlob } = await aws.call('Encrypt', { KeyId: source.keyId, Plaintext: MESSAGE });
    const input = { SourceKeyId: source.keyId, DestinationKeyId: destination.keyId, CiphertextBlob };
    return { test_re_encrypt: await answer(aws, 'ReEncrypt', input) };
  },

  async test_generate_and_verify_mac({ aws }, KeySpec, MacAlgorithm) {
    const { keyId } = await newKey(aws, { KeySpec, KeyUsage: 'GENERATE_VERIFY_MAC' });
    const generated = await answer(aws, 'GenerateMac', { KeyId: keyId, Message: MESSAGE, MacAlgorithm });
    const verifying = { Message: MESSAGE, MacAlgorithm, Mac: generated['Mac'] };
    return {
      'generate-mac': generated,
      'verify-mac': await answer(aws, 'VerifyMac', { KeyId: keyId, ...verifying }),
      'generate-mac-invalid-key-id': await answer(aws, 'GenerateMac', {
        KeyId: 'key_id',
        Message: MESSAGE,
        MacAlgorithm,
      }),
      'verify-mac-invalid-key-id': await answer(aws, 'VerifyMac', { KeyId: 'key_id', ...verifying }),
    };
  },
  async test_invalid_generate_mac({ aws }, KeySpec, MacAlgorithm) {
    const { keyId } = await newKey(aws, { KeySpec, KeyUsage: 'GENERATE_VERIFY_MAC' });
    return { 'generate-mac': await answer(aws, 'GenerateMac', { KeyId: keyId, Message: MESSAGE, MacAlgorithm }) };
  },
  async test_invalid_verify_mac({ aws }, KeySpec, MacAlgorithm, message) {
    const { keyId } = await newKey(aws, { KeySpec, KeyUsage: 'GENERATE_VERIFY_MAC' });
    const made = { KeyId: keyId, Message: MESSAGE, MacAlgorithm: 'HMAC_SHA_256' };
    const generated = await answer(aws, 'GenerateMac', made);
    const input = { KeyId: keyId, Message: base64(message ?? ''), MacAlgorithm, Mac: generated['Mac'] };
    return { 'generate-mac': generated, 'verify-mac': await answer(aws, 'VerifyMac', input) };
  },
  async test_generate_random({ aws }, bytes) {
    const { Plaintext } = await aws.call('GenerateRandom', { NumberOfBytes: Number(bytes) });
    return { result_length: Buffer.from(String(Plaintext), 'base64').length };
  },
  async test_generate_random_invalid_number_of_bytes({ aws }, bytes) {
    const NumberOfBytes = bytes === 'None' ? null : Number(bytes);
    return { 'generate-random-exc': await answer(aws, 'GenerateRandom', { NumberOfBytes }) };
  },

  async test_sign_verify({ aws }, KeySpec, SigningAlgorithm) {
    const { keyId } = await newKey(aws, { KeySpec, KeyUsage: 'SIGN_VERIFY' });
    const input = { KeyId: keyId, SigningAlgorithm, MessageType: 'RAW', Message: MESSAGE };
    const signature = await answer(aws, 'Sign', input);
    const bad = await aws.call('Sign', { ...input, Message: base64('bad') });
    return {
      signature,
      verification: await answer(aws, 'Verify', { ...input, Signature: signature['Signature'] }),
      'bad-digest': await answer(aws, 'Sign', { ...input, MessageType: 'DIGEST' }),
      'bad-signature': await answer(aws, 'Verify', { ...input, Signature: bad['Signature'] }),
    };
  },
  /** Nothing was recorded of it but that AWS's signatures hold with the public key and a salt as long as the hash. */
  async test_verify_salt_length({ aws }, KeySpec, SigningAlgorithm = '') {
    const { keyId } = await newKey(aws, { KeySpec, KeyUsage: 'SIGN_VERIFY' });
    const { PublicKey } = await aws.call('GetPublicKey', { KeyId: keyId });
    const key = createPublicKey({ key: Buffer.from(String(PublicKey), 'base64'), format: 'der', type: 'spki' });
    const hash = `sha${SigningAlgorithm.slice(-3)}`;
    const message = Buffer.from(MESSAGE, 'base64');
    const digest = createHash(hash).update(message).digest().toString('base64');
    const padding = SigningAlgorithm.includes('PSS') ? { padding: 6, saltLength: Number(hash.slice(3)) / 8 } : {};
    for (const [MessageType, Message] of [
      ['RAW', MESSAGE],
      ['DIGEST', digest],
    ]) {
      const { Signature } = await aws.call('Sign', { KeyId: keyId, SigningAlgorithm, MessageType, Message });
      const holds = verify(hash, message, { key, ...padding }, Buffer.from(String(Signature), 'base64'));
      if (!holds) throw new Error(`The ${MessageType} signature does not hold.`);
    }
    return {};
  },

  async test_get_parameters_for_import({ aws }) {
    const { keyId } = await newKey(aws);
    const input = { KeyId: keyId, WrappingAlgorithm: 'RSAES_OAEP_SHA_256', WrappingKeySpec: 'RSA_4096' };
    return { 'response-error': await answer(aws, 'GetParametersForImport', input) };
  },
  async test_import_key_asymmetric({ aws }) {
    const secret = ecSecret('prime256v1');
    const input = { Origin: 'EXTERNAL', KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY', Description: 'imported' };
    const { KeyMetadata } = await aws.call('CreateKey', input);
    const KeyId = (KeyMetadata as JsonObject)['KeyId'];
    const before = await answer(aws, 'DescribeKey', { KeyId });
    await importSecret(aws, KeyId, secret);
    const after = await answer(aws, 'DescribeKey', { KeyId });
    await aws.call('DeleteImportedKeyMaterial', { KeyId });
    return {
      'created-key': KeyMetadata,
      'describe-key-before-import': before,
      'describe-key-after-import': after,
      'describe-key-after-deleted-import': await answer(aws, 'DescribeKey', { KeyId }),
    };
  },
  async test_import_key_ecc_keys({ aws }, KeySpec = '') {
    const curve = { ECC_NIST_P256: 'prime256v1', ECC_NIST_P384: 'secp384r1', ECC_SECG_P256K1: 'secp256k1' }[KeySpec];
    const SigningAlgorithm = KeySpec === 'ECC_NIST_P384' ? 'ECDSA_SHA_384' : 'ECDSA_SHA_256';
    const created = { Origin: 'EXTERNAL', KeySpec, KeyUsage: 'SIGN_VERIFY', Description: 'test ecc key import' };
    const { keyId: KeyId } = await newKey(aws, created);
    const before = await answer(aws, 'DescribeKey', { KeyId });
    await importSecret(aws, KeyId, ecSecret(curve ?? ''));
    const after = await answer(aws, 'DescribeKey', { KeyId });
    const input = { KeyId, Message: MESSAGE, MessageType: 'RAW', SigningAlgorithm };
    const signed = await answer(aws, 'Sign', input);
    const verified = await answer(aws, 'Verify', { ...input, Signature: signed['Signature'] });
    await aws.call('DeleteImportedKeyMaterial', { KeyId });
    return {
      'describe-key-before-import': before,
      'describe-key-after-import': after,
      'sign-result': signed,
      'verify-result': verified,
      'describe-key-after-deleted-import': await answer(aws, 'DescribeKey', { KeyId }),
    };
  },
  async test_import_key_hmac_keys({ aws }, KeySpec = '') {
    const bits = KeySpec.slice(-3);
    const created = {
      Origin: 'EXTERNAL',
      KeySpec,
      KeyUsage: 'GENERATE_VERIFY_MAC',
      Description: 'test import hmac key',
    };
    const { keyId: KeyId } = await newKey(aws, created);
    const before = await answer(aws, 'DescribeKey', { KeyId });
    await importSecret(aws, KeyId, randomBytes(Number(bits) / 8));
    const after = await answer(aws, 'DescribeKey', { KeyId });
    const input = { KeyId, Message: MESSAGE, MacAlgorithm: `HMAC_SHA_${bits}` };
    const generated = await answer(aws, 'GenerateMac', input);
    const verified = await answer(aws, 'VerifyMac', { ...input, Mac: generated['Mac'] });
    await aws.call('DeleteImportedKeyMaterial', { KeyId });
    return {
      'describe-key-before-import': before,
      'describe-key-after-import': after,
      'generate-mac-response': generated,
      'verify-mac-response': verified,
      'describe-key-after-deleted-import': await answer(aws, 'DescribeKey', { KeyId }),
    };
  },
  async test_import_key_rsa_aes_wrap_sha256({ aws }) {
    const created = { Origin: 'EXTERNAL', KeySpec: 'RSA_4096', KeyUsage: 'ENCRYPT_DECRYPT', Description: 'test-key' };
    const { keyId: KeyId } = await newKey(aws, created);
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 4096 });
    const secret = privateKey.export({ type: 'pkcs8', format: 'der' });
    const wrapping = { WrappingAlgorithm: 'RSA_AES_KEY_WRAP_SHA_256', WrappingKeySpec: 'RSA_2048' };
    const { ImportToken, PublicKey } = await aws.call('GetParametersForImport', { KeyId, ...wrapping });
    const before = await answer(aws, 'DescribeKey', { KeyId });
    const EncryptedKeyMaterial = wrapWithAes(String(PublicKey), secret);
    await aws.call('ImportKeyMaterial', { KeyId, ImportToken, EncryptedKeyMaterial, ...NEVER });
    const after = await answer(aws, 'DescribeKey', { KeyId });
    await aws.call('DeleteImportedKeyMaterial', { KeyId });
    return {
      'describe-before-import': before,
      'import-key-material-response': after,
      'describe-key-after-deleted-import': await answer(aws, 'DescribeKey', { KeyId }),
    };
  },

  async test_key_enable_rotation_status({ aws }, days) {
    const { keyId } = await newKey(aws);
    await aws.call('EnableKeyRotation', { KeyId: keyId, RotationPeriodInDays: Number(days) });
    return { match_response: await answer(aws, 'GetKeyRotationStatus', { KeyId: keyId }) };
  },
  async test_key_rotations_encryption_decryption({ aws, ...kms }) {
    const { keyId } = await newKey(aws);
    const { CiphertextBlob } = await aws.call('Encrypt', { KeyId: keyId, Plaintext: MESSAGE });
    await aws.call('RotateKeyOnDemand', { KeyId: keyId });
    kms.pass(60_000);
    await aws.call('Decrypt', { KeyId: keyId, CiphertextBlob });
    const longer = Buffer.concat([Buffer.from(String(CiphertextBlob), 'base64'), Buffer.from('bad_data')]);
    const input = { KeyId: keyId, CiphertextBlob: longer.toString('base64') };
    return { 'bad-ciphertext': await answer(aws, 'Decrypt', input) };
  },
  async test_rotate_key_on_demand_for_external_keys_decrypts_with_previous_material({ aws, ...kms }) {
    const { KeyMetadata } = await aws.call('CreateKey', { Origin: 'EXTERNAL', Description: 'test-key' });
    const KeyId = (KeyMetadata as JsonObject)['KeyId'];
    const imported = await importSecret(aws, KeyId, randomBytes(32));
    const encrypted = await answer(aws, 'Encrypt', { KeyId, Plaintext: MESSAGE });
    await importSecret(aws, KeyId, randomBytes(32), { ImportType: 'NEW_KEY_MATERIAL' });
    const rotated = await answer(aws, 'RotateKeyOnDemand', { KeyId });
    kms.pass(60_000);
    await aws.call('Decrypt', { KeyId, CiphertextBlob: encrypted['CiphertextBlob'] });
    return {
      'create-kms-external-key': KeyMetadata,
      'import-key-material-response': imported,
      'kms-encrypt-initial-response': encrypted,
      'rotate-key-on-demand-response': rotated,
    };
  },
  async test_rotate_key_on_demand_on_external_key_with_no_key_material({ aws }, spec) {
    const { KeyMetadata } = await aws.call('CreateKey', { Origin: 'EXTERNAL', Description: 'test-key' });
    const error = await answer(aws, 'RotateKeyOnDemand', { KeyId: (KeyMetadata as JsonObject)['KeyId'] });
    return { 'create-kms-external-key': KeyMetadata, [`rotate-key-on-demand-error-response-${spec}`]: error };
  },
  async test_rotate_key_on_demand_raises_error_given_key_is_disabled({ aws }) {
    const { keyId } = await newKey(aws, { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' });
    await aws.call('DisableKey', { KeyId: keyId });
    return { 'error-response': await answer(aws, 'RotateKeyOnDemand', { KeyId: keyId }) };
  },
  async test_rotate_key_on_demand_raises_for_no_pending_key_material({ aws }) {
    const { keyId } = await newKey(aws, { Origin: 'EXTERNAL' });
    await importSecret(aws, keyId, randomBytes(32));
    const error = await answer(aws, 'RotateKeyOnDemand', { KeyId: keyId });
    return { 'rotate-key-on-demand-invalid-state-error': error };
  },
  async test_rotate_key_on_demand_with_symmetric_key_and_automatic_rotation_disabled({ aws, ...kms }) {
    const { keyId } = await newKey(aws);
    const rotated = await answer(aws, 'RotateKeyOnDemand', { KeyId: keyId });
    kms.pass(60_000);
    const status = await answer(aws, 'GetKeyRotationStatus', { KeyId: keyId });
    return { 'rotate-on-demand-response': rotated, 'rotation-status-response-after-rotation': status };
  },
  async test_rotate_on_demand_returns_arn_for_key_id({ aws }) {
    const { keyId } = await newKey(aws);
    return { 'rotate-on-demand-aws-key': await answer(aws, 'RotateKeyOnDemand', { KeyId: keyId }) };
  },

  async test_generate_data_key({ aws }) {
    const { keyId } = await newKey(aws);
    return { 'generate-data-key-result': await answer(aws, 'GenerateDataKey', { KeyId: keyId, KeySpec: 'AES_256' }) };
  },
  async test_encryption_context_generate_data_key({ aws }) {
    const { keyId } = await newKey(aws);
    const EncryptionContext = { 'context-key': 'context-value' };
    const input = { KeyId: keyId, KeySpec: 'AES_256', EncryptionContext };
    const { CiphertextBlob } = await aws.call('GenerateDataKey', input);
    return { 'decrypt-without-encryption-context': await answer(aws, 'Decrypt', { KeyId: keyId, CiphertextBlob }) };
  },
  async test_encryption_context_generate_data_key_pair_without_plaintext({ aws }) {
    const { keyId } = await newKey(aws);
    const EncryptionContext = { 'context-key': 'context-value' };
    const input = { KeyId: keyId, KeyPairSpec: 'ECC_NIST_P256', EncryptionContext };
    const pair = await aws.call('GenerateDataKeyPairWithoutPlaintext', input);
    const CiphertextBlob = pair['PrivateKeyCiphertextBlob'];
    return { 'decrypt-without-encryption-context': await answer(aws, 'Decrypt', { KeyId: keyId, CiphertextBlob }) };
  },
  async test_generate_data_key_pair_dry_run({ aws }) {
    const { keyId } = await newKey(aws);
    const input = { KeyId: keyId, KeyPairSpec: 'RSA_2048', DryRun: true };
    return { dryrun_exception: await answer(aws, 'GenerateDataKeyPair', input) };
  },
  async test_generate_data_key_pair_without_plaintext_dry_run({ aws }) {
    const { keyId } = await newKey(aws);
    const input = { KeyId: keyId, KeyPairSpec: 'RSA_2048', DryRun: true };
    return { dryrun_exception: await answer(aws, 'GenerateDataKeyPairWithoutPlaintext', input) };
  },
};

const OUT_OF_SCOPE: Readonly<Record<string, string>> = {
  'test_sign_verify[ECC_NIST_P256-ECDSA_SHA_384]': 'nothing was recorded, and the case no longer exists upstream',
  test_rotate_key_on_demand_raises_error_given_key_with_imported_key_material:
    'recorded in March 2025, before AWS let imported key material rotate on demand; later recordings contradict it',
};

/** Every conversation, and every error of one once more from the list of errors with their HTTP status. */
export function localstackCases(): readonly RecordedCase[] {
  const conversations = recordedFile('aws-recorded/localstack/kms.test_kms.snapshot.json');
  const errors = recordedFile('kms-recorded/localstack-kms-errors.json') as unknown as readonly RecordedError[];
  return [
    ...Object.entries(conversations).map(([name, recording]) => {
      const steps = (recording as JsonObject)['recorded-content'] as JsonObject;
      return conversationCase(name.slice(name.indexOf('::') + 2), steps);
    }),
    ...errors.map((error) => {
      const { code, message, status } = error;
      const recorded = { Error: { Code: code, Message: message }, ResponseMetadata: { HTTPStatusCode: status } };
      return conversationCase(error.test, { [error.step]: recorded }, `error ${error.test} ${error.step}`);
    }),
  ];
}

interface RecordedError {
  readonly test: string;
  readonly step: string;
  readonly code: string;
  readonly message: string;
  readonly status: number;
}

function conversationCase(test: string, steps: JsonObject, name = test): RecordedCase {
  const [, base = '', parameters = ''] = /::([^[]+)(?:\[(.*)\])?$/.exec(test) ?? [];
  const scenario = SCENARIOS[base];
  const outOfScope = OUT_OF_SCOPE[base] ?? OUT_OF_SCOPE[`${base}[${parameters}]`];
  return {
    name: `localstack ${name}`,
    outOfScope,
    async check() {
      if (!scenario) return ['no request is written for this case'];
      const ours = await answersOf(test, () => scenario(kmsAtHome(), ...parameters.split('-')));
      const bindings: Bindings = new Map();
      return Object.entries(steps).flatMap(([step, recorded]) =>
        differences(recorded, stripped(ours[step] ?? null, recorded), bindings, step),
      );
    },
  };
}

const held = new Map<string, Promise<JsonObject>>();

/** A conversation is held once, however many of its answers are compared. */
function answersOf(test: string, hold: () => Promise<JsonObject>): Promise<JsonObject> {
  const answers = held.get(test) ?? hold();
  held.set(test, answers);
  return answers;
}

/** Some recordings do not repeat the text of an error, or have no HTTP headers. */
function stripped(ours: JsonObject[string], recorded: JsonObject[string]): unknown {
  if (typeof ours !== 'object' || ours === null || Array.isArray(ours)) return ours;
  const { message, ...rest } = ours as JsonObject;
  const { ResponseMetadata } = recorded as JsonObject;
  const status = (rest['ResponseMetadata'] as JsonObject | undefined)?.['HTTPStatusCode'];
  const headers = (ResponseMetadata as JsonObject | undefined)?.['HTTPHeaders'];
  return {
    ...rest,
    ...((recorded as JsonObject)['message'] === undefined || message === undefined ? {} : { message }),
    ...(status === undefined
      ? {}
      : { ResponseMetadata: { HTTPStatusCode: status, ...(headers ? { HTTPHeaders: {} } : {}) } }),
  };
}

function kmsAtHome(): Kms {
  const kms = localKms();
  const inRegion = (region: string) => kms.as(administratorOf(ACCOUNT), region);
  return { ...kms, aws: inRegion(HOME), in: inRegion };
}

function ecSecret(namedCurve: string): Buffer {
  return generateKeyPairSync('ec', { namedCurve }).privateKey.export({ type: 'pkcs8', format: 'der' });
}

async function importSecret(
  aws: KmsClient,
  KeyId: JsonObject[string],
  secret: Uint8Array,
  more: JsonObject = {},
): Promise<JsonObject> {
  return answer(aws, 'ImportKeyMaterial', await importInput(aws, KeyId, secret, more));
}
