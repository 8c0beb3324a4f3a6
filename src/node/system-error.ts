/** Errors of the operating system in words. */

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  EISDIR: 'is a folder',
  ENOTDIR: 'part of the path is a file',
  ENOENT: 'no such file or folder',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is exceeded',
  EIO: 'input/output error',
  EFBIG: 'the file exceeds the size limit',
}

/** Describes the `code` of a system error; a code without a description is returned as it is. */
export function describeErrno(code: string | undefined): string {
  return DESCRIPTIONS[code ?? ''] ?? code ?? 'unknown error'
}
