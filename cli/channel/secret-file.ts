/** The secret of a channel comes from a file, or from standard input: never from the command line, which others can see. */
import { readFileSync } from 'node:fs';
import { ApiRefusal } from '../operate/api-refusal';

const STANDARD_INPUT = 0;

/**
 * The secret without the line end that an editor leaves.
 *
 * @param file A path, or `-`.
 * @throws ApiRefusal when it cannot be read; what is in it is never told.
 */
export function secretIn(file: string): string {
  try {
    return readFileSync(file === '-' ? STANDARD_INPUT : file, 'utf8').trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ApiRefusal(
      'input.invalid',
      `secret: ${file} was not read (${code}). Name a file that holds it.`,
      'secret',
    );
  }
}
