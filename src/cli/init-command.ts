/** `simdinit init`. */

import type { Command } from 'commander'
import type { Dtype } from '../index.ts'
import { listTensorInfo } from '../models/index.ts'
import { findAuxFiles } from '../node/aux-files.ts'
import { detectRank, init, planSource, type InitOptions, type InitResult } from '../node/index.ts'
import { readJson } from '../node/read-json.ts'
import { addCommonOptions, collect, parseInteger, type CommonOptions } from './options.ts'
import * as options from './options.ts'
import { printResult } from './output.ts'
import { estimatePeakMemory } from './peak-memory.ts'
import { createProgress } from './progress.ts'
import { reportInit, reportPlan } from './text-report.ts'

interface InitFlags extends CommonOptions {
  readonly out?: string
  readonly seed: string
  readonly dtype?: Dtype
  readonly recipe: string
  readonly set?: readonly string[]
  readonly maxShardSize: number | string
  readonly slice?: readonly string[]
  readonly rank?: number
  readonly worldSize?: number
  readonly dryRun?: boolean
  readonly resume?: boolean
  readonly force?: boolean
  readonly cache: boolean
}

const HELP = `
A folder that contains part of the checkpoint is continued; a complete one is left alone. Other content is an
error without --force. A file has its final name only when it is complete and on the disk.

Examples:
  simdinit init gpt2                                  write GPT-2 124M to ./gpt2-init
  simdinit init ./my-model --out weights --dtype bf16 read my-model/config.json, copy its tokenizer
  simdinit init gpt2 --recipe gpt2-paper --seed 7     another recipe (simdinit recipes), another seed
  simdinit init gpt2 --set n_layer=2 --dry-run        print the tensors of a smaller model
  simdinit init gpt2-xl --max-shard-size 1GB --rank 0 --world-size 4
                                                      write the first of four shares of the files`

export function addInitCommand(program: Command, signal: AbortSignal): void {
  const command = program
    .command('init')
    .description('Write a checkpoint: safetensors files, config.json and a manifest.')
    .argument(
      '<model>',
      'a preset (simdinit models), a config.json, or a folder that contains one; a preset takes precedence ' +
        'over a folder, which is ./gpt2',
    )
    .option('--out <folder>', 'output folder (default: ./<preset or folder name>-init)')
    .addOption(options.seed)
    .addOption(options.dtype)
    .option('--recipe <recipe>', 'a name (simdinit recipes) or a JSON file', 'hf')
    .option(
      '--set <key=value>',
      'change a field of the config, such as num_hidden_layers=2 (repeatable)',
      collect,
    )
    .addOption(options.maxShardSize)
    .option(
      '--slice <pattern:dim=d:i/n>',
      'write only part i of n (from 0) along axis d of matching tensors (repeatable)',
      collect,
    )
    .option(
      '--rank <r>',
      'index of this process, from 0, among those that share the work ' +
        '(default: from srun, torchrun, MPI or Kubernetes; from a Slurm array with --world-size)',
      (text) => parseInteger('--rank', text, { min: 0 }),
    )
    .option('--world-size <w>', 'number of processes that share the work', (text) =>
      parseInteger('--world-size', text),
    )
    .option('--dry-run', 'print every tensor and write nothing')
    .option('--resume', 'hash every file that is present before continuing, including those of other ranks')
    .option('--force', 'replace another checkpoint: delete the files that its manifest or index names')
    .option(
      '--no-cache',
      'keep written files out of the page cache (Linux): often faster to write on a virtual machine, ' +
        'slower to load afterwards',
    )
    .addHelpText('after', HELP)
  addCommonOptions(command).action((model: string, flags: InitFlags) =>
    flags.dryRun ? runDryRun(model, flags) : runInit(model, flags, signal),
  )
}

async function runInit(model: string, flags: InitFlags, signal: AbortSignal): Promise<void> {
  const { out, seed, resume, force, cache, threads, backend } = flags
  const { rank, worldSize } = detectRank(process.env, flags)
  const progress = await createProgress('init', flags)
  let result: InitResult
  try {
    result = await init(model, {
      ...getPlanOptions(flags),
      out,
      seed,
      rank,
      worldSize,
      resume,
      force,
      cache,
      threads,
      backend,
      signal,
      onStart: progress.start,
      onProgress: progress.update,
    })
  } finally {
    progress.stop()
  }
  const { plan, ...rest } = result
  const { architecture, dtype, recipe, parameters, bytes } = plan
  await printResult(
    flags,
    () => ({ ...rest, architecture, dtype, recipe, parameters, bytes }),
    () => reportInit(result),
  )
}

async function runDryRun(model: string, flags: InitFlags): Promise<void> {
  const { seed } = flags
  const { plan, folder } = planSource(model, getPlanOptions(flags))
  const { parameters, bytes } = plan
  const memory = estimatePeakMemory(plan)
  const { paths, leftOut } = findAuxFiles(folder)
  const auxFiles = { copied: [...paths.keys()], leftOut }
  const files = plan.files.map(({ name, bytes }) => ({ name, bytes }))
  await printResult(
    flags,
    () => ({ seed, tensors: listTensorInfo(plan), parameters, bytes, files, ...auxFiles, ...memory }),
    () => reportPlan(plan, { seed, ...memory, ...auxFiles }),
  )
}

function getPlanOptions({ recipe, dtype, set, maxShardSize, slice }: InitFlags): InitOptions {
  return {
    recipe: recipe.endsWith('.json') ? (readJson(recipe) as object) : recipe,
    dtype,
    set,
    maxShardSize,
    slice,
  }
}
