/**
 * Results to stdout, in pieces: what is said of half a million tensors would be the longest text that there can be,
 * or longer.
 */

import { once } from 'node:events'
import type { CommonOptions } from './options.ts'

/** As JSON, as text, or not at all; `data` may be a function that makes it. */
export async function printResult(
  flags: CommonOptions,
  data: unknown,
  text: () => string | Iterable<string>,
): Promise<void> {
  if (flags.json) await writeLines(formatJsonLines(typeof data === 'function' ? data() : data))
  else if (!flags.quiet) {
    const lines = text()
    await writeLines(typeof lines === 'string' ? [lines] : lines)
  }
}

/** Characters to write at a time. */
const WRITE_CHUNK_CHARS = 2 ** 16

async function writeLines(lines: Iterable<string>): Promise<void> {
  let piece = ''
  for (const line of lines) {
    piece += `${line}\n`
    if (piece.length < WRITE_CHUNK_CHARS) continue
    if (!process.stdout.write(piece)) await once(process.stdout, 'drain')
    piece = ''
  }
  process.stdout.write(piece)
}

/** What JSON.stringify writes with an indent of two, of a value whose fields may be any iterable instead of a list. */
export function* formatJsonLines(value: unknown): Generator<string> {
  const fields = isPlainObject(value) ? Object.entries(value).filter(([, field]) => field !== undefined) : []
  if (fields.length === 0) {
    yield JSON.stringify(value, null, 2)
    return
  }
  yield '{'
  for (const [i, [key, field]] of fields.entries()) {
    const comma = i < fields.length - 1 ? ',' : ''
    if (!isIterable(field)) {
      yield `  ${JSON.stringify(key)}: ${indentJson(field)}${comma}`
      continue
    }
    let before: string | undefined
    for (const item of field) {
      yield before === undefined ? `  ${JSON.stringify(key)}: [` : `${before},`
      before = `    ${indentJson(item, '    ')}`
    }
    if (before === undefined) yield `  ${JSON.stringify(key)}: []${comma}`
    else {
      yield before
      yield `  ]${comma}`
    }
  }
  yield '}'
}

function indentJson(value: unknown, indent = '  '): string {
  return (JSON.stringify(value, null, 2) ?? 'null').replaceAll('\n', `\n${indent}`)
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !isIterable(value)
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value
}
