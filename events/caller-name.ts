/**
 * Who called, in a few words: the kind of principal and its name. Never the name of a session, which its caller chose, nor an address.
 * Names are of IAM's own characters, or they are none: what a record holds is somebody else's text.
 * Source: CloudTrail User Guide, "CloudTrail userIdentity element"; IAM User Guide, "IAM and STS quotas" (names of at most 64).
 */
import type { KmsRecord } from './cloudtrail-kms-record';

type Identity = NonNullable<KmsRecord['userIdentity']>;

const NAME = '([\\w+=,.@-]{1,64})';

const KINDS: readonly (readonly [kind: string, arn: RegExp])[] = [
  ['role', new RegExp(`^arn:aws[a-z-]*:sts::(\\d{12}):assumed-role/${NAME}/[^/]+$`)],
  ['user', new RegExp(`^arn:aws[a-z-]*:iam::(\\d{12}):user/(?:[!-~]{1,512}/)?${NAME}$`)],
  ['federated user', new RegExp(`^arn:aws[a-z-]*:sts::(\\d{12}):federated-user/${NAME}$`)],
  ['root user', /^arn:aws[a-z-]*:iam::(\d{12}):root$/],
];

/** `role SecOps`, `user ada`, `root user`. Undefined where the record names nobody, or names one of another account than it says. */
export function callerNameOf({ arn, accountId }: Identity): string | undefined {
  for (const [kind, pattern] of KINDS) {
    const [, account, name] = (arn && pattern.exec(arn)) || [];
    if (account !== undefined && account === accountId) return name === undefined ? kind : `${kind} ${name}`;
  }
  return undefined;
}
