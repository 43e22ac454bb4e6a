/** What somebody holds that was signed, and the public key to verify it with, as a person names them on the command line. */
import { existsSync } from 'node:fs';
import { Refusal, readVerifierKey } from 'keywright-verify/note';
import { FileRefused, readFileWithin } from 'safe-files/read-file';
import { printable } from './printable-text';

/** What is signed has some kilobytes, or a few megabytes; files of keys have a line for each customer. */
const BYTES_MAX = 16 * 1024 * 1024;

/**
 * Reads both. What a person got wrong is told in one line, with exit code 2, and nothing is returned.
 *
 * @param keyOrFile The public key, or a file whose first line it is.
 */
export function readSigned(file: string, keyOrFile: string) {
  try {
    const note = readFileWithin(file, BYTES_MAX);
    const publicKey = existsSync(keyOrFile) ? firstLine(String(readFileWithin(keyOrFile, BYTES_MAX))) : keyOrFile;
    readVerifierKey(publicKey);
    return { note, publicKey };
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof FileRefused)) throw error;
    process.stderr.write(`${printable(error.message)}\n`);
    process.exitCode = 2;
    return undefined;
  }
}

const firstLine = (text: string): string => text.split('\n').find((line) => line.trim() !== '') ?? '';
