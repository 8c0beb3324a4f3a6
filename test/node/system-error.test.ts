/** Errors of the operating system: their words, their paths, and whether they are the caller's. */

import { constants } from 'node:os'
import { getSystemErrorMap } from 'node:util'
import { describe, expect, it } from 'vitest'
import { formatError, getExitCode } from '../../src/cli/report-error.ts'
import { SimdinitError } from '../../src/index.ts'
import { describeSystemError, nameFile, toPathError } from '../../src/node/system-error.ts'

/** An error as Node creates it; it has no name for some numbers. */
function createSystemError(number: number, syscall = 'write', path?: string) {
  const [code, words] = getSystemErrorMap().get(-number) ?? Array(2).fill(`Unknown system error -${number}`)
  const message = `${code}: ${words}, ${syscall}${path === undefined ? '' : ` '${path}'`}`
  return Object.assign(new Error(message), { code, errno: -number, syscall, path })
}

describe('a system error', () => {
  it('has words, whatever its number', () => {
    for (const [name, number] of Object.entries(constants.errno)) {
      const words = describeSystemError(createSystemError(number))
      expect(words, name).toMatch(/^[\w' /-]+$/)
      expect(words, name).not.toMatch(/unknown system error/i)
      if (getSystemErrorMap().has(-number)) expect(words, name).toContain(' ')
    }
    expect(describeSystemError(createSystemError(4000))).toBe('system error 4000')
  })

  it.runIf(process.platform === 'linux').each([
    [122, 'the disk quota is exceeded'],
    [116, 'the file is gone from its server'],
    [117, 'the file system is damaged'],
    [24, 'too many files are open in this process'],
    [16, 'is in use'],
    [11, 'resource temporarily unavailable'],
  ])('is described by its meaning: %i', (number, words) => {
    expect(formatError(createSystemError(number, 'unlink', 'out/x'))).toBe(`out/x: ${words}`)
  })

  it('of a read, write or sync gets the path that it lacks, and keeps one that it has', () => {
    const error = nameFile('out/x', createSystemError(constants.errno.EIO, 'fsync'))
    expect(error).toMatchObject({ path: 'out/x', message: expect.stringMatching(/, fsync 'out\/x'$/) })
    expect(nameFile('other', error)).toMatchObject({ path: 'out/x' })
    expect(formatError(error)).toBe('out/x: input/output error')
    const other = new Error('not of the system')
    expect(nameFile('out/x', other)).toBe(other)
    expect(other.message).toBe('not of the system')
  })

  it("is the caller's if the path is wrong, and a failure otherwise", () => {
    for (const [name, code] of [
      ['ENOENT', 2],
      ['EACCES', 2],
      ['ELOOP', 2],
      ['EIO', 1],
      ['EMFILE', 1],
      ['ESTALE', 1],
    ] as const) {
      const error = toPathError('x', createSystemError(constants.errno[name], 'open'))
      expect(getExitCode(error), name).toBe(code)
      expect(error instanceof SimdinitError, name).toBe(code === 2)
      expect(formatError(error), name).toMatch(/^x: /)
    }
  })
})
