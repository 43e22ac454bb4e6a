/** What the machine refused, in one sentence with a way out, whichever command met it. */

import { isSystemError } from 'local-aws/file-errors';
import { LocalAwsFault } from 'local-aws/start-refused';
import { FolderInUse } from 'safe-files/folder-lock';
import { FileRefused } from 'safe-files/read-file';

/** What each error of a file says, and what to do then. Source of the codes: POSIX, errno.h. */
const OF_A_FILE: Readonly<Record<string, readonly [problem: string, way: string]>> = {
  EACCES: ['you may not read or write it', 'Change its permissions, or name another place.'],
  EBUSY: ['something else has it in use', 'End that, or name another place.'],
  EDQUOT: ['your share of the disk is used up', 'Free some space, or name a place on another disk; then run it again.'],
  EEXIST: ['something else is there already', 'Move it away, or name another place.'],
  EFBIG: ['it would be larger than files may be here', 'Raise the limit (ulimit -f), or name another place.'],
  EINVAL: ['the system does not take it as a file', 'Name another one.'],
  EIO: ['the disk does not read or write as it should', 'Look after the disk, or name a place on another one.'],
  EISDIR: ['it is a folder, and a file is wanted', 'Name a file.'],
  ELOOP: ['its symbolic links lead in a circle', 'Name the file itself.'],
  EMFILE: ['too many files are open', 'Raise the limit (ulimit -n), then run it again.'],
  ENAMETOOLONG: ['the name is too long', 'Name a shorter one.'],
  ENFILE: ['too many files are open on this machine', 'End something, then run it again.'],
  ENODEV: ['there is no such device', 'Name another place.'],
  ENOENT: ['there is no such file or folder', 'Is the name right?'],
  ENOMEM: ['there is not enough memory', 'End something, then run it again.'],
  ENOSPC: ['the disk is full', 'Free some space, or name a place on another disk; then run it again.'],
  ENOTDIR: ['a folder is wanted, and a file is there', 'Name a folder, or move the file away.'],
  ENOTEMPTY: ['it is not empty', 'Name another place.'],
  ENXIO: ['there is nothing behind it', 'Name another place.'],
  EPERM: ['you may not do that with it', 'Change its owner or permissions, or name another place.'],
  EROFS: ['it lies where nothing can be written', 'Name a place that can be written.'],
  ETXTBSY: ['it is a program that runs', 'End it, or name another place.'],
  ERR_FS_FILE_TOO_LARGE: ['it is larger than can be read at once', 'Split it.'],
};

/** What each error of a port to listen on says. */
const OF_A_PORT: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use by another program. Choose another with --port, or leave --port out for a free one.',
  EACCES: 'may not be used by you. Choose one above 1023 with --port, or leave --port out for a free one.',
};

/** @returns undefined for what is no fault of the machine: a mistake of a person, or a bug. */
export function machineFault(error: unknown): string | undefined {
  if ([LocalAwsFault, FolderInUse, FileRefused].some((kind) => error instanceof kind)) return Object(error).message;
  const { code = '', syscall, path, port } = Object(error) as NodeJS.ErrnoException & { readonly port?: number };
  if (syscall === 'listen' && path === undefined && OF_A_PORT[code]) return `Port ${port} ${OF_A_PORT[code]}`;
  const said = OF_A_FILE[code];
  if (said) return sentence(path, ...said);
  return isSystemError(error) ? `The system refuses: ${error.message}.` : undefined;
}

function sentence(path: string | undefined, problem: string, way: string): string {
  const start = path === undefined ? `${problem.charAt(0).toUpperCase()}${problem.slice(1)}` : `${path}: ${problem}`;
  return `${start}. ${way}`;
}
