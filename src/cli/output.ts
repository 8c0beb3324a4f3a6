/** Prints results to stdout. */

import type { CommonOptions } from './options.ts'

/** Prints a result as JSON with --json, as text otherwise, and not at all with --quiet. */
export async function printResult(
  { json, quiet }: CommonOptions,
  data: () => unknown,
  text: () => string,
): Promise<void> {
  if (json) await print(JSON.stringify(data(), null, 2))
  else if (!quiet) await print(text())
}

/** Resolves when a pipe has taken the text. */
function print(text: string): Promise<void> {
  return new Promise((resolve) => process.stdout.write(`${text}\n`, () => resolve()))
}
