/** `simdinit inspect`. */

import type { Command } from 'commander'
import { inspect, type InspectResult } from '../node/index.ts'
import { readJson } from '../node/read-json.ts'
import { addCommonOptions, type CommonOptions } from './options.ts'
import { printResult } from './output.ts'
import { createProgress } from './progress.ts'
import { writeReport } from './write-report.ts'

interface InspectFlags extends CommonOptions {
  readonly html?: string
  readonly recipe?: string
}

const HELP = `
If the folder contains a config.json of a known model, the tensors are compared with what a recipe generates.
Likely problems do not change the exit status; a file that is not valid safetensors does. From 1 GiB on, several
threads share the tensors unless --threads is given; the results do not depend on it.

Examples:
  simdinit inspect model.safetensors
  simdinit inspect ./checkpoint --html report.html
  simdinit inspect ./checkpoint --recipe gpt2-paper --json`

export function addInspectCommand(program: Command, signal: AbortSignal): void {
  const command = program
    .command('inspect')
    .description('Report statistics of safetensors files and likely problems.')
    .argument('<path>', 'a safetensors file, an index, or a folder that contains them')
    .option('--html <file>', 'write an HTML report with histograms as well')
    .option('--recipe <recipe>', 'the recipe to compare with: a name or a JSON file (default: hf)')
    .addHelpText('after', HELP)
  addCommonOptions(command).action((path: string, flags: InspectFlags) => runInspect(path, flags, signal))
}

async function runInspect(path: string, flags: InspectFlags, signal: AbortSignal): Promise<void> {
  const { html, backend, threads } = flags
  const recipe = flags.recipe?.endsWith('.json') ? (readJson(flags.recipe) as object) : flags.recipe
  const progress = await createProgress('inspect', flags)
  let result: InspectResult
  try {
    result = await inspect(path, { backend, threads, recipe, signal, onProgress: progress.update })
  } finally {
    progress.stop()
  }
  // loaded here, so that other commands start faster
  const [{ renderHtmlReport }, { reportInspect }] = await Promise.all([
    import('./html-report.ts'),
    import('./inspect-report.ts'),
  ])
  if (html !== undefined) await writeReport(html, renderHtmlReport(result))
  await printResult(
    flags,
    () => result,
    () => reportInspect(result),
  )
}
