import { AwsError } from './call';

/** A part of a path or header as it is meant. @throws AwsError for percent signs that encode nothing. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Source of the code and its text: S3 API Reference, "List of error codes".
    throw new AwsError('InvalidURI', "The specified URI couldn't be parsed.");
  }
}
