/** What an answer of IAM means to us. */
import { KeywrightError } from '../domain/errors';

/** Source: `models/errors.d.ts` of @aws-sdk/client-iam; the code on the wire is `NoSuchEntity`, HTTP status 404. */
const NO_SUCH_ENTITY: ReadonlySet<string> = new Set(['NoSuchEntityException', 'NoSuchEntity']);
/** Source: IAM API reference, "Common errors". */
const REFUSALS: ReadonlySet<string> = new Set(['AccessDenied', 'AccessDeniedException']);

/**
 * Asks IAM. @returns undefined where it knows no such thing.
 *
 * @throws KeywrightError `iam.refused`; else `iam.unreachable` (retry), throttling among it; what our own code threw on the way.
 */
export async function askIam<Answer>(
  operation: string,
  roleArn: string,
  ask: () => Promise<Answer>,
): Promise<Answer | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof KeywrightError) throw error;
    const { name, message } = error instanceof Error ? error : { name: 'unknown', message: String(error) };
    if (NO_SUCH_ENTITY.has(name)) return undefined;
    const code = REFUSALS.has(name) ? 'iam.refused' : 'iam.unreachable';
    throw new KeywrightError(
      code,
      `IAM ${operation}: ${name}: ${message}`,
      { roleArn, awsError: name },
      { cause: error },
    );
  }
}
