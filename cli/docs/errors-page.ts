/** Makes docs/errors.md: codes and what becomes of them from the catalogue, what they mean to an operator from here. */
import { type ErrorCode, KeywrightError } from '../../shared/domain/errors';

interface About {
  readonly means: string;
  /** What to do where it stays. */
  readonly remedy: string;
}

const NOTHING = 'Nothing: it passes by itself.';
const OWNER = 'Ask the key’s owner. Keywright notices by itself when it is over.';

const ABOUT: Readonly<Record<ErrorCode, About>> = {
  'state.changed-meanwhile': {
    means: 'Somebody else changed the row since it was read.',
    remedy: `${NOTHING} At the API: send the request again.`,
  },
  'state.not-found': { means: 'What was named does not exist.', remedy: 'Look the name up; the message says which.' },
  'state.forbids': {
    means: 'The state that something is in does not allow what was asked.',
    remedy: 'Do what the message says first.',
  },
  'state.key-lost': {
    means: 'An application asked for data under a KMS key that was confirmed to be lost: KMS was not asked.',
    remedy: OWNER,
  },
  'kms.throttled': { means: 'KMS refuses because of its request quota.', remedy: 'Look at what uses the quota up.' },
  'kms.unreachable': { means: 'KMS does not answer, or answers 5xx.', remedy: 'Look at the AWS health dashboard.' },
  'kms.conflict': { means: 'KMS is still busy with an earlier change of the key.', remedy: NOTHING },
  'kms.access-denied': {
    means: 'A policy refuses us the key.',
    remedy: 'The page says whose policy it is, where AWS said so.',
  },
  'kms.key-not-found': {
    means: 'KMS knows no such key.',
    remedy: 'Find out with the key’s owner whether it was deleted.',
  },
  'kms.key-disabled': { means: 'The key is disabled.', remedy: OWNER },
  'kms.key-pending-deletion': { means: 'The key waits for its deletion.', remedy: OWNER },
  'kms.key-pending-import': { means: 'The key’s imported material is gone.', remedy: OWNER },
  'kms.key-unavailable': {
    means: 'KMS cannot reach the key at the moment.',
    remedy: 'Send the dead letter back once KMS reaches the key again.',
  },
  'kms.key-store-unavailable': { means: 'The key store that holds the key is disconnected.', remedy: OWNER },
  'kms.wrong-key': {
    means: 'A ciphertext is not of the key that its row names.',
    remedy: 'Compare the row with a backup of the data-key table.',
  },
  'kms.ciphertext-refused': {
    means: 'KMS does not decrypt a ciphertext under its encryption context: one of them is not the original.',
    remedy: 'Compare the row with a backup of the data-key table: it may be another customer’s.',
  },
  'kms.limit-exceeded': {
    means: 'A limit of KMS is reached that no waiting lifts, such as the 25 on-demand rotations of a key.',
    remedy: 'Choose another strategy, or have AWS raise the limit.',
  },
  'kms.unsupported': {
    means: 'This kind of key cannot do what was asked.',
    remedy: 'Choose another strategy or key.',
  },
  'quota.none-left': { means: 'Live calls leave too little of the KMS quota.', remedy: NOTHING },
  'sts.role-refused': {
    means: 'The role in the customer’s account does not let us in.',
    remedy: 'Ask the customer for the role, its trust policy and the external id.',
  },
  'iam.refused': {
    means: 'The role that lets us look may not read the role that we use.',
    remedy: 'Nothing is lost: a cause is told less exactly. Ask the customer to deploy the onboarding kit again.',
  },
  'iam.unreachable': { means: 'IAM does not answer, or throttles us.', remedy: NOTHING },
  'sts.unreachable': { means: 'STS does not answer.', remedy: 'Look at the AWS health dashboard.' },
  'identity.stale': {
    means: 'A proof of identity was signed too long ago, or by a wrong clock.',
    remedy: 'Sign anew.',
  },
  'identity.refused': {
    means: 'A proof of identity is not taken: by STS, or because it names somebody else or was used before.',
    remedy: 'Sign anew, as the one who sends the request.',
  },
  'store.unreachable': {
    means: 'DynamoDB does not answer or throttles. Whether a write took place is not known.',
    remedy: 'Look at the AWS health dashboard, and at the table’s metrics.',
  },
  'store.index-behind': { means: 'An index does not show yet what the table holds.', remedy: NOTHING },
  'store.refused': {
    means: 'DynamoDB refuses a request for what it is.',
    remedy: 'Read the message: a permission, or a value that is too large.',
  },
  'store.row-misplaced': {
    means: 'A row says that it is another one: it was copied or changed by somebody with access to the table.',
    remedy: 'Find out who writes the table, and bring the row back from a backup.',
  },
  'store.row-refused': {
    means: 'DynamoDB does not take one row as it would become: it is too large, for example.',
    remedy: 'Look at that row; the work beside it goes on without it.',
  },
  'events.not-published': { means: 'EventBridge did not take a fact.', remedy: NOTHING },
  'queue.not-sent': { means: 'SQS did not take a message.', remedy: NOTHING },
  'page.not-sent': {
    means: 'A channel did not take a page. It is sent again every minute.',
    remedy: 'Look at the channel that `keywright status` names; tell on-call by another way.',
  },
  'secret.not-opened': {
    means: 'KMS did not encrypt or decrypt the secret of a channel. Pages go out by other channels meanwhile.',
    remedy: 'Look at the key of the channels’ secrets; add a channel anew whose secret opens no more.',
  },
  'audit.not-written': { means: 'The log’s files could not be written.', remedy: NOTHING },
  'audit.contradicted': {
    means: 'A log’s files say something else than the order of its entries.',
    remedy: 'Stop, and find out who writes the bucket: nothing is signed until it fits.',
  },
  'trail.unreadable': {
    means: 'The bucket of our CloudTrail trail, or the public keys of its digests, cannot be read.',
    remedy: 'Look at `KEYWRIGHT_TRAIL_BUCKET`, and at the policies of the bucket and of `reconcile-trail`.',
  },
  'input.invalid': {
    means: 'What somebody gave makes no sense.',
    remedy: 'The message names the field and the way out.',
  },
};

const HEAD = `# Errors

Generated from \`shared/domain/errors.ts\` and \`cli/docs/errors-page.ts\` by \`npm run docs\`; a test fails when this page is behind.

Every error that Keywright raises on purpose has one of these codes: in its log lines, in the reason beside a dead letter, and in what the API
answers. *Retried* goes back to its queue, five times, and then to the dead letters; *parked* goes there at once, with the reason. Whatever has
no code (\`unforeseen\`) is a bug: it is retried, and alarmed. Send a dead letter back, once its reason is gone, with SQS’s redrive.

| code | means | becomes | what to do |
|---|---|---|---|`;

/** The page as it should be. */
export function errorsPage(): string {
  const codes = (Object.keys(ABOUT) as ErrorCode[]).sort();
  const rows = codes.map((code) => {
    const { means, remedy } = ABOUT[code];
    return `| \`${code}\` | ${means} | ${new KeywrightError(code, '').retry ? 'retried' : 'parked'} | ${remedy} |`;
  });
  return `${[HEAD, ...rows].join('\n')}\n`;
}
