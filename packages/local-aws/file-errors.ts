/**
 * Works on a file. What the system then refuses names that file: of a disk that takes no more, for example, it says only
 * which call failed.
 *
 * @throws whatever `work` does, with `path` set on an error of the system that names none.
 */
export function onFile<Result>(path: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (isSystemError(error) && error.path === undefined) error.path = path;
    throw error;
  }
}

/** An error that the operating system gave as the answer to a call. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException & { readonly code: string } {
  const { syscall, code } = Object(error) as NodeJS.ErrnoException;
  return syscall !== undefined && typeof code === 'string';
}
