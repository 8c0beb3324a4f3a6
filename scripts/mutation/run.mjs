/**
 * `npm run mutate`: do the tests catch known mistakes? Applies the mutations of mutations.mjs one at a time to copies
 * of the project in a temporary folder, one copy per core. Builds the copy, runs the tests that the mutation names, and
 * prints the test that failed first and how long that took.
 *
 *   npm run mutate             all of them; some minutes on two cores
 *   npm run mutate -- lanes    those with "lanes" in their description
 *   npm run mutate -- --check  checks that every mutation still applies and builds, and runs no test
 *
 * Exits with 1 if a mutation survives or does not build. Stops at once if the unchanged copy fails its tests, or if the
 * text that a mutation replaces does not occur exactly once.
 *
 * test/engine/kernel-loops.test.ts is left out, because it fails on any change of a kernel. There is no mutation in
 * which two threads claim the same piece: both write the same bytes, so only time is lost.
 */

import { spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
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

/** What runs the built package in a test; other tests import the source, and need no dist/. */
const USE_OF_DIST = /runSimdinit\(|CLI_PATH|startContainer|dist\/|'simdinit/

const folder = mkdtempSync(join(tmpdir(), 'simdinit-mutation-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

const firstCopy = join(folder, '0')
copyProject(firstCopy)
checkAnchors(firstCopy)
const problem = await build(firstCopy, listTests())
if (problem) throw new Error(`without a mutation the copy does not build\n${problem}`)
if (!flags.check) await checkUnchanged(firstCopy)
const copies = Array.from({ length: availableParallelism() }, (_, i) => join(folder, String(i)))
for (const copy of copies.slice(1)) cpSync(firstCopy, copy, { recursive: true, verbatimSymlinks: true })

const queue = mutations.values()
let passed = 0
await Promise.all(
  copies.map(async (copy) => {
    for (const mutation of queue) if (await tryMutation(copy, mutation)) passed++
  }),
)
console.log(`${passed} of ${mutations.length} mutations ${flags.check ? 'build' : 'are caught'}`)
process.exitCode = passed < mutations.length ? 1 : 0

/** Copies the tracked files as they are in the working tree, and links the packages. */
function copyProject(copy) {
  const { status, stdout } = spawnSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
  if (status !== 0) throw new Error('git could not list the files of the project')
  const files = stdout.split('\0').filter((file) => file && existsSync(join(root, file)))
  for (const file of files) cpSync(join(root, file), join(copy, file))
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction')
}

/** Every text that a mutation replaces occurs exactly once, and every test that it names exists. */
function checkAnchors(copy) {
  const problems = []
  for (const { what, tests, edits } of mutations) {
    for (const test of tests)
      if (!existsSync(join(copy, testFile(test)))) problems.push(`${what}: no ${testFile(test)}`)
    for (const [file, find] of edits) {
      try {
        locate(copy, file, find)
      } catch ({ message }) {
        problems.push(`${what}: ${message}`)
      }
    }
  }
  if (problems.length > 0) throw new Error(problems.join('\n'))
}

/** The tests that mutations name, of one project of vitest or of all. */
function listTests(selected) {
  const chosen = mutations.filter(({ project = 'unit' }) => selected === undefined || project === selected)
  return [...new Set(chosen.flatMap(({ tests }) => tests))]
}

async function checkUnchanged(copy) {
  for (const project of ['unit', 'slow']) {
    const tests = listTests(project)
    const failure = tests.length > 0 && (await findFailure(copy, tests, project))
    if (failure) throw new Error(`without a mutation the copy fails: ${failure}`)
  }
}

/** Whether a mutation is caught; with --check, whether it builds. */
async function tryMutation(copy, { what, tests, edits, project = 'unit' }) {
  const start = performance.now()
  const originals = applyEdits(copy, edits)
  const problem = await build(copy, tests)
  const caughtBy = problem || flags.check ? undefined : await findFailure(copy, tests, project)
  for (const [file, text] of originals) writeFileSync(join(copy, file), text)

  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  const result = problem ? `DOES NOT BUILD\n${problem}` : (caughtBy ?? `SURVIVES ${tests.join(', ')}`)
  if (problem || !flags.check) console.log(`${what.padEnd(90)} ${seconds.padStart(5)} s  ${result}`)
  return flags.check ? !problem : Boolean(caughtBy)
}

/** Applies the edits of a mutation, and returns the former text of each file. */
function applyEdits(copy, edits) {
  const originals = new Map()
  for (const [file, find, replacement] of edits) {
    const [text, start] = locate(copy, file, find)
    if (!originals.has(file)) originals.set(file, text)
    writeFileSync(join(copy, file), text.slice(0, start) + replacement + text.slice(start + find.length))
  }
  return originals
}

/** The text of a file of the copy, and the position of `find` in it. */
function locate(copy, file, find) {
  const text = readFileSync(join(copy, file), 'utf8')
  const times = text.split(find).length - 1
  if (times !== 1) throw new Error(`"${find}" occurs ${times} times in ${file}, not once`)
  return [text, text.indexOf(find)]
}

/**
 * Builds what the tests need, all but the packages, which are those of the project. Returns what failed, or undefined.
 */
async function build(copy, tests) {
  const steps = ['kernel', 'loader', 'version', 'inline', 'inspect-worker']
  const usesDist = tests.some((test) => USE_OF_DIST.test(readFileSync(join(copy, testFile(test)), 'utf8')))
  if (usesDist || flags.check) steps.push('dist')
  const { status, output } = await runNode(copy, 'scripts/build.mjs', ...steps)
  return status === 0 ? undefined : output
}

/** The name of the test that failed first, or undefined. */
async function findFailure(copy, tests, project) {
  const report = join(copy, 'report.json')
  rmSync(report, { force: true })
  const files = tests.map(testFile)
  const options = [
    `--project=${project}`,
    '--bail=1',
    '--cache=false',
    '--reporter=json',
    `--outputFile=${report}`,
  ]
  const { status, output } = await runNode(
    copy,
    'node_modules/vitest/vitest.mjs',
    'run',
    ...options,
    ...files,
  )
  if (!existsSync(report)) throw new Error(`vitest exited with ${status} and wrote no report\n${output}`)
  const results = JSON.parse(readFileSync(report, 'utf8')).testResults
  if (results.length < files.length && status === 0) throw new Error(`not all of ${files.join(', ')} ran`)
  const failures = results.flatMap(({ name, status, assertionResults }) => {
    const failed = assertionResults.filter(({ status }) => status === 'failed')
    const file = basename(name, '.test.ts')
    if (failed.length === 0 && status === 'failed')
      return [{ startTime: 0, test: `${file}: the file as a whole` }]
    return failed.map(({ fullName, startTime }) => ({ startTime, test: `${file}: ${fullName}` }))
  })
  if (failures.length === 0 && status !== 0) throw new Error(`vitest exited with ${status}\n${output}`)
  return failures.toSorted((a, b) => a.startTime - b.startTime)[0]?.test
}

function testFile(name) {
  return `test/${name}.test.ts`
}

/** Runs a program of Node in the copy; resolves to its exit status and what it printed. */
function runNode(copy, ...command) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, command, { cwd: copy })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (output += text))
    child.on('error', reject).on('close', (status) => resolve({ status, output }))
  })
}
