/** Errors of the operating system: in words, and with the path they are about. */

import { constants } from 'node:os'
import { InputError } from '../errors/simdinit-error.ts'

/** By code. The system describes the others itself. */
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ERR_ACCESS_DENIED: "permission denied by Node's permission model",
  EROFS: 'the file system is read-only',
  EISDIR: 'is a folder',
  ENOTDIR: 'part of the path is a file',
  ENOENT: 'no such file or folder',
  ELOOP: 'its symbolic links form a loop',
  ENAMETOOLONG: 'the name is too long',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is exceeded',
  EIO: 'input/output error',
  EFBIG: 'the file exceeds the size limit',
  EBUSY: 'is in use',
  EMFILE: 'too many files are open in this process',
  ENFILE: 'too many files are open in the system',
  ENXIO: 'no process reads from it',
  ESTALE: 'the file is gone from its server',
  EBADMSG: 'the file system is damaged',
  EUCLEAN: 'the file system is damaged',
  ENOLCK: 'the file system has no locks left',
  ENOMEDIUM: 'the drive is empty',
  ENOKEY: 'the key of the encrypted file is missing',
}

/** Errors of Linux that Node has no name for. */
const LINUX_ERROR_NAMES: Readonly<Record<number, string>> = {
  117: 'EUCLEAN',
  123: 'ENOMEDIUM',
  126: 'ENOKEY',
}

/** Errors that say that a path is wrong, as opposed to the system failing. */
const PATH_ERROR_NAMES: ReadonlySet<string> = new Set([
  'EACCES',
  'EPERM',
  'ERR_ACCESS_DENIED',
  'EROFS',
  'EISDIR',
  'ENOTDIR',
  'ENOENT',
  'ELOOP',
  'ENAMETOOLONG',
  'ENXIO',
])

/** Whether a call of the system has failed. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  if (!(error instanceof Error)) return false
  const { code, syscall } = error as NodeJS.ErrnoException
  return typeof code === 'string' && (syscall !== undefined || code === 'ERR_ACCESS_DENIED')
}

/** Describes a system error by its code, else in the system's own words. */
export function describeSystemError(error: unknown): string {
  const name = getErrorName(error as NodeJS.ErrnoException)
  if (Object.hasOwn(DESCRIPTIONS, name)) return DESCRIPTIONS[name]
  // Node's messages: "EAGAIN: resource temporarily unavailable, read"
  const { message, syscall } = error as NodeJS.ErrnoException
  const [, words] = /^E[A-Z0-9]+: (.+)$/s.exec(message) ?? []
  if (words === undefined) return name
  const end = words.indexOf(`, ${syscall}`)
  return end < 0 ? words : words.slice(0, end)
}

/** The name of the error: its code, unless Node has only a number for it, as for EDQUOT. */
function getErrorName({ code = 'unknown error', errno = 0 }: NodeJS.ErrnoException): string {
  if (!code.startsWith('Unknown system error')) return code
  const number = Math.abs(errno)
  const found = Object.entries(constants.errno).find(([, value]) => value === number)
  const linuxName = process.platform === 'linux' ? LINUX_ERROR_NAMES[number] : undefined
  return found?.[0] ?? linuxName ?? `system error ${number}`
}

/** Adds the path to a system error that names none, such as one of read, write or sync. Returns the error. */
export function nameFile<E>(path: string, error: E): E {
  if (!isSystemError(error) || error.path !== undefined) return error
  error.path = path
  error.message += ` '${path}'`
  return error
}

/**
 * The error to report for `path`: an InputError if the path is wrong, else the system's own, which names the path. The
 * message of an InputError begins with `description`.
 */
export function toPathError(path: string, error: unknown, description = `${path}:`): unknown {
  if (!isSystemError(error) || !PATH_ERROR_NAMES.has(getErrorName(error))) return nameFile(path, error)
  return new InputError(`${description} ${describeSystemError(error)}`, { cause: error })
}
