/**
 * Which records of a batch count as failed, by the answer of a function that reports partial failures.
 *
 * The rules are easily got wrong in the dangerous direction: no answer at all means that every record succeeded.
 * Source: Lambda developer guide, "Handling errors for an SQS event source": success and failure conditions. The same
 * list holds for streams, with sequence numbers for ids. An answer that is no object is not described there; it cannot be
 * read as a list of failures, so the whole batch counts as failed.
 */
import type { Answer } from './environment';

export function failedIds(answer: Answer, ids: readonly string[], reportsFailures: boolean): ReadonlySet<string> {
  const all = new Set(ids);
  if ('failure' in answer) return all;
  if (!reportsFailures) return new Set();
  const report = JSON.parse(answer.payload) as unknown;
  if (report === null) return new Set();
  if (typeof report !== 'object' || Array.isArray(report)) return all;
  const failures = (report as { batchItemFailures?: unknown }).batchItemFailures ?? [];
  if (!Array.isArray(failures)) return all;
  const failed = failures.map((failure: { itemIdentifier?: unknown } | null) => failure?.itemIdentifier);
  return failed.every((id): id is string => typeof id === 'string' && all.has(id)) ? new Set(failed) : all;
}
