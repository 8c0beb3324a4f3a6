/** Everything that the command prints passes through here, so that no text from a file controls the terminal. */

import { escapeControlChars, formatSafeJson } from './escape.ts'
import type { CommonOptions } from './options.ts'

/** Prints a result as JSON with --json, as lines of text otherwise, and not at all with --quiet. */
export async function printResult(
  { json, quiet }: CommonOptions,
  data: () => unknown,
  text: () => readonly string[],
): Promise<void> {
  if (json) await write(formatSafeJson(data(), 2))
  else if (!quiet) await write(text().map(escapeControlChars).join('\n'))
}

/** Resolves when a pipe has taken the text. */
function write(text: string): Promise<void> {
  return new Promise((resolve) => process.stdout.write(`${text}\n`, () => resolve()))
}

/** Prints lines to stderr. */
export function printError(text: string): void {
  process.stderr.write(`${escapeLines(text)}\n`)
}

/** Prints an object to stderr as a line of JSON. */
export function printJsonLine(fields: object): void {
  process.stderr.write(`${formatSafeJson(fields)}\n`)
}

/** Escapes everything but the ends of lines. */
export function escapeLines(text: string): string {
  return text.split('\n').map(escapeControlChars).join('\n')
}
