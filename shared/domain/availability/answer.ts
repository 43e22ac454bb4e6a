/** What KMS answered, as evidence: a refusal is an answer like any other. */
import { type ErrorCode, KeywrightError } from '../errors';

/** `ok`, or the code of the error. */
export type Answered = 'ok' | ErrorCode;

/** What was asked for, or the error that says why not. Throws what is no error of ours: a bug. */
export async function answerOf<Value>(asked: Promise<Value>): Promise<{ value?: Value; error?: KeywrightError }> {
  try {
    return { value: await asked };
  } catch (error) {
    if (error instanceof KeywrightError) return { error };
    throw error;
  }
}
