/**
 * What the text of a refusal tells. Source: IAM User Guide, "Troubleshoot access denied error messages", whose examples
 * leave out the resource, add the ARN of the policy or a link, and once write "sessions policy".
 */
import type { PolicyKind } from '../domain/availability/verdict';
import type { Refusal } from '../domain/availability/whose-refusal';

const KINDS: Readonly<Record<string, PolicyKind>> = {
  'identity-based': 'identity',
  'resource-based': 'resource',
  'role trust': 'resource',
  session: 'session',
  sessions: 'session',
  'permissions boundary': 'boundary',
  'service control': 'service-control',
  'resource control': 'resource-control',
  'vpc endpoint': 'vpc-endpoint',
};

/**
 * "because no identity-based policy allows the kms:Decrypt action", "with an explicit deny in a permissions boundary".
 * Nothing before the reason can be taken for it: names of principals, sessions and resources hold no spaces. A refusal
 * "in a VPC endpoint policy transitively through a service control policy" is by one of two, of whom nobody says which.
 */
const REASON = new RegExp(
  `(because no|with an explicit deny in (?:an?|the)) (${Object.keys(KINDS).join('|')})\\b(?! policy transitively)`,
  'i',
);

/**
 * What KMS tells a caller of another account, who is not to learn whether the key exists. Source: answers of KMS to
 * kms:Decrypt and kms:GenerateDataKey that were published; no AWS page has the text.
 */
const FOREIGN_KEY = /no resource-based policies allow access, or a resource-based policy explicitly denies access/i;

/** Without a reason, as is usual between accounts, with one that is not known, or encoded: `unknown`. */
export function refusalOf(message: string): Refusal {
  const [, how, kind = ''] = REASON.exec(message) ?? [];
  const refusedBy = KINDS[kind.toLowerCase()] ?? (FOREIGN_KEY.test(message) ? 'resource' : 'unknown');
  return { refusedBy, isExplicit: how?.startsWith('with') ?? false };
}
