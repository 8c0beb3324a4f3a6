/**
 * Do the tests notice? Injects the mistakes of mistakes.mjs, one at a time, into a copy of the project in a
 * temporary folder, builds it, and runs the tests named there. Prints which test noticed and how long that took.
 *
 *   npm run mutate             all; some minutes on two cores
 *   npm run mutate -- lanes    those with "lanes" in their description
 *
 * Ends with 1 if a mistake survives. Ends at once if the copy fails its tests without any mistake, if a text that
 * a mistake replaces does not occur exactly once, or if a mistake does not build.
 *
 * test/kernel-loops.test.ts is not among the tests, since it notices any change. A piece that two threads claim is
 * not among the mistakes: both write the same bytes, and nothing but time is lost.
 */

import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { MUTATIONS } from './mutations.mjs'

const root = resolve(import.meta.dirname, '../..')
const wanted = process.argv[2] ?? ''
const mistakes = MUTATIONS.filter(({ what }) => what.includes(wanted))
if (mistakes.length === 0) throw new Error(`no mistake has "${wanted}" in its description`)

const copy = mkdtempSync(join(tmpdir(), 'simdinit-break-'))
process.on('exit', () => rmSync(copy, { recursive: true, force: true }))

copyProject()
for (const { what, edits } of mistakes) for (const [file, find] of edits) place(what, file, find)

build('without a mistake')
const all = [...new Set(mistakes.flatMap(({ tests }) => tests))]
const alarm = failing(all)
if (alarm) throw new Error(`without a mistake the copy fails: ${alarm}`)

let survivors = 0
const width = Math.max(...mistakes.map(({ what }) => what.length))
for (const mistake of mistakes) {
  const begun = performance.now()
  const caught = withMistake(mistake, () => failing(mistake.tests))
  const seconds = ((performance.now() - begun) / 1000).toFixed(1)
  if (!caught) survivors++
  const by = caught ?? `SURVIVES ${mistake.tests.join(', ')}`
  console.log(`${mistake.what.padEnd(width)}  ${seconds.padStart(5)} s  ${by}`)
}
console.log(`${mistakes.length - survivors} of ${mistakes.length} mistakes are caught`)
process.exitCode = survivors > 0 ? 1 : 0

/** What git tracks, as it is in the working tree, and a link to the packages. */
function copyProject() {
  const listed = spawnSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
  if (listed.status !== 0) throw new Error('git could not list the files of the project')
  const files = listed.stdout.split('\0').filter((file) => file && existsSync(join(root, file)))
  for (const file of files) cpSync(join(root, file), join(copy, file))
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction')
}

/** The text of a file of the copy, and where in it `find` begins. */
function place(what, file, find) {
  const text = readFileSync(join(copy, file), 'utf8')
  const times = text.split(find).length - 1
  if (times !== 1) throw new Error(`${what}: "${find}" occurs ${times} times in ${file}, not once`)
  return [text, text.indexOf(find)]
}

/** Builds with the mistake, runs `look`, and takes the mistake out again. */
function withMistake({ what, edits }, look) {
  const before = new Map()
  for (const [file, find, replacement] of edits) {
    const [text, at] = place(what, file, find)
    if (!before.has(file)) before.set(file, text)
    writeFileSync(join(copy, file), text.slice(0, at) + replacement + text.slice(at + find.length))
  }
  build(what)
  const found = look()
  for (const [file, text] of before) writeFileSync(join(copy, file), text)
  return found
}

/** All but the packages, which are those of the working tree. */
function build(what) {
  const { status, stdout, stderr } = node('scripts/build.mjs', 'kernel', 'inline', 'thread', 'dist')
  if (status !== 0) throw new Error(`${what}: does not build\n${stdout}${stderr}`)
}

/** The name of the test that failed first, undefined if none did. */
function failing(tests) {
  const report = join(copy, 'report.json')
  rmSync(report, { force: true })
  const files = tests.map((name) => `test/${name}.test.ts`)
  const options = ['run', '--bail=1', '--cache=false', '--reporter=json', `--outputFile=${report}`]
  const { status, stderr } = node('node_modules/vitest/vitest.mjs', ...options, ...files)
  if (!existsSync(report)) throw new Error(`vitest ended with ${status} and no report\n${stderr}`)
  const results = JSON.parse(readFileSync(report, 'utf8')).testResults
  if (results.length < files.length && status === 0) throw new Error(`not all of ${files.join(', ')} ran`)
  const failures = results.flatMap(({ name, status, assertionResults }) => {
    const failed = assertionResults.filter(({ status }) => status === 'failed')
    const file = basename(name, '.test.ts')
    if (failed.length === 0 && status === 'failed') return [{ startTime: 0, test: `${file}: as a whole` }]
    return failed.map(({ fullName, startTime }) => ({ startTime, test: `${file}: ${fullName}` }))
  })
  if (failures.length === 0 && status !== 0) throw new Error(`vitest ended with ${status}\n${stderr}`)
  return failures.toSorted((a, b) => a.startTime - b.startTime)[0]?.test
}

function node(...command) {
  return spawnSync(process.execPath, command, { cwd: copy, encoding: 'utf8' })
}
