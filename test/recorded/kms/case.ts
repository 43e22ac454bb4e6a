/** One recorded case: what to do about it, or why it is left out. */
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { AwsError, type JsonObject } from 'local-aws/call';
import type { KmsClient } from 'local-aws/test/support/local-kms';

export interface RecordedCase {
  readonly name: string;
  /** Differences between what was recorded and what local KMS answers. */
  readonly check: () => Promise<readonly string[]>;
  /** Why the case cannot or need not be run. */
  readonly outOfScope?: string | undefined;
}

const DATA = resolve(__dirname, '../../../../shared/data');

export function recordedFile(path: string): JsonObject {
  return JSON.parse(readFileSync(resolve(DATA, path), 'utf8')) as JsonObject;
}

export function recordedFiles(folder: string): readonly string[] {
  return readdirSync(resolve(DATA, folder)).sort();
}

/** An answer in the form of the recordings: output and HTTP status, or AWS's error and its status. */
export async function answer(client: KmsClient, operation: string, input: JsonObject = {}): Promise<JsonObject> {
  try {
    const output = JSON.parse(JSON.stringify(await client.call(operation, input))) as JsonObject;
    return { ...output, ResponseMetadata: { HTTPHeaders: {}, HTTPStatusCode: 200 } };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return {
      Error: { Code: error.code, Message: error.message },
      // Recordings of modelled errors hold the text a second time.
      message: error.message,
      ResponseMetadata: { HTTPHeaders: {}, HTTPStatusCode: error.status },
    };
  }
}
