import { AwsError, type JsonObject } from '../../call';
import { sqsError } from '../errors';
import { objects, text } from '../input';

/** 1 to 10 entries a batch. Source: SendMessageBatch in the SQS API reference. */
const ENTRIES_MAX = 10;

/** The entries of a batch request. Throws AwsError where the request as a whole is refused. */
export function readEntries(input: JsonObject, kind: string): readonly JsonObject[] {
  const entries = objects(input, 'Entries');
  if (entries.length === 0) {
    throw sqsError('EmptyBatchRequest', `There should be at least one ${kind} in the request.`);
  }
  if (entries.length > ENTRIES_MAX) {
    const message = `Maximum number of entries per request are ${ENTRIES_MAX}. You have sent ${entries.length}.`;
    throw sqsError('TooManyEntriesInBatchRequest', message);
  }
  const ids = new Set<string>();
  for (const entry of entries) {
    const id = idOf(entry);
    if (!/^[\w-]{1,80}$/.test(id)) {
      const message =
        'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.';
      throw sqsError('InvalidBatchEntryId', message);
    }
    if (ids.has(id)) throw sqsError('BatchEntryIdsNotDistinct', `Id ${id} repeated.`);
    ids.add(id);
  }
  return entries;
}

/** Runs each entry by itself and answers with what succeeded and what failed, as AWS does. */
export function answerEntries(entries: readonly JsonObject[], run: (entry: JsonObject) => JsonObject): JsonObject {
  const successful: JsonObject[] = [];
  const failed: JsonObject[] = [];
  for (const entry of entries) {
    try {
      successful.push({ Id: idOf(entry), ...run(entry) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const code = error.queryCode ?? error.code;
      failed.push({ Id: idOf(entry), SenderFault: true, Code: code, Message: error.message });
    }
  }
  return {
    Successful: successful.length > 0 ? successful : undefined,
    Failed: failed.length > 0 ? failed : undefined,
  };
}

function idOf(entry: JsonObject): string {
  return text(entry, 'Id') ?? '';
}
