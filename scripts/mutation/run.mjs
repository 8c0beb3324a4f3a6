/**
 * `npm run mutate`: do the tests catch known mistakes? Applies the mutations of mutations.mjs one at a time to a copy
 * of the project in a temporary folder, builds the copy and runs the tests that each mutation names. Prints the test
 * that failed and how long that took.
 *
 *   npm run mutate             all of them; some minutes on two cores
 *   npm run mutate -- lanes    those with "lanes" in their description
 *   npm run mutate -- --check  checks that every mutation still applies and builds, and runs no test
 *
 * Exits with 1 if a mutation survives. Stops at once if the unchanged copy fails its tests, if the text that a
 * mutation replaces does not occur exactly once, or if a mutation does not build.
 *
 * test/engine/kernel-loops.test.ts is left out, because it fails on any change of a kernel. There is no mutation in
 * which two threads claim the same piece: both write the same bytes, so only time is lost.
 */

import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { MUTATIONS } from './mutations.mjs'

const root = resolve(import.meta.dirname, '../..')
const { values: flags, positionals } = parseArgs({
  options: { check: { type: 'boolean', default: false } },
  allowPositionals: true,
})
const [wanted = ''] = positionals
const mutations = MUTATIONS.filter(({ what }) => what.includes(wanted))
if (mutations.length === 0) throw new Error(`no mutation has "${wanted}" in its description`)

const copy = mkdtempSync(join(tmpdir(), 'simdinit-mutation-'))
process.on('exit', () => rmSync(copy, { recursive: true, force: true }))

copyProject()
checkAnchors()
if (flags.check) checkBuilds()
else runMutations()

/** Copies the tracked files as they are in the working tree, and links the packages. */
function copyProject() {
  const { status, stdout } = spawnSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
  if (status !== 0) throw new Error('git could not list the files of the project')
  const files = stdout.split('\0').filter((file) => file && existsSync(join(root, file)))
  for (const file of files) cpSync(join(root, file), join(copy, file))
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction')
}

/** Every text that a mutation replaces occurs exactly once, and every test that it names exists. */
function checkAnchors() {
  const problems = []
  for (const { what, tests, edits } of mutations) {
    for (const test of tests)
      if (!existsSync(join(copy, testFile(test)))) problems.push(`${what}: no ${testFile(test)}`)
    for (const [file, find] of edits) {
      try {
        locate(file, find)
      } catch ({ message }) {
        problems.push(`${what}: ${message}`)
      }
    }
  }
  if (problems.length > 0) throw new Error(problems.join('\n'))
}

function checkBuilds() {
  for (const mutation of mutations) {
    try {
      withMutation(mutation, () => {})
    } catch ({ message }) {
      console.log(message)
      process.exitCode = 1
    }
  }
  console.log(`${mutations.length} mutations were built`)
}

function runMutations() {
  build('without a mutation')
  const failure = findFailure([...new Set(mutations.flatMap(({ tests }) => tests))])
  if (failure) throw new Error(`without a mutation the copy fails: ${failure}`)

  let survivors = 0
  const width = Math.max(...mutations.map(({ what }) => what.length))
  for (const mutation of mutations) {
    const start = performance.now()
    const caughtBy = withMutation(mutation, () => findFailure(mutation.tests))
    const seconds = ((performance.now() - start) / 1000).toFixed(1)
    if (!caughtBy) survivors++
    const result = caughtBy ?? `SURVIVES ${mutation.tests.join(', ')}`
    console.log(`${mutation.what.padEnd(width)}  ${seconds.padStart(5)} s  ${result}`)
  }
  console.log(`${mutations.length - survivors} of ${mutations.length} mutations are caught`)
  process.exitCode = survivors > 0 ? 1 : 0
}

/** The text of a file of the copy, and the position of `find` in it. */
function locate(file, find) {
  const text = readFileSync(join(copy, file), 'utf8')
  const times = text.split(find).length - 1
  if (times !== 1) throw new Error(`"${find}" occurs ${times} times in ${file}, not once`)
  return [text, text.indexOf(find)]
}

/** Builds with the mutation, calls `observe`, and reverts the mutation. */
function withMutation({ what, edits }, observe) {
  const originals = new Map()
  for (const [file, find, replacement] of edits) {
    const [text, start] = locate(file, find)
    if (!originals.has(file)) originals.set(file, text)
    writeFileSync(join(copy, file), text.slice(0, start) + replacement + text.slice(start + find.length))
  }
  try {
    build(what)
    return observe()
  } finally {
    for (const [file, text] of originals) writeFileSync(join(copy, file), text)
  }
}

/** Runs every build step except the installation: the packages are those of the working tree. */
function build(what) {
  const steps = ['kernel', 'inline', 'inspect-worker', 'dist']
  const { status, stdout, stderr } = runNode('scripts/build.mjs', ...steps)
  if (status !== 0) throw new Error(`${what}: does not build\n${stdout}${stderr}`)
}

/** The name of the test that failed first, or undefined. */
function findFailure(tests) {
  const report = join(copy, 'report.json')
  rmSync(report, { force: true })
  const files = tests.map(testFile)
  const options = [
    'run',
    '--project=unit',
    '--bail=1',
    '--cache=false',
    '--reporter=json',
    `--outputFile=${report}`,
  ]
  const { status, stderr } = runNode('node_modules/vitest/vitest.mjs', ...options, ...files)
  if (!existsSync(report)) throw new Error(`vitest exited with ${status} and wrote no report\n${stderr}`)
  const results = JSON.parse(readFileSync(report, 'utf8')).testResults
  if (results.length < files.length && status === 0) throw new Error(`not all of ${files.join(', ')} ran`)
  const failures = results.flatMap(({ name, status, assertionResults }) => {
    const failed = assertionResults.filter(({ status }) => status === 'failed')
    const file = basename(name, '.test.ts')
    if (failed.length === 0 && status === 'failed')
      return [{ startTime: 0, test: `${file}: the file as a whole` }]
    return failed.map(({ fullName, startTime }) => ({ startTime, test: `${file}: ${fullName}` }))
  })
  if (failures.length === 0 && status !== 0) throw new Error(`vitest exited with ${status}\n${stderr}`)
  return failures.toSorted((a, b) => a.startTime - b.startTime)[0]?.test
}

function testFile(name) {
  return `test/${name}.test.ts`
}

function runNode(...command) {
  return spawnSync(process.execPath, command, { cwd: copy, encoding: 'utf8' })
}
