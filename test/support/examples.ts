/** Runs the programs in docstrings and guides, all in one process, in a temporary folder. */

import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

export interface Example {
  readonly id: string
  readonly code: string
}

export interface ExampleResult {
  /** The stack of the error it threw. */
  readonly error?: string
  /** What each line logged, by line number from 1. */
  readonly logged: Record<string, string[]>
  /** What it logged, in order. */
  readonly printed: string[]
}

/** The text after each `@example`, without code fences. */
export function extractExamples(id: string, doc: string): Example[] {
  const texts = doc.split(/^@example\b.*$/m).slice(1)
  return texts.map((text, i) => {
    const untilNextTag = text.split(/^@\w+/m)[0]
    const code = /^```\w*\n([\s\S]*?)^```/m.exec(untilNextTag)?.[1] ?? untilNextTag
    return { id: texts.length > 1 ? `${id} (${i + 1})` : id, code: code.trim() }
  })
}

/** The output that comments after `console.log(...)` promise, by the line on which the call begins. */
export function readPromises(code: string): Map<number, string> {
  const promises = new Map<number, string>()
  let call = 0
  for (const [i, line] of code.split('\n').entries()) {
    if (line.includes('console.log(')) call = i + 1
    const promise = call && /\) \/\/ (.*)$/.exec(line)?.[1]
    if (promise) promises.set(call, promise.trim())
    if (promise) call = 0
  }
  return promises
}

/** Runs modules inside the package, so that `simdinit/…` resolves to the package itself. */
export function runExamples(examples: readonly Example[]): ExampleResult[] {
  const cwd = mkdtempSync(join(tmpdir(), 'simdinit-examples-'))
  mkdirSync('build', { recursive: true })
  const folder = mkdtempSync(resolve('build/examples-'))
  const files = examples.map(({ code }, i) => {
    const file = join(folder, `${i}.mjs`)
    writeFileSync(file, `${code}\n`)
    return file
  })
  const runner = join(folder, 'run.mjs')
  writeFileSync(runner, RUNNER)
  writeFileSync(join(cwd, 'examples.json'), JSON.stringify(files))
  try {
    execFileSync(process.execPath, [runner], { cwd, stdio: ['ignore', 'ignore', 'inherit'] })
    return JSON.parse(readFileSync(join(cwd, 'results.json'), 'utf8'))
  } finally {
    for (const path of [cwd, folder]) rmSync(path, { recursive: true, force: true })
  }
}

/** Imports the modules one after the other and records which line logged what. */
const RUNNER = `
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { format } from 'node:util'
import { pathToFileURL } from 'node:url'

const results = []
const output = resolve('results.json')
for (const file of JSON.parse(readFileSync('examples.json', 'utf8'))) {
  const logged = {}
  const printed = []
  console.log = (...args) => {
    const line = new Error().stack.split('\\n').find((frame) => frame.includes(file))?.match(/:(\\d+):\\d+\\)?$/)?.[1]
    const text = format(...args)
    ;(logged[line] ??= []).push(text)
    printed.push(text)
  }
  let error
  try {
    await import(pathToFileURL(file).href)
  } catch (thrown) {
    error = String(thrown?.stack ?? thrown)
  }
  results.push({ error, logged, printed })
}
writeFileSync(output, JSON.stringify(results))
process.exit(0)
`
