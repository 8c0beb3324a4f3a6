/** `simdinit verify`. */

import type { Command } from 'commander'
import { verify, type VerifyResult } from '../node/index.ts'
import { addCommonOptions, parseInteger, type CommonOptions } from './options.ts'
import { printResult } from './output.ts'
import { createProgress } from './progress.ts'
import { reportVerify } from './text-report.ts'

interface VerifyFlags extends CommonOptions {
  readonly sample?: number
}

const HELP = `
The manifest suffices: neither the original weights nor the model's folder are needed. The exit status is 1 if
anything differs.

Examples:
  simdinit verify gpt2-init               compare every byte
  simdinit verify gpt2-init --sample 1000 compare 1000 random blocks`

export function addVerifyCommand(program: Command, signal: AbortSignal): void {
  const command = program
    .command('verify')
    .description('Generate every byte of a checkpoint again from its manifest, and compare.')
    .argument('<folder>', 'a folder that simdinit init has written')
    .option('--sample <n>', 'compare n random blocks of 8192 elements instead of every byte', (text) =>
      parseInteger('--sample', text),
    )
    .addHelpText('after', HELP)
  addCommonOptions(command).action((folder: string, flags: VerifyFlags) => runVerify(folder, flags, signal))
}

async function runVerify(folder: string, flags: VerifyFlags, signal: AbortSignal): Promise<void> {
  const { sample, threads, backend } = flags
  const progress = await createProgress('verify', flags)
  let result: VerifyResult
  try {
    result = await verify(folder, { sample, threads, backend, signal, onProgress: progress.update })
  } finally {
    progress.stop()
  }
  if (result.differences.length > 0) process.exitCode = 1
  await printResult(
    flags,
    () => result,
    () => reportVerify(folder, result, sample),
  )
}
