/** Where a report is written, and where it is not. */

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { formatError } from '../../src/cli/report-error.ts'
import { writeReport } from '../../src/cli/write-report.ts'
import { createTempFolder } from '../support/run-simdinit.ts'

it('a report replaces the previous one, or a link, and leaves nothing else', async () => {
  const folder = createTempFolder()
  const [path, precious] = [join(folder, 'r'.repeat(255)), join(folder, 'precious')]
  writeFileSync(precious, 'precious')
  symlinkSync(precious, path)
  await writeReport(path, ['one', 'two'])
  expect(readFileSync(path, 'utf8')).toBe('onetwo')
  await writeReport(path, ['three'])
  expect(readFileSync(path, 'utf8')).toBe('three')
  expect(readFileSync(precious, 'utf8')).toBe('precious')
  expect(readdirSync(folder)).toHaveLength(2)
})

it('a link in the place of a temporary file is not followed', async () => {
  const folder = createTempFolder()
  const [path, precious] = [join(folder, 'report.html'), join(folder, 'precious')]
  writeFileSync(precious, 'precious')
  symlinkSync(precious, `${path}.${process.pid}.tmp`)
  await writeReport(path, ['report'])
  expect(readFileSync(precious, 'utf8')).toBe('precious')
  expect(readFileSync(path, 'utf8')).toBe('report')
})

it('a report that fails leaves the previous one', async () => {
  const folder = createTempFolder()
  const path = join(folder, 'report.html')
  writeFileSync(path, 'before')
  const fail = function* () {
    yield 'half'
    throw new Error('stop')
  }
  await expect(writeReport(path, fail())).rejects.toThrow('stop')
  expect(readFileSync(path, 'utf8')).toBe('before')
  expect(readdirSync(folder)).toEqual(['report.html'])
})

const failure = (path: string) => writeReport(path, ['report']).catch(formatError)

it('a folder, or one that is missing, is an error that names the report', async () => {
  const folder = createTempFolder()
  mkdirSync(join(folder, 'x'))
  expect(await failure(join(folder, 'x'))).toBe(`${join(folder, 'x')}: is a folder`)
  const missing = join(folder, 'none', 'x')
  expect(await failure(missing)).toBe(`${missing}: no such file or folder`)
})

it.skipIf(process.platform === 'win32')(
  'a pipe is written to if a process reads it, and never waited for',
  async () => {
    const path = join(createTempFolder(), 'pipe')
    execFileSync('mkfifo', [path])
    expect(await failure(path)).toBe(`${path}: no process reads from it`)
    const reader = spawn('cat', [path], { stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    reader.stdout.on('data', (chunk) => (text += chunk))
    const closed = once(reader, 'close')
    while ((await failure(path)) !== undefined) await new Promise((resolve) => setTimeout(resolve, 5))
    await closed
    expect(text).toBe('report')
  },
)

it.skipIf(!existsSync('/dev/full'))('a device stays one', async () => {
  expect(await failure('/dev/full')).toBe('/dev/full: the disk is full')
  await writeReport('/dev/null', ['report'])
  expect(existsSync('/dev/null')).toBe(true)
})
